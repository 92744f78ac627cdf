/**
 * Sends a recording: announced, sent with progress, tried again when the connection or the server goes away.
 *
 * The server keeps what was announced, so that a recording may be sent again under the same token, also after either
 * side was started anew.
 */

// Seconds before each new try: a server that is started again is there within them.
const PAUSES_S = [2, 5, 15];
// Nothing was sent for so long: the connection is gone, and nobody said so.
const STALLED_S = 45;
// How often it is asked whether there is room for one more.
const FULL_S = 4;

/** Sending ended; `key` says why: a text of the page, or "" with `told` by the server. */
export class SendError extends Error {
  /** @param {string} key @param {string} [told] */
  constructor(key, told = "") {
    super(told || key);
    this.key = key;
    this.told = told;
  }
}

/**
 * @typedef {object} Item
 * @property {Blob} blob
 * @property {string} name
 * @property {string} kind
 * @property {string} channel
 * @property {string | null} token  known when it was announced before
 * @property {Record<string, unknown>} [more]  what is announced beside this
 */

/**
 * @typedef {object} Hooks
 * @property {(token: string, standing: import("./practise_texts.js").Standing) => void} announced
 * @property {(share: number) => void} progress
 * @property {(seconds: number, number: number, most: number) => void} again
 * @property {() => void} full
 */

/**
 * Send until the server has all of it. Rejects with SendError, or AbortError when it was stopped.
 * @param {Item} item
 * @param {Hooks} hooks
 * @param {AbortSignal} signal
 */
export async function send(item, hooks, signal) {
  for (let tries = 0; ; ) {
    const pauseS = await attempt(item, hooks, signal);
    if (pauseS === null) return;
    if (pauseS === "full") {
      hooks.full();
      await wait(FULL_S, signal);
      continue;
    }
    if (tries >= PAUSES_S.length) throw new SendError("no_connection");
    hooks.again(PAUSES_S[tries], tries + 1, PAUSES_S.length);
    await wait(PAUSES_S[tries], signal);
    tries += 1;
  }
}

/**
 * One try: null when the server has it, "full" when it may come later, "again" when something went away.
 * @param {Item} item @param {Hooks} hooks @param {AbortSignal} signal
 * @returns {Promise<null | "full" | "again">}
 */
async function attempt(item, hooks, signal) {
  if (item.token !== null) {
    // The answer to an earlier try may have been lost.
    const found = await asked(`/api/uploads/${item.token}`, { signal });
    if (found === null) return "again";
    if (found.status === 404 || ["cancelled", "failed"].includes(found.body.state)) item.token = null;
    else if (found.status === 401) throw new SendError("logged_out");
    else if (!found.ok) return "again";
    else if (found.body.state !== "receiving") return null;
  }
  if (item.token === null) {
    const found = await asked("/api/uploads", {
      method: "POST", signal, headers: { "content-type": "application/json" },
      body: JSON.stringify({
        name: item.name, size_bytes: item.blob.size, kind: item.kind, agent_channel: item.channel, ...item.more,
      }),
    });
    if (found === null || (found.status >= 500 && !found.body.code)) return "again";
    if (found.status === 401) throw new SendError("logged_out");
    if (found.status === 429) return "full";
    if (!found.ok) throw new SendError("", found.body.error ?? String(found.status));
    item.token = String(found.body.token);
    hooks.announced(item.token, found.body);
  }
  const { status, told } = await put(item, hooks, signal);
  if (status === 204) return null;
  if (status === 401) throw new SendError("logged_out");
  if (status === 507 || status === 403) throw new SendError("", told);
  // Not taken any more, not known, broken off, or the server is gone: the next try finds out.
  return "again";
}

/**
 * The bytes, by XMLHttpRequest: `fetch` tells nothing of what was sent.
 * @param {Item} item @param {Hooks} hooks @param {AbortSignal} signal
 * @returns {Promise<{status: number, told: string}>}
 */
function put(item, hooks, signal) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    let watch;
    const stop = () => request.abort();
    const alive = () => {
      clearTimeout(watch);
      watch = setTimeout(stop, STALLED_S * 1000);
    };
    const over = (/** @type {() => void} */ then) => () => {
      clearTimeout(watch);
      signal.removeEventListener("abort", stop);
      then();
    };
    request.upload.onprogress = (event) => {
      alive();
      hooks.progress(event.loaded / item.blob.size);
    };
    request.onload = over(() => resolve({ status: request.status, told: toldIn(request.responseText) }));
    request.onerror = over(() => resolve({ status: 0, told: "" }));
    request.onabort = over(() => (signal.aborted ? reject(aborted()) : resolve({ status: 0, told: "" })));
    signal.addEventListener("abort", stop);
    request.open("PUT", `/api/uploads/${item.token}/content`);
    request.setRequestHeader("content-type", "application/octet-stream");
    alive();
    request.send(item.blob);
    if (signal.aborted) stop();
  });
}

/**
 * Ask the server something; null when it cannot be reached.
 * @param {string} address @param {RequestInit} [options]
 * @returns {Promise<{ok: boolean, status: number, body: any} | null>}
 */
export async function asked(address, options = {}) {
  try {
    const answer = await fetch(address, options);
    const body = answer.status === 204 ? {} : await answer.json().catch(() => ({}));
    return { ok: answer.ok, status: answer.status, body };
  } catch (error) {
    if (options.signal?.aborted) throw error;
    return null;
  }
}

/** @param {string} body */
function toldIn(body) {
  try {
    return String(JSON.parse(body).error ?? "");
  } catch {
    return "";
  }
}

function aborted() {
  return new DOMException("stopped", "AbortError");
}

/** @param {number} seconds @param {AbortSignal} signal */
function wait(seconds, signal) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, seconds * 1000, undefined);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(aborted());
    });
    // Back before the pause is over: at once.
    addEventListener("online", () => resolve(undefined), { once: true });
  });
}
