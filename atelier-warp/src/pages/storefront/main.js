// Chooses the view by the URL. Routes are in the fragment, so the server needs only `/`.

import { person } from "./api.js";
import { count, openBag } from "./bag.js";
import { catalogue } from "./catalogue.js";
import { askToken } from "./dialogs.js";
import { absent } from "./dom.js";
import { productPage } from "./product.js";

const main = document.getElementById("main");
let view = new AbortController();
let first = true;

async function show() {
  const address = location.hash;
  view.abort();
  view = new AbortController();
  const { signal } = view;
  document.querySelectorAll("dialog").forEach((dialog) => dialog.close());
  const product = /^#\/products\/(\d+)\/?$/.exec(address);
  const list = /^(?:#?|#\/(?:\?page=(0*[1-9]\d{0,8}))?)$/.exec(address);
  if (!first) scrollTo(0, 0);
  if (product) await productPage(main, signal, product[1]);
  else if (list) await catalogue(main, signal, Number(list[1] ?? 1));
  else absent(main, "There is nothing here", "The address leads to no product, and to no page of the catalogue.");
  // Announces the new view to screen readers.
  if (!first && !signal.aborted) main.querySelector("h1")?.focus({ preventScroll: true });
  first = false;
}

let counted = false;
const recount = () => count().then(() => (counted = true), () => {});

person.token = askToken;
person.admitted = () => counted || recount();
document.getElementById("bag").addEventListener("click", openBag);
document.getElementById("skip").addEventListener("click", (event) => {
  event.preventDefault();
  main.focus();
});
addEventListener("hashchange", show);
show();
recount();
