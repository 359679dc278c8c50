// Reviews of a product: summary, list and form.

import { posting, read } from "./api.js";
import { button, call, day, el, many, picture, stars, toast, trouble, whole, words, writes, written } from "./dom.js";
import { rated } from "./catalogue.js";
import { hidden, lightbox, report } from "./dialogs.js";
import { arrived, author, characterRadios, field, form, photoField, starRadios, yesNo } from "./forms.js";
import { scale } from "./scales.js";
import { voting } from "./votes.js";

const COUNT = 4;
const SORTS = { relevant: "Most relevant", newest: "Newest", helpful: "Most helpful" };

/** Calls `refigured` with the metadata whenever it has changed. */
export function reviews(product, figures, signal, refigured) {
  let sort = "relevant";
  const summary = el("div", { class: "figures" });
  const list = el("ol", { class: "entries" });
  const asked = el("p", { class: "asked" });
  const more = button("More reviews", () => load(), { class: "secondary", hidden: true });
  const choice = el(
    "select",
    { on: { change: () => again(choice.value) } },
    Object.entries(SORTS).map(([value, text]) => el("option", { value, text })),
  );
  const title = el("h2", { text: "Reviews" });

  const failed = el("div");
  let shown = [];
  const numbers = () => new Set(shown.map((review) => review.review_id));
  let run = 0; // the response to an older choice is ignored
  const again = async (chosen) => {
    [sort, shown] = [chosen, []];
    choice.value = chosen;
    await load();
  };
  const load = async (count = COUNT) => {
    const mine = ++run;
    // From the start, as a vote may have changed the order.
    const wanted = Math.max(shown.length + count, COUNT);
    const target = `/reviews?product_id=${product.id}&sort=${sort}&page=1&count=${wanted}`;
    asked.replaceChildren(call(target));
    more.hidden = true;
    try {
      const { value, total } = await read(target, { signal });
      if (mine !== run) return;
      const before = numbers();
      shown = value.results.filter((review) => !hidden(`/reviews/${review.review_id}/report`));
      list.replaceChildren(...shown.map((review) => entry(review, refresh)));
      failed.replaceChildren();
      more.hidden = value.results.length >= total;
      if (before.size && count) list.children[shown.findIndex((review) => !before.has(review.review_id))]?.focus();
      if (!shown.length) list.append(el("li", { class: "empty", text: "Nobody has reviewed this yet. Be the first." }));
    } catch (error) {
      if (!signal.aborted && mine === run) failed.replaceChildren(trouble(error, () => load(count)));
    }
  };
  const refigure = async () => {
    const { value } = await read(`/reviews/meta?product_id=${product.id}`, { signal });
    drawFigures(summary, value);
    refigured(value);
  };
  const withFigures = (listed) => Promise.all([refigure().catch(() => {}), listed]); // or with the older metadata
  const refresh = () => withFigures(load(0));
  const write = writes(button("Write a review", () => compose(product, figures, (mine) => {
    const before = numbers();
    const look = () => list.children[shown.findIndex((review) => !before.has(review.review_id) && mine(review))];
    return arrived(() => withFigures(again("newest")), look, signal); // in which it is the first
  }), { class: "primary", "aria-haspopup": "dialog" }));

  drawFigures(summary, figures);
  again(sort);
  return el(
    "section",
    { class: "opinions", id: "reviews" },
    el("div", { class: "aside" }, title, summary, write, call(`/reviews/meta?product_id=${product.id}`)),
    el("div", {}, el("div", { class: "bar" }, el("label", { class: "sort" }, "Sort by ", choice), asked), list, more, failed),
  );
}

function drawFigures(node, figures) {
  const { number, mean } = rated(figures);
  if (!number) {
    node.replaceChildren(el("p", { class: "soft", text: "No stars yet." }));
    return;
  }
  const yes = Number(figures.recommended.true ?? 0);
  const no = Number(figures.recommended.false ?? 0);
  const bars = [5, 4, 3, 2, 1].map((star) => {
    const count = Number(figures.ratings[star] ?? 0);
    const bar = el("span", { class: "rail", "aria-hidden": "true" }, el("span", {}));
    bar.firstChild.style.setProperty("--share", `${(100 * count) / number}%`);
    const value = el("span", { class: "value", text: whole(count) }, el("span", { class: "unseen", text: count === 1 ? " review" : " reviews" }));
    return el("li", {}, el("span", { text: many(star, "star") }), bar, value);
  });
  node.replaceChildren(
    el("p", { class: "mean" }, el("strong", { text: mean.toFixed(1) }), el("span", {}, stars(mean), el("small", { text: many(number, "review") }))),
    yes + no ? el("p", { class: "recommended", text: `${Math.round((100 * yes) / (yes + no))}% would recommend it.` }) : "",
    el("ul", { class: "bars" }, bars),
    el("ul", { class: "scales" }, Object.entries(figures.characteristics).map(([name, { value }]) => scale(name, value))),
  );
}

function entry(review, refresh) {
  const photos = review.photos.map(({ url }) => url);
  const alt = (place) => `Photo ${place + 1} of ${photos.length} by ${review.reviewer_name}`;
  return el(
    "li",
    { class: "entry", tabindex: "-1" },
    el(
      "p",
      { class: "byline" },
      stars(review.rating),
      el("span", {}, written("bdi", review.reviewer_name), " · ", day(review.date)),
    ),
    review.summary && written("h3", review.summary),
    words("p", review.body),
    review.recommend && el("p", { class: "recommends", text: "Recommends it" }),
    photos.length
      ? el(
          "div",
          { class: "photos" },
          photos.map((url, place) =>
            el("button", { type: "button", class: "thumb", on: { click: () => lightbox(photos, place, alt) } }, picture(url, alt(place))),
          ),
        )
      : null,
    review.response !== null && el("div", { class: "response" }, el("b", { text: "The shop answers" }), words("p", review.response)),
    el(
      "p",
      { class: "actions" },
      voting(`/reviews/${review.review_id}/helpful`, review.helpfulness),
      report("review", `/reviews/${review.review_id}/report`, refresh),
    ),
  );
}

/** The form for a new review. */
function compose(product, figures, posted) {
  const send = posting("/reviews");
  const photos = photoField();
  form({
    title: "Write a review",
    about: product.name,
    fields: [
      starRadios(),
      yesNo("recommend", "Would you recommend it?"),
      Object.entries(figures.characteristics).map(([name, { id }]) => characterRadios(name, id)),
      field("Summary", "summary", { maxlength: 60, required: false, hint: "Optional: the whole in a line" }),
      field("Your review", "body", { maxlength: 1000, area: true }),
      photos.node,
      author(),
    ],
    submit: "Post the review",
    async send(data) {
      const rows = Object.values(figures.characteristics).map(({ id }) => [id, data.get(`character-${id}`)]);
      const review = {
        product_id: product.id,
        rating: Number(data.get("rating")),
        summary: data.get("summary"),
        body: data.get("body"),
        recommend: data.get("recommend") === "yes",
        name: data.get("name"),
        email: data.get("email"),
        photos: await photos.urls(),
        characteristics: Object.fromEntries(rows.filter(([, value]) => value).map(([id, value]) => [id, Number(value)])),
      };
      await send(review);
      const found = await posted((one) => one.body === review.body && one.reviewer_name === review.name);
      toast(`Thank you. Your review is ${found ? "below" : "posted"}.`);
      return found;
    },
  });
}
