// Elements, made without markup: whatever text comes from the data is set as text.

const { dataset } = document.documentElement; // what the server says of itself

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

/** What somebody wrote: its direction is its own and touches nothing beside it. */
export const written = (tag, text, props = {}) => el(tag, { ...props, dir: "auto", text });

/** What a request was, as a link to its answer. No link carries a token, or says whose bag it is: then it is text. */
export function call(target) {
  const text = [el("b", { text: "GET" }), ` ${target}`];
  if ("token" in dataset || target === "/cart") return el("span", { class: "call" }, text);
  return el("a", { class: "call", href: target, target: "_blank", rel: "noopener" }, text);
}

export const button = (text, act, props = {}) =>
  el("button", { type: "button", class: "plain", on: { click: act }, ...props }, text);

// How many lines a text has depends on how wide it is.
const widths = new ResizeObserver((changed) => {
  for (const { target } of changed) target.nextSibling.hidden = target.scrollHeight <= target.clientHeight + 1;
});

/** A text of any length: where it is long, the rest of it comes when it is asked for. */
export function words(tag, text) {
  const node = written(tag, text, { class: "words cut", tabindex: "-1" });
  const all = button("Show all", () => {
    widths.unobserve(node);
    node.className = "words";
    node.focus({ preventScroll: true }); // the button had it
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

/** Stars for a mean, or for one rating. */
export function stars(value) {
  const node = el("span", { class: "stars", role: "img", "aria-label": `${Number(value.toFixed(1))} of 5 stars` });
  node.style.setProperty("--filled", `${value * 20}%`);
  return node;
}

/** Photos are any text; only what can be a picture from elsewhere, or one that is written out, is asked for. */
function isPicture(url) {
  return typeof url === "string" && (/^data:image\//i.test(url) || (/^https:\/\//i.test(url) && URL.canParse(url)));
}

/** A picture, or an empty place where there is none or it can't be had. */
export function picture(url, alt, props = {}) {
  const none = () => el("span", { class: "nopicture", ...(alt ? { role: "img", "aria-label": `${alt} (no picture)` } : {}) });
  if (!isPicture(url)) return none();
  const image = el("img", { alt, src: url, decoding: "async", ...props });
  image.addEventListener("error", () => image.replaceWith(none()));
  return image;
}

let hiding;
/** Says something in passing. */
export function toast(text) {
  const node = document.getElementById("toast");
  node.textContent = text;
  node.hidePopover?.();
  node.showPopover?.(); // above a dialog that is open
  node.classList.add("shown");
  clearTimeout(hiding);
  hiding = setTimeout(() => {
    node.classList.remove("shown");
    node.hidePopover?.();
  }, 6000);
}

/** A trouble, with a way to try again: where a token is missing, it is asked for once more. */
export function trouble(error, again) {
  const text = error instanceof Error ? error.message : String(error);
  const label = error.status === 401 ? "Enter the token" : "Try again";
  return el("div", { class: "notice", role: "alert" }, el("p", { text }), again && button(label, again, { class: "secondary" }));
}

/** A view of nothing: what is not there, and the way back. */
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

// Whether the server takes nothing: it says so in the page, or by refusing the first thing that is written.
export const readOnly = () => "readOnly" in dataset;
const close = (node) => node.setAttribute("aria-disabled", "true");

/** A button that writes. It can still be reached where nothing can be written, and tells why. */
export function writes(node) {
  node.dataset.writes = "";
  if (readOnly()) close(node);
  return node;
}

/** From now on nothing can be written. */
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
      // Nothing is kept, then.
    }
  },
});

/** What the browser keeps between visits, if it lets us. */
export const kept = keeping(() => localStorage);

/** What it keeps for as long as the tab is open. */
export const keptByTab = keeping(() => sessionStorage);
