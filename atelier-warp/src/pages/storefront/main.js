// Which view the address asks for. Addresses are behind `#`, so that the server need know no more than `/`.

import { person } from "./api.js";
import { count, openBag } from "./bag.js";
import { catalogue } from "./catalogue.js";
import { askToken } from "./dialogs.js";
import { productPage } from "./product.js";

const main = document.getElementById("main");
let view = new AbortController();
let first = true;

async function show() {
  const address = location.hash;
  if (address && !address.startsWith("#/")) return;
  view.abort();
  view = new AbortController();
  const { signal } = view;
  document.querySelectorAll("dialog").forEach((dialog) => dialog.close());
  const product = /^#\/products\/(\d+)$/.exec(address);
  const page = Number(/^#\/\?page=(\d{1,9})$/.exec(address)?.[1] ?? 1);
  if (!first) scrollTo(0, 0);
  await (product ? productPage(main, signal, product[1]) : catalogue(main, signal, Math.max(1, page)));
  // Who reads by ear hears where they are now.
  if (!first && !signal.aborted) main.querySelector("h1")?.focus({ preventScroll: true });
  first = false;
}

person.token = askToken;
document.getElementById("bag").addEventListener("click", openBag);
document.getElementById("skip").addEventListener("click", (event) => {
  event.preventDefault();
  main.focus();
});
addEventListener("hashchange", show);
show();
count().catch(() => {});
