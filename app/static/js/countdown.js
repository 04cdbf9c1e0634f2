// Counts down where [data-countdown] says how many seconds are left. The server decides all the same.
const words = (seconds) => {
  const part = (value, unit) =>
    new Intl.NumberFormat(document.documentElement.lang, { style: "unit", unit, unitDisplay: "long" }).format(value);
  const [minutes, rest] = [Math.floor(seconds / 60), seconds % 60];
  return [minutes && part(minutes, "minute"), (rest || !minutes) && part(rest, "second")].filter(Boolean).join(" ");
};

const start = (root) => {
  const end = Date.now() + 1000 * root.dataset.countdown;
  const find = (name) => root.querySelector(`[data-countdown-${name}]`);
  const [button, waiting, left, status] = ["button", "waiting", "left", "status"].map(find);
  root.removeAttribute("data-countdown");
  button?.setAttribute("aria-disabled", "true");
  let told = Infinity;
  const tick = () => {
    if (!root.isConnected) return;
    const seconds = Math.max(0, Math.ceil((end - Date.now()) / 1000));
    if (seconds) {
      left.textContent = words(seconds);
      // The first words are on the page already; after that, one announcement every ten seconds.
      if (told === Infinity) told = seconds;
      if (told - seconds >= 10) {
        told = seconds;
        status.textContent = waiting.textContent.trim();
      }
      return setTimeout(tick, 1000 - ((Date.now() - end) % 1000 + 1000) % 1000);
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
    const button = type === "click" ? event.target.closest?.("[data-countdown-button]") : event.submitter;
    if (button?.matches("[data-countdown-button][aria-disabled=true]")) {
      event.preventDefault();
      event.stopImmediatePropagation();
    }
  }, true);

document.addEventListener("htmx:after:swap", scan);
scan();
