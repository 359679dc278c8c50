// The catalogue: pages of products.

import { read } from "./api.js";
import { call, el, many, money, picture, stars, trouble, whole, written } from "./dom.js";

const COUNT = 12;

/** Mean and number of ratings, from the review metadata of a product. */
export function rated(figures) {
  const stars = Object.entries(figures.ratings).map(([star, count]) => [Number(star), Number(count)]);
  const number = stars.reduce((sum, [, count]) => sum + count, 0);
  const sum = stars.reduce((sum, [star, count]) => sum + star * count, 0);
  return { number, mean: number ? sum / number : 0 };
}

/** The style that is shown first: the default one, or the first. */
export const shownFirst = (styles) => styles.find((style) => style["default?"]) ?? styles[0];

/** The price of a style. */
export function price(original, sale) {
  if (!sale) return el("span", { class: "price", text: money(original) });
  return el(
    "span",
    { class: "price" },
    el("span", { class: "unseen", text: "Now " }),
    el("ins", { text: money(sale) }),
    " ",
    el("span", { class: "unseen", text: "instead of " }),
    el("del", { text: money(original) }),
  );
}

/** The card of a product. Picture, colours and rating are loaded by separate requests. */
export function card(product, signal, level = "h2") {
  const frame = el("div", { class: "frame loading" });
  const facts = el("p", { class: "facts" }, price(product.default_price, null));
  const node = el(
    "li",
    { class: "card" },
    frame,
    written("p", product.category, { class: "kicker" }),
    el(level, {}, written("a", product.name || `Product ${product.id}`, { href: `#/products/${product.id}` })),
    facts,
  );
  dress(product, frame, facts, signal).catch(() => frame.classList.remove("loading"));
  return node;
}

async function dress(product, frame, facts, signal) {
  const [{ value: styles }, { value: figures }] = await Promise.all([
    read(`/products/${product.id}/styles`, { signal }),
    read(`/reviews/meta?product_id=${product.id}`, { signal }),
  ]);
  frame.classList.remove("loading");
  const style = shownFirst(styles.results);
  frame.append(picture(style?.photos[0]?.url, ""));
  if (style) {
    if (style.photos[3]) frame.append(picture(style.photos[3].url, "", { class: "second" }));
    facts.replaceChildren(price(style.original_price, style.sale_price));
    if (style.sale_price) frame.append(el("span", { class: "flag", text: "Sale" }));
  }
  const { number, mean } = rated(figures);
  facts.append(number ? el("span", { class: "score" }, stars(mean), ` ${whole(number)}`, el("span", { class: "unseen", text: number === 1 ? " review" : " reviews" })) : "");
  if (styles.results.length > 1) facts.append(el("span", { class: "soft", text: many(styles.results.length, "style") }));
}

/** The page of the catalogue in the URL. */
export async function catalogue(main, signal, page) {
  const target = `/products?page=${page}&count=${COUNT}`;
  const title = el("h1", { text: "The catalogue", tabindex: "-1" });
  const lead = el("p", { class: "lead", text: "Loading…" });
  const list = el("ul", { class: "grid" }, Array.from({ length: COUNT }, placeholder));
  main.replaceChildren(el("header", { class: "hero" }, title, lead, call(target)), list);
  document.title = page > 1 ? `Page ${page} · Atelier` : "Atelier";
  let answer;
  try {
    answer = await read(target, { signal });
  } catch (error) {
    if (signal.aborted) return;
    lead.textContent = "";
    list.replaceWith(trouble(error, () => catalogue(main, signal, page)));
    return;
  }
  const total = answer.total ?? answer.value.length;
  lead.textContent = total
    ? `${many(total, "product")}, with styles, reviews, questions and answers.`
    : "There are no products yet.";
  list.replaceChildren(...answer.value.map((product) => card(product, signal)));
  if (!total) list.replaceWith(howToLoad());
  if (total && !answer.value.length) lead.textContent = "This page is past the end of the catalogue.";
  if (total > COUNT) list.after(pager(page, Math.ceil(total / COUNT)));
}

/** An empty catalogue, with instructions for the operator, who is likely to be the first to see it. */
const howToLoad = () =>
  el(
    "div",
    { class: "notice" },
    el("p", {}, "Load yours from CSV files, under the same --database-url: ", el("code", { text: "atelier-etl load ./csv" })),
    el("p", {}, "Or look at a demo first: start ", el("code", { text: "atelier" }), " without --database-url."),
  );

const placeholder = () => el("li", { class: "card", "aria-hidden": "true" }, el("div", { class: "frame loading" }));

/** Links to the neighbouring pages, the first and the last. */
function pager(page, last) {
  const numbers = new Set([1, page - 1, page, page + 1, last]);
  const near = [...numbers].filter((number) => number >= 1 && number <= last).sort((a, b) => a - b);
  const items = near.flatMap((number, place) => [
    place && number - near[place - 1] > 1 ? el("li", { class: "gap", "aria-hidden": "true", text: "…" }) : null,
    el("li", {}, link(number, whole(number), { "aria-label": `Page ${number}`, "aria-current": number === page && "page" })),
  ]);
  return el(
    "nav",
    { class: "pager", "aria-label": "Pages" },
    page > 1 ? link(Math.min(page - 1, last), "← Previous", { class: "step" }) : el("span"),
    el("ol", {}, items),
    page < last ? link(page + 1, "Next →", { class: "step" }) : el("span"),
  );
}

const link = (page, text, props) => el("a", { href: page > 1 ? `#/?page=${page}` : "#/", ...props }, text);
