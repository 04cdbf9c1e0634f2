// Show and hide a password, say when Caps Lock is on, and mask again before it is sent.
const mask = (button, shown, say = true) => {
  document.getElementById(button.getAttribute("aria-controls")).type = shown ? "text" : "password";
  button.setAttribute("aria-pressed", shown);
  const status = button.parentElement.querySelector("[data-reveal-status]");
  if (say) status.textContent = shown ? button.dataset.shown : button.dataset.hidden;
};

for (const button of document.querySelectorAll("[data-reveal]")) {
  const input = document.getElementById(button.getAttribute("aria-controls"));
  const caps = document.getElementById(`${input.id}-caps`);
  const look = (event) => {
    const on = event.getModifierState?.("CapsLock") ?? false;
    const text = on ? caps.dataset.text : "";
    if (caps.textContent !== text) caps.textContent = text;
  };
  button.parentElement.classList.add("control--reveal");
  button.hidden = false;
  button.addEventListener("click", () => mask(button, input.type === "password"));
  input.addEventListener("keydown", look);
  input.addEventListener("keyup", look);
  input.addEventListener("blur", () => (caps.textContent = ""));
  input.form.addEventListener("submit", () => mask(button, false, false));
  addEventListener("pageshow", () => mask(button, false, false));
}
