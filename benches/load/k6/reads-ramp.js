// A ramp to 1,000 clients that read, each with a second of sleep: k6 run reads-ramp.js; settings in atelier.js.
import { sleep } from 'k6';
import { any, ramp, read } from './atelier.js';

export const options = ramp(1000);

export default function () {
  read(any);
  sleep(1);
}
