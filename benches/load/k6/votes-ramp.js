// A ramp to 1,000 clients that vote on random reviews, each with a second of sleep: k6 run votes-ramp.js; settings in atelier.js.
import { sleep } from 'k6';
import { any, ids, ramp, vote } from './atelier.js';

export const options = ramp(1000);

export default function () {
  vote(`/reviews/${any(ids.reviews)}/helpful`);
  sleep(1);
}
