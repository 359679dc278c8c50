// What the scripts share: where the server is, which ids it has, and the scenario. All by environment variables:
//   BASE_URL   http://127.0.0.1:3000
//   PRODUCTS, REVIEWS, QUESTIONS, ANSWERS   the largest ids; those of the demo catalogue unless told
//   RATE       requests in a second; 2000
//   DURATION   30s
//   CONNECTIONS   64
import http from 'k6/http';
import { check } from 'k6';

const number = (name, otherwise) => Number(__ENV[name] || otherwise);

export const base = __ENV.BASE_URL || 'http://127.0.0.1:3000';
export const ids = {
  products: number('PRODUCTS', 1000),
  reviews: number('REVIEWS', 19561),
  questions: number('QUESTIONS', 3454),
  answers: number('ANSWERS', 6382),
};

// A constant rate, whatever the server does. k6 counts a latency from when a request is sent, so look at
// dropped_iterations beside the percentiles: how many could not be sent in time. atelier-load counts from when each was
// due.
export const options = (rate, thresholds) => ({
  scenarios: {
    load: {
      executor: 'constant-arrival-rate',
      rate: number('RATE', rate),
      timeUnit: '1s',
      duration: __ENV.DURATION || '30s',
      preAllocatedVUs: number('CONNECTIONS', 64),
    },
  },
  thresholds: { checks: ['rate==1'], dropped_iterations: ['count==0'], ...thresholds },
  summaryTrendStats: ['avg', 'med', 'p(99)', 'p(99.9)', 'max'],
  discardResponseBodies: true,
});

const HOT = 1000;
const below = (end) => Math.floor(Math.random() * end);
export const chance = (percent) => below(100) < percent;
export const any = (most) => 1 + below(most);
// One of a thousand, spread over all ids.
export const hot = (most) => 1 + Math.floor((below(Math.min(HOT, most)) * most) / Math.min(HOT, most));
// Half of all that is asked for is hot.
export const mixed = (most) => (chance(50) ? hot(most) : any(most));

// One of the rows [weight, ..].
export function byWeight(rows) {
  let left = below(rows.reduce((sum, [weight]) => sum + weight, 0));
  return rows.find(([weight]) => (left -= weight) < 0);
}

export const reads = [
  (product) => `/products/${product}`,
  (product) => `/products/${product}/styles`,
  (product) => `/products/${product}/related`,
  (product) => `/reviews?product_id=${product}`,
  (product) => `/reviews?product_id=${product}&sort=newest`,
  (product) => `/reviews/meta?product_id=${product}`,
  (product) => `/qa/questions?product_id=${product}`,
  (_, question) => `/qa/questions/${question}/answers`,
];

// Any of the eight reads.
export function read(pick) {
  const path = reads[below(reads.length)];
  get(path(pick(ids.products), pick(ids.questions)), path);
}

// The tag is one name for all ids: a figure for each address would fill the memory of k6.
export function get(path, route) {
  const tags = { name: route ? route('ID', 'ID') : path.replace(/\d+/g, 'ID') };
  expect(200, http.get(base + path, { tags }));
}

export function send(method, path, body, headers) {
  const tags = { name: `${method} ${path.replace(/\d+/g, 'ID')}` };
  const all = { 'Content-Type': 'application/json', ...headers };
  const text = body === null ? null : JSON.stringify(body);
  expect(method === 'PUT' ? 204 : 201, http.request(method, base + path, text, { headers: all, tags }));
}

function expect(status, response) {
  check(response, { 'status is as expected': (got) => got.status === status });
}
