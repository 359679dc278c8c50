// Requests to the API of this server.

import { kept, keptByTab, onlyRead } from "./dom.js";

/** An answer that is not what was asked for, in the server's own words. */
export class Refused extends Error {
  constructor(status, sentence) {
    super(sentence || `The server answered ${status}.`);
    this.status = status;
  }
}

/** A name that nobody else has. `randomUUID` is there on https and on this machine, and not on a plain address. */
function unique() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

// Whose the bag is: a name that this browser made up, unless the server wants a token, which is then asked for.
let token = keptByTab.get("token");
let owner = kept.get("owner");
if (typeof owner !== "string") {
  owner = unique();
  kept.set("owner", owner);
}

/**
 * Set by who can ask a person: `token(refused)` resolves to a token, or to nothing; `refused` is whether one was not accepted.
 * `admitted` is told when one is.
 */
export const person = { token: async () => null, admitted: () => {} };
let asking = null; // for all requests that want it at a time

async function ask(refused) {
  let given = await person.token(refused);
  while (given && !/^[ -~]+$/.test(given)) given = await person.token(true); // no header can carry it
  token = given || null;
  keptByTab.set("token", token);
}

async function send(path, options = {}) {
  for (let asked = false; ; asked = true) {
    const shown = token;
    const response = await answer(path, options, shown);
    if (response.status !== 401) {
      if (asked) person.admitted();
      if (response.ok) return response;
    } else if (token === shown) {
      asking ??= ask(shown !== null).finally(() => (asking = null));
      await asking;
    }
    if (response.status === 401 && token !== null) continue;
    const sentence = await response.text();
    if (response.status === 403 && sentence === "Error: this service is read-only") onlyRead();
    throw new Refused(response.status, sentence);
  }
}

async function answer(path, options, token) {
  const headers = { ...options.headers };
  if (token !== null) headers.Authorization = token;
  try {
    return await fetch(path, { ...options, headers });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Error("The server can't be reached. Is it running?");
  }
}

/** What a GET answers; with `total`, of a list, how many there are in all. */
export async function read(path, { signal, own } = {}) {
  const response = await send(path, { signal, headers: own ? { Authorization: owner } : {} });
  const total = response.headers.get("X-Total-Count");
  return { value: await response.json(), total: total === null ? null : Number(total) };
}

/** A post that can be repeated: the same body goes under the same key, so it is stored once however often it is sent. */
export function posting(path) {
  let [last, key] = [null, null];
  return async (body) => {
    const text = JSON.stringify(body);
    if (text !== last) [last, key] = [text, unique()];
    await send(path, {
      method: "POST",
      headers: { "Content-Type": "application/json", "Idempotency-Key": key, Authorization: owner },
      body: text,
    });
  };
}

export const post = (path, body) => posting(path)(body);

export const put = (path) => send(path, { method: "PUT" });

/** Tells what a visitor did. Nobody waits for it, and nobody is troubled when it fails. */
export function interaction(element, widget) {
  post("/interactions", { element, widget, time: new Date().toISOString() }).catch(() => {});
}
