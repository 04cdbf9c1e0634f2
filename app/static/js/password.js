// Show and hide a password, say when Caps Lock is on, and mask again before it is sent.
for (const button of document.querySelectorAll("[data-reveal]")) {
  const input = document.getElementById(button.getAttribute("aria-controls"));
  const caps = document.getElementById(`${input.id}-caps`);
  const status = button.parentElement.querySelector("[data-reveal-status]");
  const mask = (shown, say) => {
    input.type = shown ? "text" : "password";
    button.setAttribute("aria-pressed", shown);
    if (say) status.textContent = shown ? button.dataset.shown : button.dataset.hidden;
  };
  const look = (event) => {
    const text = event.getModifierState?.("CapsLock") ? caps.dataset.text : "";
    if (caps.textContent !== text) caps.textContent = text;
  };
  button.parentElement.classList.add("control--reveal");
  button.hidden = false;
  button.addEventListener("click", () => mask(input.type === "password", true));
  for (const type of ["keydown", "keyup"]) input.addEventListener(type, look);
  input.addEventListener("blur", () => (caps.textContent = ""));
  input.form.addEventListener("submit", () => mask(false));
  addEventListener("pageshow", () => mask(false));
}
