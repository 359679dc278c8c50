// 2,000 clients that read styles, without a pause: k6 run styles-clients.js; settings in atelier.js.
import { any, constant, get, ids, reads } from './atelier.js';

export const options = constant(2000);

export default function () {
  const [, styles] = reads;
  get(styles(any(ids.products)), styles);
}
