// A product: styles, photos, the button that adds it to the bag, reviews and questions.

import { read } from "./api.js";
import { add, remember } from "./bag.js";
import { absent, call, el, many, picture, stars, trouble, writes, written } from "./dom.js";
import { card, price, rated, shownFirst } from "./catalogue.js";
import { lightbox } from "./dialogs.js";
import { questions } from "./questions.js";
import { reviews } from "./reviews.js";

export async function productPage(main, signal, id) {
  main.replaceChildren(el("p", { class: "lead loadingline", text: "Loading…" }));
  try {
    const product = await read(`/products/${id}`, { signal }); // first, as nothing else is requested for a missing product
    const [styles, figures] = await Promise.all(
      [`/products/${id}/styles`, `/reviews/meta?product_id=${id}`].map((path) => read(path, { signal })),
    );
    draw(main, signal, product.value, styles.value.results, figures.value);
  } catch (error) {
    if (signal.aborted) return;
    // The API answers 422 to an invalid id.
    if ([404, 422].includes(error.status)) {
      absent(main, "There is no such product", `No product has the number ${id}.`, `/products/${id}`);
      return;
    }
    document.title = "Atelier";
    const title = el("h1", { text: "This product can’t be shown", tabindex: "-1" });
    main.replaceChildren(el("header", { class: "hero" }, title), trouble(error, () => productPage(main, signal, id)));
  }
}

function draw(main, signal, product, styles, figures) {
  document.title = `${product.name} · Atelier`;
  const [gallery, offer] = choice(product, styles);
  const score = el(
    "button",
    { type: "button", class: "score plain", on: { click: () => opinions.querySelector("h2").scrollIntoView() } },
  );
  const tell = (figures) => {
    const { number, mean } = rated(figures);
    score.replaceChildren(...(number ? [stars(mean), ` ${mean.toFixed(1)} · ${many(number, "review")}`] : ["No reviews yet"]));
  };
  tell(figures);
  const opinions = reviews(product, figures, signal, tell);
  main.replaceChildren(
    el(
      "nav",
      { class: "crumbs", "aria-label": "Breadcrumb" },
      el("a", { href: "#/", text: "Catalogue" }),
      written("span", product.category),
    ),
    el(
      "article",
      { class: "product" },
      gallery,
      el(
        "div",
        { class: "about" },
        written("h1", product.name || `Product ${product.id}`, { tabindex: "-1" }),
        written("p", product.slogan, { class: "slogan" }),
        score,
        offer,
        written("p", product.description, { class: "description" }),
        features(product.features),
        call(`/products/${product.id}`),
      ),
    ),
    opinions,
    questions(product, signal),
    related(product, signal),
  );
}

function features(list) {
  if (!list.length) return null;
  return el(
    "dl",
    { class: "features" },
    list.map(({ feature, value }) =>
      el("div", { class: value === null && "whole" }, written("dt", feature), value !== null && written("dd", value)),
    ),
  );
}

/** The gallery, and the choice of style and size. */
function choice(product, styles) {
  const gallery = el("section", { class: "gallery", "aria-label": "Photos" });
  const cost = el("p", { class: "cost" });
  const named = written("span", "", { class: "chosen" });
  const sizes = el("fieldset", { class: "sizes" });
  const offer = el("div", { class: "offer" }, cost);
  if (!styles.length) {
    cost.append(price(product.default_price, null));
    gallery.append(el("div", { class: "frame" }, picture(null, product.name)));
    return [gallery, offer];
  }
  const choose = (style) => {
    cost.replaceChildren(price(style.original_price, style.sale_price));
    if (style.sale_price) cost.append(el("span", { class: "flag", text: "Sale" }));
    named.textContent = style.name;
    show(gallery, product, style);
    stock(sizes, product, style);
  };
  const first = shownFirst(styles);
  const swatches = styles.map((style) =>
    el(
      "label",
      { class: "swatch" },
      el("input", { type: "radio", name: "style", checked: style === first, "aria-label": style.name, on: { change: () => choose(style) } }),
      picture(style.photos[0]?.thumbnail_url ?? style.photos[0]?.url, ""),
    ),
  );
  offer.append(
    el("fieldset", { class: "styles" }, el("legend", {}, `${many(styles.length, "style")}: `, named), swatches),
    sizes,
  );
  choose(first);
  return [gallery, offer];
}

