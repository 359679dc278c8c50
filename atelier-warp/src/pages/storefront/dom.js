// DOM elements, created without HTML: text from the data is set as `textContent`.

const { dataset } = document.documentElement; // settings of the server

/** An element. `props`: `class`, `on` (listeners by event), `text`, properties of the element, else attributes. */
export function el(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (name === "on") for (const [event, act] of Object.entries(value)) node.addEventListener(event, act);
    else if (name === "class") node.className = value;
    else if (name === "text") node.textContent = value;
    else if (name in node && typeof value !== "string") node[name] = value;
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

/** Text by a visitor, with a text direction of its own. */
export const written = (tag, text, props = {}) => el(tag, { ...props, dir: "auto", text });

/** The request of a section, as a link to its response; as text if the request needs a token, which a link can't send. */
export function call(target) {
  const text = [el("b", { text: "GET" }), ` ${target}`];
  if ("token" in dataset || target === "/cart") return el("span", { class: "call" }, text);
  return el("a", { class: "call", href: target, target: "_blank", rel: "noopener" }, text);
}

export const button = (text, act, props = {}) =>
  el("button", { type: "button", class: "plain", on: { click: act }, ...props }, text);

// The number of lines depends on the width.
const widths = new ResizeObserver((changed) => {
  for (const { target } of changed) target.nextSibling.hidden = target.scrollHeight <= target.clientHeight + 1;
});

/** A text of any length; a long one is collapsed, with a button to expand it. */
export function words(tag, text) {
  const node = written(tag, text, { class: "words cut", tabindex: "-1" });
  const all = button("Show all", () => {
    widths.unobserve(node);
    node.className = "words";
    node.focus({ preventScroll: true }); // which the button had
    all.remove();
  }, { class: "uncut", hidden: true });
  widths.observe(node);
  return [node, all];
}

const DAY = new Intl.DateTimeFormat("en", { dateStyle: "long", timeZone: "UTC" });
export const day = (instant) =>
  el("time", { datetime: instant.slice(0, 10), text: DAY.format(new Date(instant)) });

const WHOLE = new Intl.NumberFormat("en");
export const whole = (number) => WHOLE.format(number);
export const many = (number, one, more = `${one}s`) => `${whole(number)} ${Number(number) === 1 ? one : more}`;

const MONEY = new Intl.NumberFormat("en", { style: "currency", currency: "USD" });
export const money = (text) => MONEY.format(Number(text));

/** Stars of a mean or a single rating. */
export function stars(value) {
  const node = el("span", { class: "stars", role: "img", "aria-label": `${Number(value.toFixed(1))} of 5 stars` });
  node.style.setProperty("--filled", `${value * 20}%`);
  return node;
}

/** Photos are arbitrary strings; only https: and data: URLs of images are loaded. */
function isPicture(url) {
  return typeof url === "string" && (/^data:image\//i.test(url) || (/^https:\/\//i.test(url) && URL.canParse(url)));
}

/** A picture, or a placeholder if there is none or it can't be loaded. */
export function picture(url, alt, props = {}) {
  const none = () => el("span", { class: "nopicture", ...(alt ? { role: "img", "aria-label": `${alt} (no picture)` } : {}) });
  if (!isPicture(url)) return none();
  const image = el("img", { alt, src: url, decoding: "async", ...props });
  image.addEventListener("error", () => image.replaceWith(none()));
  return image;
}

let hiding;
/** Shows a notification. */
export function toast(text) {
  const node = document.getElementById("toast");
  node.textContent = text;
  node.hidePopover?.();
  node.showPopover?.(); // above an open dialog
  node.classList.add("shown");
  clearTimeout(hiding);
  hiding = setTimeout(() => {
    node.classList.remove("shown");
    node.hidePopover?.();
  }, 6000);
}

/** An error with a retry button, which asks for the token if it was missing. */
export function trouble(error, again) {
  const text = error instanceof Error ? error.message : String(error);
  const label = error.status === 401 ? "Enter the token" : "Try again";
  return el("div", { class: "notice", role: "alert" }, el("p", { text }), again && button(label, again, { class: "secondary" }));
}

/** A view for a missing page, with a link back. */
export function absent(main, title, text, target) {
  document.title = `${title} · Atelier`;
  main.replaceChildren(
    el(
      "header",
      { class: "hero" },
      el("h1", { text: title, tabindex: "-1" }),
      el("p", { class: "lead", text }),
      target && call(target),
      el("p", {}, el("a", { href: "#/", text: "To the catalogue" })),
    ),
  );
}

// Whether the server is read-only: by its setting in the page, or after it has refused a write.
export const readOnly = () => "readOnly" in dataset;
const close = (node) => node.setAttribute("aria-disabled", "true");

/** A button that writes. On a read-only server it can still be focused, and explains that writes are disabled. */
export function writes(node) {
  node.dataset.writes = "";
  if (readOnly()) close(node);
  return node;
}

/** Disables all writes. */
export function onlyRead() {
  dataset.readOnly = "";
  document.querySelectorAll("[data-writes]").forEach(close);
}

addEventListener("click", (event) => {
  if (!readOnly() || !event.target.closest?.("[data-writes]")) return;
  event.preventDefault();
  event.stopPropagation();
  toast(document.querySelector(".closed").textContent);
}, true);

const keeping = (storage) => ({
  get(name) {
    try {
      return JSON.parse(storage().getItem(`atelier.${name}`));
    } catch {
      return null;
    }
  },
  set(name, value) {
    try {
      storage().setItem(`atelier.${name}`, JSON.stringify(value));
    } catch {
      // Storage is not available: nothing is saved.
    }
  },
});

/** Storage across visits, if it is available. */
export const kept = keeping(() => localStorage);

/** Storage of the tab. */
export const keptByTab = keeping(() => sessionStorage);
