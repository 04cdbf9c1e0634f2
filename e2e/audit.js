// What can be told of a page by looking at it: returns sentences about what is wrong, none where nothing is.
() => {
  // A change of looks may still be on its way, and one that ends may set off those that inherit from it.
  const changes = () => document.getAnimations().filter((change) => change instanceof CSSTransition);
  for (let round = 0, found = changes(); found.length && round < 30; round++, found = changes())
    for (const change of found) change.finish();
  const wrong = [];
  const say = (what, element) => wrong.push(element ? `${what}: ${describe(element)}` : what);
  const describe = (element) =>
    `<${[element.localName, element.id && `id=${element.id}`, element.getAttribute("class")].filter(Boolean).join(" ")}> ` +
    (element.textContent ?? "").trim().replace(/\s+/g, " ").slice(0, 40);
  // What is asked for more than once is worked out once.
  const once = (work) => {
    const known = new Map();
    return (of) => (known.has(of) ? known : known.set(of, work(of))).get(of);
  };
  const style = once((element) => getComputedStyle(element));
  const all = (selector) => [...document.querySelectorAll(selector)].filter((element) => element.checkVisibility());
  const hiddenVisually = (element) => element.closest(".visually-hidden") !== null;

  // Colours, through a canvas: computed styles speak oklab, color() and more.
  const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  const rgba = once((colour) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  });
  const over = (top, ground) => [0, 1, 2].map((i) => top[i] * top[3] + ground[i] * (1 - top[3])).concat(1);
  const groundOf = once((element) => {
    if (!element) return [255, 255, 255, 1];
    const own = rgba(style(element).backgroundColor);
    return own[3] === 1 ? own : over(own, groundOf(element.parentElement));
  });
  const luminance = (colour) => {
    const [r, g, b] = colour.map((value) => {
      const share = value / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (one, other) => {
    const [bright, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a);
    return (bright + 0.05) / (dark + 0.05);
  };

  // The page as a whole.
  const root = document.documentElement;
  if (!root.lang) say("no lang");
  if (!["ltr", "rtl"].includes(root.dir)) say("no dir");
  if (!document.title.includes(" - ")) say(`title without a site: ${document.title}`);
  if (all("h1").length !== 1) say(`${all("h1").length} h1`);
  if (all("main").length !== 1) say(`${all("main").length} main`);
  if (document.scrollingElement.scrollWidth > innerWidth) {
    say(`scrolls sideways: ${document.scrollingElement.scrollWidth} > ${innerWidth}`);
    for (const element of all("body *")) {
      const box = element.getBoundingClientRect();
      if ((box.right > innerWidth + 1 || box.left < -1) && !hiddenVisually(element)) say("sticks out", element);
    }
  }
  const levels = all("h1, h2, h3, h4, h5, h6").map((heading) => +heading.localName[1]);
  levels.forEach((level, i) => {
    if (i && level > levels[i - 1] + 1) say(`h${level} after h${levels[i - 1]}`);
  });
  const ids = [...document.querySelectorAll("[id]")].map((element) => element.id);
  for (const id of new Set(ids.filter((id, i) => ids.indexOf(id) !== i))) say(`id ${id} twice`);
  for (const attribute of ["aria-describedby", "aria-labelledby", "aria-controls", "for"])
    for (const element of document.querySelectorAll(`[${attribute}]`))
      for (const id of element.getAttribute(attribute).split(" "))
        if (!document.getElementById(id)) say(`${attribute} names ${id}, which is not there`, element);

  // Names.
  const named = (element) =>
    element.getAttribute("aria-label") || element.getAttribute("aria-labelledby") || element.textContent.trim();
  for (const field of all("input:not([type=hidden]), select, textarea")) {
    if (!field.labels?.length && !field.getAttribute("aria-label")) say("no label", field);
    if (!field.autocomplete && field.type !== "checkbox") say("no autocomplete", field);
  }
  for (const element of all("a[href], button, summary")) if (!named(element)) say("no name", element);
  for (const image of all("img:not([alt]), svg:not([aria-hidden])")) say("no alternative", image);
  const links = all("main a[href]").filter((link) => !link.closest("nav")).map((link) => named(link));
  for (const name of new Set(links.filter((name, i) => links.indexOf(name) !== i))) say(`two links named ${name}`);

  // Sizes: WCAG 2.2, 2.5.8; links within a sentence are exempt.
  for (const target of all("a[href], button, input:not([type=hidden]), select, textarea, summary")) {
    if (hiddenVisually(target)) continue;
    const inSentence = target.localName === "a" && target.parentElement.closest("p, li")?.textContent.trim() !== target.textContent.trim();
    const box = (target.closest("label") ?? target).getBoundingClientRect();
    if (!inSentence && (box.width < 24 || box.height < 24)) say(`small target ${box.width} x ${box.height}`, target);
  }
  for (const field of all("input:not([type=hidden], [type=checkbox]), select, textarea")) {
    if (parseFloat(style(field).fontSize) < 16) say("iOS would zoom", field);
    const edge = rgba(style(field).borderTopColor);
    const ratio = contrast(over(edge, groundOf(field.parentElement)), groundOf(field.parentElement));
    if (ratio < 3) say(`border ${ratio.toFixed(2)}:1`, field);
  }

  // Contrast of every text that is seen.
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.textContent.trim() || !element.checkVisibility() || hiddenVisually(element)) continue;
    if (element.closest("noscript, script, style")) continue;
    const ground = groundOf(element);
    const ratio = contrast(over(rgba(style(element).color), ground), ground);
    const large = parseFloat(style(element).fontSize) >= 24;
    if (ratio < (large ? 3 : 4.5)) say(`text ${ratio.toFixed(2)}:1`, element);
    if (style(element).textOverflow === "ellipsis") continue;
    const range = document.createRange();
    range.selectNodeContents(walker.currentNode);
    const box = range.getBoundingClientRect();
    if (box.right > innerWidth + 1 || box.left < -1) say("text cut off", element);
  }
  return [...new Set(wrong)];
}
