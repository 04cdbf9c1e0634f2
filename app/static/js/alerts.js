// An old alert goes with the next htmx request; one that fails says so.
const show = (...nodes) => document.getElementById("alert")?.replaceChildren(...nodes);

addEventListener("htmx:before:request", () => show());
addEventListener("htmx:error", () => {
  const box = Object.assign(document.createElement("p"), { className: "summary", role: "alert" });
  box.textContent = "We could not reach the server. Please try again.";
  show(box);
});
