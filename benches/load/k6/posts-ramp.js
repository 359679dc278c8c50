// A ramp to 1,000 clients that post as JSON, each with a second of sleep: k6 run posts-ramp.js; settings in atelier.js.
import { sleep } from 'k6';
import { anyPost, post, ramp } from './atelier.js';

export const options = ramp(1000);

export default function () {
  post(anyPost());
  sleep(1);
}
