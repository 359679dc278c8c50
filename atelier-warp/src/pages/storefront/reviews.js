// Reviews of a product: the figures, the list, a new one.

import { posting, put, read } from "./api.js";
import { button, call, day, el, many, picture, stars, toast, trouble, whole, words, writes, written } from "./dom.js";
import { rated } from "./catalogue.js";
import { lightbox, report } from "./dialogs.js";
import { author, characterRadios, field, form, photoField, starRadios, yesNo } from "./forms.js";
import { scale } from "./scales.js";
import { voting } from "./votes.js";

const COUNT = 4;
const SORTS = { relevant: "Most relevant", newest: "Newest", helpful: "Most helpful" };

/** `refigured` is told the figures whenever they have changed. */
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
  let shown = []; // their numbers
  let run = 0; // an answer to an older choice is not shown
  const again = async (chosen) => {
    [sort, shown] = [chosen, []];
    choice.value = chosen;
    await load();
  };
  const load = async () => {
    const mine = ++run;
    // From the beginning, as a vote may have moved the others.
    const target = `/reviews?product_id=${product.id}&sort=${sort}&page=1&count=${shown.length + COUNT}`;
    asked.replaceChildren(call(target));
    more.hidden = true;
    try {
      const { value, total } = await read(target, { signal });
      if (mine !== run) return;
      const before = new Set(shown);
      shown = value.results.map((review) => review.review_id);
      list.replaceChildren(...value.results.map((review) => entry(review, refresh)));
      failed.replaceChildren();
      more.hidden = shown.length >= total;
      if (before.size) list.children[shown.findIndex((id) => !before.has(id))]?.focus();
      if (!shown.length) list.append(el("li", { class: "empty", text: "Nobody has reviewed this yet. Be the first." }));
    } catch (error) {
      if (!signal.aborted && mine === run) failed.replaceChildren(trouble(error, load));
    }
  };
  const refresh = async () => {
    const redraw = ({ value }) => {
      drawFigures(summary, value);
      refigured(value);
    };
    const meta = read(`/reviews/meta?product_id=${product.id}`, { signal });
    await Promise.all([meta.then(redraw, () => {}), again(sort)]); // where they can't be had, the older figures stay
  };
  const write = writes(button("Write a review", () => compose(product, figures, async () => {
    sort = "newest"; // so that it is the first
    await refresh();
    return list.firstElementChild;
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
      writes(button("Report", () => report("review", async () => {
        await put(`/reviews/${review.review_id}/report`);
        await refresh();
      }), { "aria-haspopup": "dialog" })),
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
      await send({
        product_id: product.id,
        rating: Number(data.get("rating")),
        summary: data.get("summary"),
        body: data.get("body"),
        recommend: data.get("recommend") === "yes",
        name: data.get("name"),
        email: data.get("email"),
        photos: photos.urls(),
        characteristics: Object.fromEntries(rows.filter(([, value]) => value).map(([id, value]) => [id, Number(value)])),
      });
      toast("Thank you. Your review is below.");
      return posted();
    },
  });
}
