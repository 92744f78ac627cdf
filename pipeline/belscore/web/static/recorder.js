/** Recording a call with the microphone: start, pause, stop, listen back, discard or hand in. */
import { forget, hold, keep, keepPart, keptOf, outlivesReload, partsOf } from "./kept_sound.js";
import { canRecord, openMicrophone, wav } from "./microphone.js";
import { data, moment, part, say, text } from "./practise_texts.js";

/** @typedef {import("./kept_sound.js").Kept} Kept */

const KEEP_MS = 1000;
// Under it no room is that silent: a microphone that is off, or the wrong one.
const SILENCE = 0.0005;
const SILENT_MS = 5000;
const SHORTEST_S = 2;
// The meter shows 0 to -60 dB, as levels are heard.
const METER_DB = 60;
const SURE_MS = 5000;
const TYPES = { ".webm": "audio/webm", ".m4a": "audio/mp4", ".ogg": "audio/ogg" };

/** @typedef {"idle" | "asking" | "recording" | "paused" | "stopped"} State */
/** What can be done in each state: the buttons that are there. */
const BUTTONS = {
  idle: ["start"], asking: [], recording: ["pause", "stop"], paused: ["pause", "stop"],
  stopped: ["hand-in", "more", "discard"],
};

export class Recorder {
  /**
   * @param {(blob: Blob, name: string, token: string | null,
   *   hooks: {announced: (token: string) => void, received: () => void}) => void} handIn
   */
  constructor(handIn) {
    this.handIn = handIn;
    /** @type {State} */
    this.state = "idle";
    /** @type {Kept | null} */
    this.kept = null;
    /** @type {import("./microphone.js").Microphone | null} */
    this.microphone = null;
    /** @type {ArrayBuffer[]} */
    this.blocks = [];
    this.number = 0;
    this.heardMs = 0;
    /** @type {ReturnType<typeof setInterval> | undefined} */
    this.clock = undefined;
    this.keeps = true;
    /** @type {Promise<void>} */
    this.writing = Promise.resolve();
    /** @type {WakeLockSentinel | null} */
    this.awake = null;
  }

  /** Whether leaving the page loses something. */
  get isUnkept() {
    return this.state === "recording" || this.state === "paused" || (this.state === "stopped" && !this.keeps);
  }

  async begin() {
    const on = (/** @type {string} */ name, /** @type {() => unknown} */ work) => part(`record-${name}`).addEventListener("click", work);
    on("start", () => this.start());
    on("more", () => this.start());
    on("pause", () => this.pause());
    on("stop", () => this.stop(text("record_stopped")));
    on("hand-in", () => this.send());
    on("discard", () => this.discard());
    on("keep", () => this.askAgain(false));
    addEventListener("pagehide", () => this.flush());
    if (!window.isSecureContext || !canRecord()) {
      this.show("idle");
      part("record-start").hidden = true;
      part("record-ask").hidden = true;
      this.tell(text(window.isSecureContext ? "record_not_here" : "record_not_secure"), "open");
      return;
    }
    this.keeps = await outlivesReload();
    await this.find();
    part("recorder").dataset.ready = "yes";
  }

  /** What was recorded before and not handed in. */
  async find() {
    for (const kept of await keptOf(data.user)) {
      if (!(await hold(kept.id))) continue;
      if (kept.token !== null) await this.sendKept(kept);
      else if (kept.seconds < SHORTEST_S) await forget(kept.id);
      else if (this.kept === null) {
        this.kept = kept;
        this.number = (await partsOf(kept.id)).length;
        await this.showStopped(text("record_found", { when: moment(new Date(kept.madeAt)) }));
      }
    }
  }

