// Reads of a thousand products and questions, which a cache holds: k6 run hot.js; settings in atelier.js.
import { hot, options as at, read } from './atelier.js';

export const options = at(2000);

export default function () {
  read(hot);
}
