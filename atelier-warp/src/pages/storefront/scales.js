// Characteristics of a product, rated from 1 to 5.

import { el, written } from "./dom.js";

const between = (few, many) => [`Too ${few}`, `A little ${few}`, "Just right", `A little ${many}`, `Too ${many}`];

const WORDS = {
  Size: between("small", "large"),
  Width: between("narrow", "wide"),
  Length: between("short", "long"),
  Fit: between("tight", "loose"),
  Comfort: ["Uncomfortable", "Not quite comfortable", "Fine", "Comfortable", "Very comfortable"],
  Quality: ["Poor", "Below average", "As expected", "Good", "Excellent"],
};

/** The meanings of a characteristic's values from 1 to 5. */
export const wordsFor = (name) => (Object.hasOwn(WORDS, name) ? WORDS[name] : ["Very low", "Low", "Medium", "High", "Very high"]);

/** The mean of a characteristic, on a scale between its ends. */
export function scale(name, value) {
  const words = wordsFor(name);
  if (value === null) {
    return el("li", { class: "scale" }, written("b", name), el("span", { class: "soft", text: "Not rated yet" }));
  }
  const mean = Number(value);
  const rail = el("span", { class: words[2] === "Just right" ? "rail fit" : "rail", "aria-hidden": "true" }, el("span", { class: "mark" }));
  rail.style.setProperty("--at", `${(mean - 1) * 25}%`);
  return el(
    "li",
    { class: "scale" },
    el("span", { class: "named" }, written("b", name), el("span", { text: words[Math.min(4, Math.max(0, Math.round(mean) - 1))] })),
    rail,
    el("span", { class: "ends", "aria-hidden": "true" }, el("span", { text: words[0] }), el("span", { text: words[4] })),
  );
}
