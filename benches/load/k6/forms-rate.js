// Posts as HTML forms, 1,000 per second: k6 run forms-rate.js; settings in atelier.js.
import { anyPost, options as at, postForm } from './atelier.js';

export const options = at(1000, {}, 1000);

export default function () {
  postForm(anyPost());
}
