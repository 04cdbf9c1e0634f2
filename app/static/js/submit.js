// Busy state for plain forms: one submission at a time, and back to rest when the page is shown again.
const busy = new Map();
const BUSY = ["aria-busy", "aria-disabled"];

addEventListener("submit", (event) => {
  const form = event.target;
  if (form.hasAttribute("hx-post")) return;
  if (busy.has(form)) return event.preventDefault();
  if (event.defaultPrevented) return;
  const button = event.submitter?.closest(".button") ?? form.querySelector(".button:not([type=button])");
  if (!button) return busy.set(form, {});
  const label = button.querySelector(".button__label") ?? button;
  busy.set(form, { button, label, text: label.textContent });
  button.style.minInlineSize = `${button.offsetWidth}px`;
  for (const name of BUSY) button.setAttribute(name, "true");
  if (button.dataset.busy) label.textContent = button.dataset.busy;
});

addEventListener("pageshow", () => {
  for (const { button, label, text } of busy.values()) {
    if (!button) continue;
    label.textContent = text;
    button.style.minInlineSize = "";
    for (const name of BUSY) button.removeAttribute(name);
  }
  busy.clear();
});
