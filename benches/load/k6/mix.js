// What visitors do, one request of ten a write: k6 run mix.js; settings in atelier.js. It writes votes, reports,
// reviews, questions, answers, carts and interactions into the server's database.
import { any, byWeight, chance, get, ids, mixed, options as at, post, posts, reads, vote } from './atelier.js';

export const options = at(2000, { http_req_duration: ['p(99)<20', 'p(99.9)<60'] });

const [product, styles, related, reviews, newest, meta, questions, answers] = reads;

// Of a hundred reads: a page about a product asks for the first six.
const READS = [
  [15, product],
  [15, styles],
  [15, related],
  [15, reviews],
  [15, meta],
  [15, questions],
  [4, newest],
  [4, answers],
  [2, () => `/products?page=${any(50)}`],
];

// Of a hundred writes.
const WRITES = [
  [25, () => vote(`/reviews/${mixed(ids.reviews)}/helpful`)],
  [15, () => vote(`/qa/questions/${mixed(ids.questions)}/helpful`)],
  [10, () => vote(`/qa/answers/${mixed(ids.answers)}/helpful`)],
  [2, () => vote(`/reviews/${any(ids.reviews)}/report`)],
  [15, () => post(posts.review(mixed(ids.products)))],
  [8, () => post(posts.question(mixed(ids.products)))],
  [10, () => post(posts.answer(0, mixed(ids.questions)))],
  [5, () => post(posts.cart(any(ids.products)))],
  [10, () => post(posts.interaction())],
];

export default function () {
  if (chance(10)) {
    const [, write] = byWeight(WRITES);
    write();
    return;
  }
  const [, path] = byWeight(READS);
  get(path(mixed(ids.products), mixed(ids.questions)));
}
