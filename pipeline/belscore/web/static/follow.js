/**
 * Follows uploads until they are over: by one stream of events for all of them, or by asking now and then where
 * something between keeps the stream back.
 */
import { text } from "./practise_texts.js";
import { asked } from "./upload.js";

/** @typedef {import("./practise_texts.js").Standing} Standing */

// A stream says something at once.
const FIRST_S = 6;
const ASK_S = 2;
const PAUSES_S = [1, 2, 4, 8];

export class Follower {
  /**
   * @param {(standing: Standing) => void} tell
   * @param {(words: string) => void} tellOffline  why nothing is heard of them; "" when it is again
   * @param {(token: string) => void} tellGone  an upload is not known any more
   */
  constructor(tell, tellOffline, tellGone) {
    this.tell = tell;
    this.tellOffline = tellOffline;
    this.tellGone = tellGone;
    /** @type {Set<string>} */
    this.tokens = new Set();
    /** @type {EventSource | null} */
    this.source = null;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    this.failures = 0;
    this.streams = typeof EventSource === "function";
    addEventListener("pagehide", () => this.close());
    addEventListener("pageshow", (event) => event.persisted && this.begin());
    addEventListener("online", () => this.begin());
  }

  /** @param {string} token */
  watch(token) {
    this.tokens.add(token);
    if (this.source === null && this.timer === undefined) this.begin();
  }

  begin() {
    this.close();
    if (this.tokens.size === 0) return;
    if (this.streams) this.stream();
    else this.ask();
  }

  close() {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.source?.close();
    this.source = null;
  }

  stream() {
    const query = [...this.tokens].slice(0, 100).map((token) => `token=${encodeURIComponent(token)}`).join("&");
    const source = new EventSource(`/api/uploads/events?${query}`);
    this.source = source;
    this.timer = setTimeout(() => {
      this.streams = false;
      this.begin();
    }, FIRST_S * 1000);
    source.addEventListener("standing", (event) => {
      clearTimeout(this.timer);
      this.timer = undefined;
      this.take(JSON.parse(event.data));
    });
    source.addEventListener("end", () => {
      this.close();
      // Something may have been handed in meanwhile, or be known no more.
      if (this.tokens.size > 0) this.timer = setTimeout(() => this.ask(), ASK_S * 1000);
    });
    // It would begin again by itself for ever, also when the answer is that nobody is logged in.
    source.onerror = () => {
      this.close();
      this.ask();
    };
  }

  /** @param {Standing} standing */
  take(standing) {
    this.failures = 0;
    this.tellOffline("");
    if (["done", "failed", "cancelled"].includes(standing.state)) this.tokens.delete(standing.token);
    this.tell(standing);
  }

  async ask() {
    clearTimeout(this.timer);
    this.timer = undefined;
    let unheard = "";
    for (const token of [...this.tokens]) {
      const found = await asked(`/api/uploads/${token}`);
      if (found?.ok) this.take(found.body);
      else if (found?.status === 404) {
        this.tokens.delete(token);
        this.tellGone(token);
      } else {
        unheard = found?.status === 401 ? found.body.error : text("offline");
        break;
      }
    }
    if (this.tokens.size === 0 || this.source !== null || this.timer !== undefined) return;
    if (unheard === "") {
      this.timer = setTimeout(() => this.begin(), this.streams ? 300 : ASK_S * 1000);
      return;
    }
    this.tellOffline(unheard);
    const pauseS = PAUSES_S[Math.min(this.failures, PAUSES_S.length - 1)];
    this.failures += 1;
    this.timer = setTimeout(() => this.ask(), pauseS * 1000);
  }
}
