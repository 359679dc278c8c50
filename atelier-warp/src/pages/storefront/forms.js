// Forms for reviews, questions and answers.

import { dialog, name } from "./dialogs.js";
import { button, el, kept, many, readOnly, writes, written } from "./dom.js";
import { wordsFor } from "./scales.js";

/**
 * Opens a form. It shows errors of the server, and keeps its input after one. `send` may resolve to the element to show
 * afterwards.
 */
export function form({ title, about, fields, submit, send }) {
  const said = el("p", { class: "fault", role: "alert", tabindex: "-1" });
  const go = writes(el("button", { class: "primary", text: submit }));
  const node = el(
    "form",
    { class: "form" },
    written("p", about, { class: "soft about" }),
    fields,
    said,
    el("div", { class: "ends" }, button("Cancel", () => box.close(), { class: "secondary" }), go),
  );
  let unsaid = false; // whether there is input that closing would lose
  node.addEventListener("input", () => (unsaid = true));
  let busy = false;
  node.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (busy) return;
    busy = true;
    go.setAttribute("aria-disabled", "true");
    said.textContent = "";
    go.textContent = "Sending…";
    const data = new FormData(node);
    try {
      const written = await send(data);
      kept.set("author", data.get("name"));
      box.close();
      lead(written);
    } catch (error) {
      said.textContent = error.message;
      said.focus();
    }
    busy = false;
    go.textContent = submit;
    go.setAttribute("aria-disabled", String(readOnly()));
  });
  const box = dialog(title, node);
  box.addEventListener("cancel", (event) => {
    if (!unsaid) return;
    unsaid = false;
    event.preventDefault();
    said.textContent = "What you have written is not posted yet. Esc once more closes it.";
  });
  node.querySelector("input, textarea").focus();
}

/**
 * The posted item, which `look` finds after `load`. Another server may respond from its cache for a second; then `load` is called
 * once more.
 */
export async function arrived(load, look, signal) {
  await load();
  if (look() || signal.aborted) return look();
  await new Promise((done) => setTimeout(done, 1_100));
  if (!signal.aborted) await load();
  return look();
}

/** Shows the new item after the dialog is closed, which restores the focus first. */
function lead(node) {
  if (!node) return;
  node.classList.add("fresh");
  node.scrollIntoView({ block: "center" });
  node.focus({ preventScroll: true });
}

const BLANK = /^\p{White_Space}+$/u; // blank for the API, but not for `required`
// The API's rule for e-mail addresses: letters beyond ASCII, and a dot after the @.
const ADDRESS = "[^\\s@]+@[^\\s@.]+(\\.[^\\s@.]+)+";

/** A text field with a counter of remaining characters. */
export function field(label, key, { maxlength, area, required = true, hint, ...props } = {}) {
  const [id, about] = [name(), name()];
  const input = el(area ? "textarea" : "input", {
    id,
    name: key,
    maxlength: String(maxlength),
    required,
    dir: "auto",
    "aria-describedby": about,
    ...(area ? { rows: "5" } : { type: "text" }),
    ...props,
  });
  const count = el("span", {});
  const tell = () => (count.textContent = area ? `${input.value.length} of ${maxlength}` : "");
  const judge = () => input.setCustomValidity(required && BLANK.test(input.value) ? "Write something here, not only blanks." : "");
  for (const act of [tell, judge]) {
    input.addEventListener("input", act);
    act();
  }
  return el("div", { class: "field" }, el("label", { for: id, text: label }), input, el("p", { class: "hint", id: about }, hint ?? "", count));
}

/** Fields for name and e-mail address. */
export function author() {
  return el(
    "div",
    { class: "pair" },
    field("Nickname", "name", { maxlength: 60, value: kept.get("author") ?? "", autocomplete: "nickname", hint: "Shown beside what you write" }),
    field("E-mail", "email", {
      maxlength: 60,
      inputmode: "email",
      pattern: ADDRESS,
      title: "An address has the form name@place.example.",
      autocomplete: "email",
      autocapitalize: "none",
      spellcheck: "false",
      dir: "ltr",
      hint: "Never shown to anybody",
    }),
  );
}

