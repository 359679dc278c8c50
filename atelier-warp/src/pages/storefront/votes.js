// Votes for "Was this helpful?": one for each browser, as the API counts every request.

import { put } from "./api.js";
import { button, el, kept, readOnly, toast, whole, writes } from "./dom.js";

export function voting(path, count) {
  const cast = new Set(kept.get("votes") ?? []);
  const number = el("span", { class: "count", text: ` (${whole(count)})` });
  const vote = writes(button("Helpful", async () => {
    if (vote.getAttribute("aria-disabled") === "true") return;
    vote.setAttribute("aria-disabled", "true");
    try {
      await put(path);
      number.textContent = ` (${whole(count + 1)})`;
      kept.set("votes", [...new Set([...(kept.get("votes") ?? []), path])].slice(-500));
      toast("Thank you for your vote.");
    } catch (error) {
      vote.setAttribute("aria-disabled", String(readOnly()));
      toast(error.message);
    }
  }));
  vote.append(number);
  if (cast.has(path)) vote.setAttribute("aria-disabled", "true");
  return vote;
}
