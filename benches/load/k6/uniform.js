// Reads with any id, which no cache holds: k6 run uniform.js; settings in atelier.js.
import { any, options as at, read } from './atelier.js';

export const options = at(2000);

export default function () {
  read(any);
}
