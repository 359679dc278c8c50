// Requests to the API of this server.

import { kept } from "./dom.js";

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
let token = null;
let owner = kept.get("owner");
if (typeof owner !== "string") {
  owner = unique();
  kept.set("owner", owner);
}

/** Resolves to a token, or to nothing; set by who can ask a person. */
export const person = { token: async () => null };
let asking = null; // for all requests that want it at a time

async function send(path, options = {}, asked = false) {
  let response;
  const headers = { ...options.headers };
  if (token) headers.Authorization = token;
  try {
    response = await fetch(path, { ...options, headers });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Error("The server can't be reached. Is it running?");
  }
  if (response.status === 401 && !asked) {
    asking ??= person.token().finally(() => (asking = null));
    const given = await asking;
    if (given) {
      token = given;
      return send(path, options, true);
    }
  }
  if (!response.ok) throw new Refused(response.status, await response.text());
  return response;
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
