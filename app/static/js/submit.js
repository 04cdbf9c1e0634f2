// Busy state for plain forms: one submission at a time, and back to rest when the page is shown again.
const busy = new Map();

addEventListener("submit", (event) => {
  const form = event.target;
  if (form.hasAttribute("hx-post")) return;
  if (busy.has(form)) return event.preventDefault();
  if (event.defaultPrevented) return;
  const button = event.submitter?.closest(".button") ?? form.querySelector(".button:not([type=button])");
  if (!button) return busy.set(form);
  const label = button.querySelector(".button__label") ?? button;
  busy.set(form, { button, label, text: label.textContent });
  button.style.minInlineSize = `${button.offsetWidth}px`;
  button.setAttribute("aria-busy", "true");
  button.setAttribute("aria-disabled", "true");
  if (button.dataset.busy) label.textContent = button.dataset.busy;
});

addEventListener("pageshow", () => {
  for (const state of busy.values()) {
    if (!state) continue;
    state.label.textContent = state.text;
    state.button.style.minInlineSize = "";
    state.button.removeAttribute("aria-busy");
    state.button.removeAttribute("aria-disabled");
  }
  busy.clear();
});