/** A choice of one of several values. */
function radios(legend, key, choices, props = {}) {
  return el(
    "fieldset",
    props,
    el("legend", {}, legend),
    el(
      "div",
      { class: "choices" },
      choices.map(([value, text]) =>
        el("label", { class: "choice" }, el("input", { type: "radio", name: key, value: String(value), required: props.required !== false }), el("span", { text })),
      ),
    ),
  );
}

const STARS = ["Poor", "Fair", "Average", "Good", "Great"];

/** One to five stars. */
export function starRadios() {
  const said = el("span", { class: "soft", "aria-hidden": "true" });
  const labels = STARS.map((word, place) =>
    el(
      "label",
      {},
      el("input", {
        type: "radio",
        name: "rating",
        value: String(place + 1),
        required: true,
        "aria-label": `${place + 1} of 5 stars: ${word}`,
        on: {
          change: () => {
            said.textContent = word;
            labels.forEach((label, other) => label.classList.toggle("filled", other <= place));
          },
        },
      }),
      el("span", { class: "star", "aria-hidden": "true" }),
    ),
  );
  return el("fieldset", { class: "starradios" }, el("legend", { text: "Your rating" }), el("div", { class: "choices" }, labels, said));
}

export const yesNo = (key, legend) => radios(legend, key, [["yes", "Yes"], ["no", "No"]]);

/** A characteristic of the product, from 1 to 5. */
export function characterRadios(characteristic, id) {
  const choices = wordsFor(characteristic).map((word, place) => [place + 1, word]);
  return radios([written("span", characteristic), el("span", { class: "soft", text: " (optional)" })], `character-${id}`, choices, { class: "character", required: false });
}

/** Up to five photos from the visitor's device, scaled down for the API's limit of 65,536 characters for each. */
export function photoField() {
  const [id, about] = [name(), name()];
  const urls = [];
  let said = []; // messages about files of the last choice that can't be read
  let ready = Promise.resolve(); // resolves after all chosen photos are scaled down
  const list = el("div", { class: "photos" });
  const usual = "Optional: up to five";
  const hint = el("p", { class: "hint", id: about, text: usual, role: "status" });
  const tell = (text) => {
    said.push(text);
    hint.textContent = said.join(" ");
  };
  const draw = () => list.replaceChildren(...urls.map((url, place) =>
    el("span", { class: "thumb" }, el("img", { src: url, alt: `Photo ${place + 1}` }), button("×", () => {
      urls.splice(place, 1);
      draw();
      input.focus();
    }, { class: "close", "aria-label": `Remove photo ${place + 1}` })),
  ));
  const input = el("input", { id, type: "file", accept: "image/*", multiple: true, "aria-describedby": about });
  const take = async (files) => {
    let left = 0;
    for (const file of files) {
      try {
        if (urls.length < 5) urls.push(await shrunk(file));
        else left += 1;
      } catch {
        tell(`${file.name} can't be read as a picture.`);
      }
    }
    if (left) tell(`${many(left, "photo")} left out: five are the most.`);
    draw();
  };
  input.addEventListener("change", () => {
    const files = [...input.files];
    input.value = "";
    said = [];
    hint.textContent = usual;
    ready = ready.then(() => take(files)); // one choice at a time, as the limit applies to all
  });
  const node = el("div", { class: "field" }, el("label", { for: id, text: "Photos" }), input, list, hint);
  const all = async () => {
    const before = said.length;
    await ready;
    // If photos are still being scaled, submitting waits for them and reports failures first.
    if (said.length > before) throw new Error(`${said.slice(before).join(" ")} Post again to go on without.`);
    return urls;
  };
  return { node, urls: all };
}

async function shrunk(file) {
  const bitmap = await createImageBitmap(file);
  for (let side = 960; side >= 60; side /= 2) {
    const by = Math.min(1, side / Math.max(bitmap.width, bitmap.height));
    const canvas = el("canvas", {});
    canvas.width = Math.max(1, Math.round(bitmap.width * by));
    canvas.height = Math.max(1, Math.round(bitmap.height * by));
    canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    const url = canvas.toDataURL("image/jpeg", 0.8);
    if (url.length <= 65_536) return url;
  }
  throw new Error("too large");
}
