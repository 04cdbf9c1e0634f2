// Counts down where [data-countdown] says how many seconds are left. The server decides all the same.
const say = (value, unit) =>
  value ? value.toLocaleString(document.documentElement.lang, { style: "unit", unit, unitDisplay: "long" }) : "";
const words = (seconds) => `${say(Math.floor(seconds / 60), "minute")} ${say(seconds % 60, "second")}`.trim();

const start = (root) => {
  const end = Date.now() + 1000 * root.dataset.countdown;
  const [button, waiting, left, status] = ["button", "waiting", "left", "status"].map((name) =>
    root.querySelector(`[data-countdown-${name}]`));
  root.removeAttribute("data-countdown");
  button?.setAttribute("aria-disabled", "true");
  let told;
  const tick = () => {
    if (!root.isConnected) return;
    const seconds = Math.ceil((end - Date.now()) / 1000);
    if (seconds > 0) {
      left.textContent = words(seconds);
      // The first words are on the page already; after that, one announcement every ten seconds.
      told ??= seconds;
      if (told - seconds >= 10) {
        told = seconds;
        status.textContent = waiting.textContent.trim();
      }
      return setTimeout(tick, (end - Date.now()) % 1000 || 1000);
    }
    waiting.hidden = true;
    status.textContent = status.dataset.done;
    button?.removeAttribute("aria-disabled");
  };
  tick();
};

const scan = () => {
  for (const root of document.querySelectorAll("[data-countdown]")) if (+root.dataset.countdown > 0) start(root);
};

// A waiting button keeps its focus, so the click and the submission are stopped here, before htmx hears of them.
for (const type of ["click", "submit"])
  addEventListener(type, (event) => {
    const button = event.submitter ?? event.target.closest?.("[data-countdown-button]");
    if (!button?.matches("[data-countdown-button][aria-disabled=true]")) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  }, true);

document.addEventListener("htmx:after:swap", scan);
scan();
