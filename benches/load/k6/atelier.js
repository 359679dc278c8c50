// What the scripts share: where the server is, which ids it has, and the scenario. All by environment variables:
//   BASE_URL   http://127.0.0.1:3000
//   PRODUCTS, REVIEWS, QUESTIONS, ANSWERS   the largest ids; those of the demo catalogue unless told
//   RATE       requests in a second; 2000
//   DURATION   30s
//   CONNECTIONS   64
// Any answer but the one that is expected counts as failed, and so do time-outs and broken connections; k6 ends with exit code
// 99 when a threshold is crossed.
import http from 'k6/http';
import { check } from 'k6';

const number = (name, otherwise) => Number(__ENV[name] || otherwise);

export const base = __ENV.BASE_URL || 'http://127.0.0.1:3000';
export const ids = {
  products: number('PRODUCTS', 1000),
  reviews: number('REVIEWS', 19561),
  questions: number('QUESTIONS', 3454),
  answers: number('ANSWERS', 6382),
  characteristics: number('CHARACTERISTICS', 3000),
};

// No request may fail.
const thresholds = { checks: ['rate==1'], http_req_failed: ['rate==0'] };
const summary = { summaryTrendStats: ['avg', 'med', 'p(99)', 'p(99.9)', 'max'], discardResponseBodies: true };

// A constant rate, whatever the server does. k6 counts a latency from when a request is sent, so look at
// dropped_iterations beside the percentiles: how many could not be sent in time. atelier-load counts from when each was
// due.
export const options = (rate, more, connections = 64) => ({
  scenarios: {
    load: {
      executor: 'constant-arrival-rate',
      rate: number('RATE', rate),
      timeUnit: '1s',
      duration: __ENV.DURATION || '30s',
      preAllocatedVUs: number('CONNECTIONS', connections),
    },
  },
  thresholds: { ...thresholds, dropped_iterations: ['count==0'], ...more },
  ...summary,
});

// Clients that come one after the other for 30 s and then all stay for 30 s.
export const ramp = (clients) => ({
  scenarios: {
    load: {
      executor: 'ramping-vus',
      stages: [
        { duration: '30s', target: clients },
        { duration: __ENV.DURATION || '30s', target: clients },
      ],
    },
  },
  thresholds,
  ...summary,
});

// Clients that all come at once.
export const constant = (clients) => ({
  scenarios: { load: { executor: 'constant-vus', vus: clients, duration: __ENV.DURATION || '60s' } },
  thresholds,
  ...summary,
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

const TEXT = 'I have worn it on the quay in wind and rain for a week, and it kept me warm and dry.';

// Path, body and headers of each kind of post, with every field that a front end sends. A characteristic that is not the
// product's is ignored.
export const posts = {
  review: (product) => ['/reviews', {
    product_id: product, rating: any(5), summary: 'Warm', body: TEXT, recommend: true, name: 'pierwalker',
    email: 'p@example.org', photos: ['https://img.example/r8.jpg'], characteristics: { [any(ids.characteristics)]: 4 },
  }],
  question: (product) => ['/qa/questions', {
    product_id: product, body: 'Does the hood come off?', name: 'gull', email: 'g@example.org',
  }],
  answer: (_, question) => [`/qa/questions/${question}/answers`, {
    body: 'Yes, two zips.', name: 'Seller', email: 's@example.org',
  }],
  cart: (product) => ['/cart', { sku_id: product }, { Authorization: `visitor-${any(10000)}` }],
  interaction: () => ['/interactions', {
    element: '#add-to-bag', widget: 'overview', time: 'Fri Mar 01 2024 12:00:00 GMT+0000',
  }],
};

// One of the posts by chance, with any ids.
export function anyPost() {
  const kinds = Object.values(posts);
  return kinds[below(kinds.length)](any(ids.products), any(ids.questions));
}

export function post([path, body, headers]) {
  const json = { 'Content-Type': 'application/json', ...headers };
  send('POST', path, JSON.stringify(body), json);
}

// As an HTML form, which is what k6 makes of an object. Forms have flat fields only.
export function postForm([path, body, headers]) {
  const flat = Object.entries(body).filter(([, value]) => typeof value !== 'object');
  send('POST', path, Object.fromEntries(flat), headers);
}

export function vote(path) {
  send('PUT', path, null);
}

function send(method, path, body, headers) {
  const tags = { name: `${method} ${path.replace(/\d+/g, 'ID')}` };
  expect(method === 'PUT' ? 204 : 201, http.request(method, base + path, body, { headers, tags }));
}

function expect(status, response) {
  check(response, { 'status is as expected': (got) => got.status === status });
}
