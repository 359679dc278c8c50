// The bag: the cart of this browser's token in the API.

import { interaction, posting, read } from "./api.js";
import { dialog, light } from "./dialogs.js";
import { call, el, kept, many, money, picture, trouble, whole, written } from "./dom.js";

// The cart contains only SKU ids, and the API has no lookup by SKU: the browser stores the products of the SKUs it has shown.
const known = new Map();

/** Stores the product of each SKU of a style. */
export function remember(product, style, skus) {
  for (const [id, sku] of skus) {
    known.set(Number(id), {
      product: product.id,
      name: product.name,
      style: style.name,
      size: sku.size,
      price: style.sale_price ?? style.original_price,
    });
  }
}

const names = () => new Map(kept.get("bag") ?? []);

const lost = new Map(); // by SKU: requests without a response, which are repeated with the same key

/** Adds one unit to the bag. */
export async function add(sku) {
  const send = lost.get(sku) ?? posting("/cart");
  lost.delete(sku);
  try {
    await send({ sku_id: sku });
  } catch (error) {
    lost.set(sku, send);
    throw error;
  }
  if (known.has(sku)) kept.set("bag", [...names().set(sku, known.get(sku))].slice(-200));
  interaction("#add-to-bag", "product");
  await count().catch(() => {}); // the unit was added, even if the count can't be loaded
}

const pieces = (lines) => lines.reduce((sum, line) => sum + Number(line.count), 0);

function tell(lines) {
  const number = pieces(lines);
  document.getElementById("bag-unit").textContent = number === 1 ? " piece" : " pieces";
  document.getElementById("bag-count").textContent = whole(number);
}

/** Shows the number of units in the bag. */
export async function count() {
  const { value } = await read("/cart", { own: true });
  tell(value);
}

/** Opens the bag. */
export function openBag() {
  const content = el("div", { class: "lines" }, el("p", { class: "soft", text: "Loading…" }));
  const node = light(dialog("Your bag", content, { class: "drawer" }));
  const load = async () => {
    try {
      const { value } = await read("/cart", { own: true });
      tell(value);
      draw(content, value, () => node.close());
    } catch (error) {
      content.replaceChildren(trouble(error, load));
    }
  };
  load();
}

function draw(content, lines, close) {
  if (!lines.length) {
    content.replaceChildren(el("p", { class: "empty", text: "Nothing in it yet." }), call("/cart"));
    return;
  }
  const bought = names();
  let sum = 0;
  const items = lines.map(({ sku_id: sku, count }) => {
    const item = bought.get(sku);
    const number = Number(count);
    if (!item) {
      sum = NaN;
      return el("li", {}, el("b", { text: `SKU ${sku}` }), el("span", { text: many(number, "piece") }));
    }
    sum += number * Number(item.price);
    return el(
      "li",
      {},
      el("div", {}, written("a", item.name, { href: `#/products/${item.product}`, on: { click: close } }), written("small", `${item.style}, ${item.size}`)),
      el("span", { text: `${whole(number)} × ${money(item.price)}` }),
    );
  });
  content.replaceChildren(
    el("ul", {}, items),
    Number.isNaN(sum) ? "" : el("p", { class: "sum" }, el("span", { text: many(pieces(lines), "piece") }), el("b", { text: money(sum) })),
    el("p", { class: "soft", text: "The API has no checkout, so this is where the tour ends." }),
    call("/cart"),
  );
}