/** The photos of a style: one large, and all as thumbnails. */
function show(gallery, product, style) {
  const photos = style.photos.filter((photo) => photo.url);
  const alt = (place) => `${product.name}, ${style.name}, photo ${place + 1} of ${photos.length}`;
  const large = el("button", { type: "button", class: "frame large", "aria-haspopup": "dialog" });
  let shown = 0;
  const thumbs = photos.map((photo, place) =>
    el(
      "button",
      { type: "button", class: "thumb", "aria-label": `Photo ${place + 1}`, on: { click: () => turn(place) } },
      picture(photo.thumbnail_url ?? photo.url, ""),
    ),
  );
  const turn = (place) => {
    shown = place;
    large.replaceChildren(picture(photos[place]?.url ?? null, photos.length ? alt(place) : product.name));
    thumbs.forEach((thumb, other) => thumb.setAttribute("aria-pressed", String(other === place)));
  };
  large.addEventListener("click", () => {
    if (photos.length) lightbox(photos.map((photo) => photo.url), shown, alt);
  });
  turn(0);
  gallery.replaceChildren(large, photos.length > 1 ? el("div", { class: "thumbs" }, thumbs) : "");
}

/** The sizes of a style, and the button that adds one to the bag. */
function stock(sizes, product, style) {
  const skus = Object.entries(style.skus).filter(([, sku]) => sku.size !== null);
  remember(product, style, skus);
  let chosen = skus.length === 1 ? skus[0][0] : null; // a single size is preselected
  const hint = el("p", { class: "hint", role: "status" });
  const say = (text) => (hint.textContent = text);
  const put = writes(el("button", { type: "button", class: "primary", text: "Add to bag" }));
  put.addEventListener("click", async () => {
    if (chosen === null) {
      say("Choose a size first.");
      sizes.querySelector("input:enabled")?.focus();
      return;
    }
    put.disabled = true;
    try {
      await add(Number(chosen));
      say("It is in your bag.");
    } catch (error) {
      say(error.message);
    }
    put.disabled = false;
    put.focus();
  });
  const choices = skus.map(([id, sku]) =>
    el(
      "label",
      { class: "size" },
      el("input", {
        type: "radio",
        name: "size",
        disabled: sku.quantity < 1,
        checked: id === chosen,
        on: {
          change: () => {
            chosen = id;
            say(sku.quantity < 6 ? `Only ${sku.quantity} left.` : "");
          },
        },
      }),
      written("span", sku.size),
    ),
  );
  const none = !skus.some(([, sku]) => sku.quantity > 0);
  put.disabled = none;
  if (none) put.textContent = "Sold out";
  sizes.replaceChildren(el("legend", { text: "Size" }), el("div", { class: "choices" }, choices), put, hint);
}

/** Related products. */
function related(product, signal) {
  const list = el("ul", { class: "grid strip" });
  const target = `/products/${product.id}/related`;
  const section = el("section", { class: "related" }, el("h2", { text: "Goes with it" }), call(target), list);
  const load = async () => {
    const { value } = await read(target, { signal });
    const ids = [...new Set(value)].filter((id) => id !== product.id).slice(0, 6);
    const found = await Promise.allSettled(ids.map((id) => read(`/products/${id}`, { signal })));
    const cards = found.filter((one) => one.status === "fulfilled").map((one) => card(one.value.value, signal, "h3"));
    if (cards.length) list.replaceChildren(...cards);
    else section.remove();
  };
  load().catch((error) => signal.aborted || list.replaceWith(trouble(error)));
  return section;
}
