// Copy and print buttons: shown only where they work.
const reveal = () => {
  for (const button of document.querySelectorAll("[data-print]")) button.hidden = false;
  for (const button of document.querySelectorAll("[data-copy]")) button.hidden = !navigator.clipboard;
};

document.addEventListener("click", async (event) => {
  if (event.target.closest("[data-print]")) return print();
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent.trim());
  const status = button.parentElement.querySelector("[role=status]");
  status.textContent = button.dataset.copied;
  setTimeout(() => (status.textContent = ""), 3000);
});

document.addEventListener("htmx:after:swap", reveal);
reveal();
