// Dialogs. The browser traps the focus and restores it after closing.

import { put } from "./api.js";
import { button, el, picture, toast, writes } from "./dom.js";

let last = 0;
/** An id for an element that another one references. */
export const name = () => `n${++last}`;

/** Opens a dialog with this heading, and removes it after closing. */
export function dialog(title, content, props = {}) {
  const label = name();
  const close = el("button", { type: "button", class: "close", "aria-label": "Close", on: { click: () => node.close() } }, "×");
  const node = el(
    "dialog",
    { "aria-labelledby": label, ...props },
    el("div", { class: "sheet" }, el("div", { class: "head" }, el("h2", { id: label, text: title }), close), content),
  );
  node.addEventListener("close", () => node.remove());
  document.body.append(node);
  node.showModal();
  return node;
}

/** Closes a dialog on a click outside of it; not for forms, whose input would be lost. */
export function light(node) {
  node.addEventListener("click", (event) => event.target === node && node.close());
  return node;
}

/** A viewer of large photos, one at a time. */
export function lightbox(urls, place, alt) {
  const frame = el("div", { class: "shown" });
  const caption = el("p", { class: "soft", role: "status" });
  const turn = (by) => {
    place = (place + by + urls.length) % urls.length;
    frame.replaceChildren(picture(urls[place], alt(place)));
    caption.textContent = alt(place);
  };
  const steps = urls.length > 1 && [
    button("←", () => turn(-1), { class: "secondary", "aria-label": "Previous photo" }),
    button("→", () => turn(1), { class: "secondary", "aria-label": "Next photo" }),
  ];
  const node = dialog("Photos", [frame, el("div", { class: "steps" }, caption, steps || [])], { class: "lightbox" });
  node.addEventListener("keydown", ({ key }) => {
    if (urls.length > 1 && key === "ArrowLeft") turn(-1);
    if (urls.length > 1 && key === "ArrowRight") turn(1);
  });
  turn(0);
  light(node);
}

const reported = new Set();
/** Whether this browser has reported the item at this path. Another server may return it from its cache for a second. */
export const hidden = (path) => reported.has(path);

/** The button that reports its item. */
export const report = (what, path, refresh) =>
  writes(button("Report", ({ currentTarget }) => {
    const node = currentTarget.closest(".answer, .entry");
    askToReport(what, async () => {
      await put(path);
      reported.add(path);
      node.remove(); // even if the list can't be reloaded
      await refresh();
    });
  }, { "aria-haspopup": "dialog" }));

/** Asks for confirmation before reporting an item, which hides it permanently. */
function askToReport(what, act) {
  const said = el("p", { class: "fault", role: "alert" });
  const go = writes(button(`Report this ${what}`, async () => {
    go.disabled = true;
    try {
      await act();
      node.close();
      document.getElementById("main").focus({ preventScroll: true }); // the focused element was removed
      toast(`The ${what} is hidden.`);
    } catch (error) {
      said.textContent = error.message;
      go.disabled = false;
    }
  }, { class: "primary" }));
  const node = light(
    dialog(`Report this ${what}?`, [
      el("p", { text: "It is hidden from everybody, at once and for good." }),
      said,
      el("div", { class: "ends" }, button("Keep it", () => node.close(), { class: "secondary" }), go),
    ]),
  );
}

/** Asks for the token that the server requires, again after one was refused. Resolves to nothing if none is entered. */
export function askToken(refused) {
  return new Promise((resolve) => {
    const [label, said] = [name(), name()];
    const field = el("input", { id: label, type: "password", autocomplete: "off", required: true, "aria-describedby": said });
    const form = el(
      "form",
      { class: "form" },
      el("p", { text: "This server answers only who has a token. It is kept until this tab is closed." }),
      el("p", { class: "fault", id: said, role: "alert", text: refused ? "That token is not accepted. Is it complete?" : "" }),
      el("div", { class: "field" }, el("label", { for: label, text: "Token" }), field),
      el("div", { class: "ends" }, el("button", { class: "primary", text: "Go on" })),
    );
    const node = dialog("A token is needed", form);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      resolve(field.value.trim());
      node.close();
    });
    node.addEventListener("close", () => resolve(null));
    field.focus();
  });
}
