// Reviews as JSON, 1,000 per second: k6 run reviews-rate.js; settings in atelier.js.
import { any, ids, options as at, post, posts } from './atelier.js';

export const options = at(1000, {}, 1000);

export default function () {
  post(posts.review(any(ids.products)));
}
