// What visitors do, one request of ten a write: k6 run mix.js; settings in atelier.js. It writes votes, reports,
// reviews, questions, answers, carts and interactions into the server's database.
import { any, byWeight, chance, get, ids, mixed, options as at, reads, send } from './atelier.js';

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

const TEXT = 'I have worn it on the quay in wind and rain for a week, and it kept me warm and dry.';

// Of a hundred writes.
const WRITES = [
  [25, () => send('PUT', `/reviews/${mixed(ids.reviews)}/helpful`, null)],
  [15, () => send('PUT', `/qa/questions/${mixed(ids.questions)}/helpful`, null)],
  [10, () => send('PUT', `/qa/answers/${mixed(ids.answers)}/helpful`, null)],
  [2, () => send('PUT', `/reviews/${any(ids.reviews)}/report`, null)],
  [15, () => send('POST', '/reviews', {
    product_id: mixed(ids.products), rating: any(5), summary: 'Warm', body: TEXT, recommend: true,
    name: 'pierwalker', email: 'p@example.org', photos: ['https://img.example/r8.jpg'],
  })],
  [8, () => send('POST', '/qa/questions', {
    product_id: mixed(ids.products), body: 'Does the hood come off?', name: 'gull', email: 'g@example.org',
  })],
  [10, () => send('POST', `/qa/questions/${mixed(ids.questions)}/answers`, {
    body: 'Yes, two zips.', name: 'Seller', email: 's@example.org',
  })],
  [5, () => send('POST', '/cart', { sku_id: any(ids.products) }, { Authorization: `visitor-${any(10000)}` })],
  [10, () => send('POST', '/interactions', {
    element: '#add-to-bag', widget: 'overview', time: 'Fri Mar 01 2024 12:00:00 GMT+0000',
  })],
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