  async start() {
    const isNew = this.kept === null;
    this.show("asking");
    this.tell(text("record_asking"));
    try {
      this.microphone = await openMicrophone(
        (block) => this.take(block), (level) => this.level(level), () => this.stop(text("record_lost")),
      );
    } catch (error) {
      this.show(isNew ? "idle" : "stopped");
      this.tell(text(...why(error)), "bad");
      return;
    }
    if (this.kept !== null && this.microphone.rate !== this.kept.rate) {
      // Another microphone: one file has one rate.
      await this.microphone.close();
      this.microphone = null;
      await this.showStopped(text("record_failed", { why: `${this.kept.rate} Hz` }));
      return;
    }
    if (this.kept === null) await this.make(this.microphone);
    this.heardMs = performance.now();
    this.microphone.pass(true);
    this.began = performance.now();
    this.before = this.kept?.seconds ?? 0;
    this.clock = setInterval(() => this.tick(), 250);
    this.lastKept = performance.now();
    this.show("recording");
    this.tell(text("record_on") + (this.keeps ? "" : ` ${text("record_memory")}`), this.keeps ? "" : "open");
    // A phone that locks its screen stops recording.
    this.awake = (await navigator.wakeLock?.request("screen").catch(() => null)) ?? null;
  }

  /** @param {import("./microphone.js").Microphone} microphone */
  async make(microphone) {
    const { suffix, rate } = microphone;
    const id = crypto.randomUUID();
    this.kept = { id, user: data.user, madeAt: Date.now(), suffix, rate, seconds: 0, token: null };
    this.number = 0;
    await hold(id);
    await keep(this.kept);
  }

  /** @param {ArrayBuffer} block */
  take(block) {
    this.blocks.push(block);
    // Parts of a file are kept as they come.
    if (this.microphone?.rate === 0 || performance.now() - (this.lastKept ?? 0) >= KEEP_MS) this.flush();
  }

  /** Keep what came since the last time. */
  flush() {
    if (this.kept === null || this.blocks.length === 0) return;
    const blocks = this.blocks;
    this.blocks = [];
    this.lastKept = performance.now();
    const body = joined(blocks);
    const kept = this.kept;
    if (kept.rate > 0) kept.seconds += body.byteLength / 2 / kept.rate;
    else kept.seconds = this.seconds();
    const number = this.number++;
    this.writing = this.writing.then(() => keepPart({ ...kept }, number, body)).catch(() => {
      void this.stop(text("record_no_room"));
    });
  }

  seconds() {
    if (this.kept === null) return 0;
    if (this.kept.rate > 0)
      return this.kept.seconds + this.blocks.reduce((sum, each) => sum + each.byteLength, 0) / 2 / this.kept.rate;
    return (this.before ?? 0) + (this.state === "recording" ? (performance.now() - (this.began ?? 0)) / 1000 : 0);
  }

  tick() {
    const seconds = this.seconds();
    part("record-time").textContent = clock(seconds);
    if (seconds >= data.longestS) void this.stop(text("record_full", { minutes: data.longestS / 60 }));
    else if (this.state === "recording" && this.microphone?.rate && performance.now() - this.heardMs > SILENT_MS)
      this.tell(text("record_silent"), "open");
  }

  /** @param {number} level */
  level(level) {
    const shown = level > 0 ? Math.max(0, 1 + (20 * Math.log10(level)) / METER_DB) : 0;
    part("record-level").value = shown;
    if (level < SILENCE) return;
    if (performance.now() - this.heardMs > SILENT_MS && this.state === "recording") this.tell(text("record_on"));
    this.heardMs = performance.now();
  }

  pause() {
    if (this.state === "recording") {
      this.before = this.seconds();
      this.microphone?.pass(false);
      this.flush();
      this.show("paused");
      this.tell(text("record_paused"));
    } else if (this.state === "paused") {
      this.began = performance.now();
      this.heardMs = performance.now();
      this.microphone?.pass(true);
      this.show("recording");
      this.tell(text("record_on"));
    }
  }

  /** @param {string} told */
  async stop(told) {
    if (this.microphone === null) return;
    const microphone = this.microphone;
    clearInterval(this.clock);
    this.microphone = null;
    await microphone.close();
    this.flush();
    await this.writing;
    await this.awake?.release().catch(() => {});
    this.awake = null;
    if (this.kept !== null && this.kept.seconds < SHORTEST_S) {
      await this.drop();
      this.show("idle");
      this.tell(text("record_short"), "open");
      return;
    }
    await this.showStopped(told);
  }

  /** @param {string} told */
  async showStopped(told) {
    if (this.kept === null) return;
    part("record-sound").src = URL.createObjectURL(await blobOf(this.kept));
    part("record-time").textContent = clock(this.kept.seconds);
    this.show("stopped");
    this.tell(told);
  }

