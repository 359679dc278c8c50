// Questions about a product, and what was answered.

import { posting, put, read } from "./api.js";
import { button, call, day, el, many, picture, toast, trouble, words, writes, written } from "./dom.js";
import { lightbox, report } from "./dialogs.js";
import { author, field, form, photoField } from "./forms.js";
import { voting } from "./votes.js";

const COUNT = 4;
const ANSWERS = 2;

export function questions(product, signal) {
  const list = el("ol", { class: "entries" });
  const asked = el("p", { class: "asked" });
  const title = el("h2", { text: "Questions & answers" });
  const more = button("More questions", () => load(), { class: "secondary", hidden: true });
  const failed = el("div");
  let shown = 0;
  const open = new Set(); // questions of which all answers are shown
  const load = async (count = COUNT) => {
    // From the beginning, as a vote or a new question may have moved the others.
    const wanted = shown + count;
    const target = `/qa/questions?product_id=${product.id}&page=1&count=${wanted}`;
    asked.replaceChildren(call(target));
    more.hidden = true;
    try {
      const { value, total } = await read(target, { signal });
      const before = shown;
      shown = value.results.length;
      list.replaceChildren(...value.results.map((question) => entry(product, question, open, () => load(0))));
      failed.replaceChildren();
      more.hidden = shown >= total;
      if (before && count) list.children[before]?.focus();
      if (!shown) list.append(el("li", { class: "empty", text: "No questions yet. Ask the first." }));
    } catch (error) {
      if (!signal.aborted) failed.replaceChildren(trouble(error, () => load(count)));
    }
  };
  const ask = writes(button("Ask a question", () => {
    const send = posting("/qa/questions");
    form({
      title: "Ask a question",
      about: product.name,
      fields: [field("Your question", "body", { maxlength: 1000, area: true }), author()],
      submit: "Post the question",
      async send(data) {
        await send({ product_id: product.id, body: data.get("body"), name: data.get("name"), email: data.get("email") });
        toast("Your question is posted.");
        await load(1_000); // a new one has no votes, so it is among the last
        return [...list.children].sort((a, b) => b.dataset.id - a.dataset.id)[0];
      },
    });
  }, { class: "primary", "aria-haspopup": "dialog" }));
  load();
  return el(
    "section",
    { class: "opinions", id: "questions" },
    el("div", { class: "aside" }, title, el("p", { class: "soft", text: "Ask those who wear it, or the shop." }), ask),
    el("div", {}, el("div", { class: "bar" }, asked), list, more, failed),
  );
}

function entry(product, question, open, refresh) {
  // The most helpful first, as the API has them where answers are listed by themselves.
  const answers = Object.values(question.answers).sort((a, b) => b.helpfulness - a.helpfulness || a.id - b.id);
  const list = el("ul", { class: "answers" });
  const fill = (number) => list.replaceChildren(...answers.slice(0, number).map((one) => answer(one, refresh)));
  const few = open.has(question.question_id) ? answers.length : ANSWERS;
  fill(few);
  const rest = answers.length - few;
  const more = rest > 0 && button(`${many(rest, "more answer")}`, () => {
    open.add(question.question_id);
    fill(answers.length);
    more.remove();
    list.children[ANSWERS].focus();
  }, { class: "plain rest" });
  return el(
    "li",
    { class: "entry", tabindex: "-1", "data-id": String(question.question_id) },
    words("h3", question.question_body),
    el("p", { class: "byline" }, el("span", {}, written("bdi", question.asker_name), " · ", day(question.question_date))),
    answers.length ? list : null,
    more,
    el(
      "p",
      { class: "actions" },
      writes(button("Answer", () => reply(question, open, refresh), { "aria-haspopup": "dialog" })),
      voting(`/qa/questions/${question.question_id}/helpful`, question.question_helpfulness),
      writes(button("Report", () => report("question", async () => {
        await put(`/qa/questions/${question.question_id}/report`);
        await refresh();
      }), { "aria-haspopup": "dialog" })),
    ),
  );
}

function answer(one, refresh) {
  const alt = (place) => `Photo ${place + 1} of ${one.photos.length} by ${one.answerer_name}`;
  const seller = one.answerer_name.toLowerCase() === "seller";
  return el(
    "li",
    { class: "answer", tabindex: "-1" },
    words("p", one.body),
    one.photos.length
      ? el(
          "div",
          { class: "photos" },
          one.photos.map((url, place) =>
            el("button", { type: "button", class: "thumb", on: { click: () => lightbox(one.photos, place, alt) } }, picture(url, alt(place))),
          ),
        )
      : null,
    el(
      "p",
      { class: "byline" },
      el("span", {}, written(seller ? "strong" : "bdi", one.answerer_name), " · ", day(one.date)),
      el(
        "span",
        { class: "actions" },
        voting(`/qa/answers/${one.id}/helpful`, one.helpfulness),
        writes(button("Report", () => report("answer", async () => {
          await put(`/qa/answers/${one.id}/report`);
          await refresh();
        }), { "aria-haspopup": "dialog" })),
      ),
    ),
  );
}

function reply(question, open, refresh) {
  const send = posting(`/qa/questions/${question.question_id}/answers`);
  const photos = photoField();
  form({
    title: "Answer a question",
    about: question.question_body,
    fields: [field("Your answer", "body", { maxlength: 1000, area: true }), photos.node, author()],
    submit: "Post the answer",
    async send(data) {
      await send({ body: data.get("body"), name: data.get("name"), email: data.get("email"), photos: photos.urls() });
      toast("Your answer is posted.");
      open.add(question.question_id);
      await refresh();
      return document.querySelector(`#questions [data-id="${question.question_id}"]`);
    },
  });
}
