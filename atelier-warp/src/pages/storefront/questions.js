// Questions about a product, and their answers.

import { posting, read } from "./api.js";
import { button, call, day, el, many, picture, toast, trouble, words, writes, written } from "./dom.js";
import { hidden, lightbox, report } from "./dialogs.js";
import { arrived, author, field, form, photoField } from "./forms.js";
import { voting } from "./votes.js";

const COUNT = 4;
const ANSWERS = 2;

export function questions(product, signal) {
  const list = el("ol", { class: "entries" });
  const asked = el("p", { class: "asked" });
  const title = el("h2", { text: "Questions & answers" });
  const more = button("More questions", () => load(), { class: "secondary", hidden: true });
  const failed = el("div");
  let shown = [];
  let run = 0; // an older response must not replace a newer one
  const open = new Set(); // questions with all answers expanded
  const load = async (count = COUNT) => {
    const mine = ++run;
    // From the start, as a vote or a new question may have changed the order.
    const wanted = Math.max(shown.length + count, COUNT);
    const target = `/qa/questions?product_id=${product.id}&page=1&count=${wanted}`;
    asked.replaceChildren(call(target));
    more.hidden = true;
    try {
      const { value, total } = await read(target, { signal });
      if (mine !== run) return;
      const before = shown.length;
      shown = value.results.filter((question) => !hidden(`/qa/questions/${question.question_id}/report`));
      list.replaceChildren(...shown.map((question) => entry(question, open, () => load(0), answered)));
      failed.replaceChildren();
      more.hidden = value.results.length >= total;
      if (before && count) list.children[before]?.focus();
      if (!shown.length) list.append(el("li", { class: "empty", text: "No questions yet. Ask the first." }));
    } catch (error) {
      if (!signal.aborted && mine === run) failed.replaceChildren(trouble(error, () => load(count)));
    }
  };
  const answered = (id, mine) => {
    open.add(id);
    const place = () => shown.findIndex((question) => question.question_id === id);
    const look = () => Object.values(shown[place()]?.answers ?? {}).some(mine) && list.children[place()];
    return arrived(() => load(0), look, signal);
  };
  const ask = writes(button("Ask a question", () => {
    const send = posting("/qa/questions");
    form({
      title: "Ask a question",
      about: product.name,
      fields: [field("Your question", "body", { maxlength: 1000, area: true }), author()],
      submit: "Post the question",
      async send(data) {
        const [body, name] = [data.get("body"), data.get("name")];
        await send({ product_id: product.id, body, name, email: data.get("email") });
        toast("Your question is posted.");
        const before = new Set(shown.map((question) => question.question_id));
        const mine = (one) => !before.has(one.question_id) && one.question_body === body && one.asker_name === name;
        // A new question has no votes, so it is among the last.
        return arrived(() => load(1_000), () => list.children[shown.findIndex(mine)], signal);
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

function entry(question, open, refresh, answered) {
  const listed = Object.values(question.answers).filter(({ id }) => !hidden(`/qa/answers/${id}/report`));
  // The most helpful first, as in the API's list of answers.
  const answers = listed.sort((a, b) => b.helpfulness - a.helpfulness || a.id - b.id);
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
    { class: "entry", tabindex: "-1" },
    words("h3", question.question_body),
    el("p", { class: "byline" }, el("span", {}, written("bdi", question.asker_name), " · ", day(question.question_date))),
    answers.length ? list : null,
    more,
    el(
      "p",
      { class: "actions" },
      writes(button("Answer", () => reply(question, answered), { "aria-haspopup": "dialog" })),
      voting(`/qa/questions/${question.question_id}/helpful`, question.question_helpfulness),
      report("question", `/qa/questions/${question.question_id}/report`, refresh),
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
        report("answer", `/qa/answers/${one.id}/report`, refresh),
      ),
    ),
  );
}

function reply(question, answered) {
  const send = posting(`/qa/questions/${question.question_id}/answers`);
  const photos = photoField();
  form({
    title: "Answer a question",
    about: question.question_body,
    fields: [field("Your answer", "body", { maxlength: 1000, area: true }), photos.node, author()],
    submit: "Post the answer",
    async send(data) {
      const [body, name] = [data.get("body"), data.get("name")];
      await send({ body, name, email: data.get("email"), photos: await photos.urls() });
      toast("Your answer is posted.");
      const mine = (one) => !Object.hasOwn(question.answers, one.id) && one.body === body && one.answerer_name === name;
      return answered(question.question_id, mine);
    },
  });
}