  async send() {
    const kept = this.kept;
    if (kept === null) return;
    this.reset();
    this.tell(text("record_handed_in"));
    await this.sendKept(kept);
  }

  /** @param {Kept} kept */
  async sendKept(kept) {
    const name = text("record_name", { when: moment(new Date(kept.madeAt)).replace(":", ".") }) + kept.suffix;
    this.handIn(await blobOf(kept), name, kept.token, {
      announced: (token) => void keep({ ...kept, token }),
      // It lies at the server now.
      received: () => void forget(kept.id),
    });
  }

  /** Discarding is asked for twice. */
  async discard() {
    if (!part("record-discard").classList.contains("sure")) {
      this.askAgain(true);
      return;
    }
    await this.drop();
    this.reset();
    this.tell(text("record_discarded"));
  }

  /** @param {boolean} isAsked */
  askAgain(isAsked) {
    clearTimeout(this.sure);
    part("record-discard").classList.toggle("sure", isAsked);
    part("record-discard").textContent = text(isAsked ? "record_discard_sure" : "record_discard");
    if (!isAsked && document.activeElement === part("record-keep")) part("record-discard").focus();
    part("record-keep").hidden = !isAsked;
    if (isAsked) this.sure = setTimeout(() => this.askAgain(false), SURE_MS);
  }

  async drop() {
    if (this.kept !== null) await forget(this.kept.id);
    this.kept = null;
    this.number = 0;
  }

  reset() {
    this.kept = null;
    this.number = 0;
    this.show("idle");
  }

  /** @param {State} state */
  show(state) {
    this.state = state;
    part("recorder").dataset.state = state;
    const hadFocus = part("recorder").contains(document.activeElement);
    const shown = /** @type {string[]} */ (BUTTONS[state]).filter((name) => name !== "more" || (this.kept?.rate ?? 0) > 0);
    this.askAgain(false);
    for (const name of ["start", "pause", "stop", "hand-in", "more", "discard"]) part(`record-${name}`).hidden = !shown.includes(name);
    part("record-pause").textContent = text(state === "paused" ? "record_go_on" : "record_pause");
    part("record-live").hidden = state !== "recording" && state !== "paused";
    part("record-heard").hidden = state !== "stopped";
    const player = part("record-sound");
    if (state !== "stopped" && player.src) {
      player.pause();
      URL.revokeObjectURL(player.src);
      player.removeAttribute("src");
    }
    if (hadFocus && shown.length > 0 && !part("recorder").contains(document.activeElement?.closest("button:not([hidden])") ?? null))
      part(`record-${state === "recording" ? "stop" : shown[0]}`).focus();
  }

  /** @param {string} words @param {string} [kind] */
  tell(words, kind = "") {
    const place = part("record-told");
    place.hidden = false;
    place.className = `notice ${kind}`;
    place.textContent = words;
    say(words);
  }
}

/** @param {Kept} kept */
async function blobOf(kept) {
  const parts = await partsOf(kept.id);
  return kept.rate > 0 ? wav(parts, kept.rate) : new Blob(parts, { type: /** @type {Record<string, string>} */ (TYPES)[kept.suffix] });
}

/** @param {ArrayBuffer[]} blocks */
function joined(blocks) {
  const all = new Uint8Array(blocks.reduce((sum, each) => sum + each.byteLength, 0));
  let at = 0;
  for (const block of blocks) {
    all.set(new Uint8Array(block), at);
    at += block.byteLength;
  }
  return all.buffer;
}

/** @param {number} seconds */
function clock(seconds) {
  const whole = Math.floor(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

/**
 * What a refused microphone means.
 * @param {unknown} error
 * @returns {[string, Record<string, string>]}
 */
function why(error) {
  const name = error instanceof DOMException ? error.name : "";
  const keys = /** @type {Record<string, string>} */ ({
    NotAllowedError: "record_refused", SecurityError: "record_refused", NotFoundError: "record_none",
    OverconstrainedError: "record_none", NotReadableError: "record_busy", AbortError: "record_busy",
  });
  return keys[name] === undefined ? ["record_failed", { why: String(error) }] : [keys[name], {}];
}
