/**
 * A role play: the page says a caller's lines, the trainee answers into the microphone, and what was said is handed in
 * with the moments at which the lines began. Times are those of the microphone: what it recorded so far.
 */
import { openMicrophone, wav } from "./microphone.js";
import { asked, send } from "./upload.js";

/**
 * @typedef {{say: string, first: string, byHand: boolean, sound: string}} Line
 * @typedef {{id: string, title: string, longestS: number, lines: Line[], texts: Record<string, string>}} Data
 */

/** @type {Data} */
const data = JSON.parse(document.getElementById("data").textContent);
const part = (/** @type {string} */ id) => /** @type {any} */ (document.getElementById(id));
const text = (/** @type {string} */ key) => data.texts[key];

// Somebody has said something after so much sound, and is done after so much silence: less is a pause for breath.
const SAID_S = 0.6;
const DONE_S = 1.6;
// Sound is what is so much louder than the room, and louder than this at least. The room is what is left between words:
// the lowest level of the last six seconds.
const LOUDER = 4;
const LEAST = 0.012;
const ROOM_BLOCKS = 48;
const METER_DB = 60;
// The last words of the trainee after the caller's.
const LAST_S = 6;
const SHORTEST_S = 3;

class RolePlay {
  constructor() {
    /** @type {import("./microphone.js").Microphone | null} */
    this.microphone = null;
    /** @type {AudioContext | null} */
    this.speaker = null;
    /** @type {AudioBuffer[]} */
    this.sounds = [];
    /** @type {AudioBufferSourceNode | null} */
    this.playing = null;
    this.reset();
  }

  reset() {
    /** @type {ArrayBuffer[]} */
    this.blocks = [];
    this.samples = 0;
    /** @type {[number, number][]} */
    this.played = [];
    this.next = 0;
    /** @type {number[]} */
    this.levels = [];
    this.saidS = 0;
    this.quietS = 0;
    this.isLate = false;
  }

  /** Seconds recorded so far. */
  get nowS() {
    return this.microphone?.rate ? this.samples / this.microphone.rate : 0;
  }

  async start() {
    this.reset();
    show("asking");
    tell(text("asking"));
    try {
      this.speaker = new AudioContext();
      await this.speaker.resume();
      this.sounds = await Promise.all(data.lines.map((line) => this.fetched(line.sound)));
      this.microphone = await openMicrophone(
        (block) => this.hear(block), (level) => this.level(level), () => this.stop(text("lost")), { echoCancellation: true },
      );
    } catch (error) {
      await this.speaker?.close();
      show("before");
      const name = error instanceof DOMException ? error.name : "";
      tell(text(name === "NotAllowedError" ? "refused" : name === "NotFoundError" ? "no_microphone" : "failed"), "bad");
      return;
    }
    if (this.microphone.rate === 0) {
      await this.close();
      show("before");
      tell(text("old_browser"), "bad");
      return;
    }
    this.microphone.pass(true);
    tell("");
    this.agent();
    show("live");
    part("next").focus();
  }

  /** @param {string} address */
  async fetched(address) {
    const answer = await fetch(address);
    if (!answer.ok) throw new Error(address);
    return this.speaker.decodeAudioData(await answer.arrayBuffer());
  }

  /** The trainee is to speak. */
  agent() {
    const line = data.lines[this.next];
    this.saidS = this.quietS = 0;
    this.since = this.nowS;
    part("stage").dataset.turn = "agent";
    part("turn").textContent = text(line ? "your_turn" : "round_off");
    part("hint").textContent = part("hints").checked && line ? line.first : "";
    part("count").textContent = `${this.next} / ${data.lines.length}`;
    part("next").textContent = text(line ? "next" : "done");
    part("next").disabled = false;
    part("again").hidden = this.next === 0;
  }

  /** The caller speaks. */
  caller() {
    if (this.microphone === null || this.playing !== null) return;
    const line = data.lines[this.next];
    if (line === undefined) {
      void this.stop(text("stopped"));
      return;
    }
    this.say(this.next, () => {
      this.next += 1;
      this.agent();
    });
  }

  /** Say the last line once more, as a caller does who is asked to. */
  repeat() {
    if (this.playing === null && this.next > 0) this.say(this.next - 1, () => this.agent());
  }

  /** @param {number} place @param {() => void} then */
  say(place, then) {
    const source = this.speaker.createBufferSource();
    source.buffer = this.sounds[place];
    source.connect(this.speaker.destination);
    this.playing = source;
    this.played.push([place + 1, Math.round(this.nowS * 1000) / 1000]);
    part("stage").dataset.turn = "caller";
    part("turn").textContent = text("caller_speaks");
    part("hint").textContent = "";
    part("said").textContent = data.lines[place].say;
    part("next").disabled = true;
    source.onended = () => {
      if (this.playing !== source) return;
      this.playing = null;
      then();
    };
    source.start();
  }

  /** @param {ArrayBuffer} block */
  hear(block) {
    this.blocks.push(block);
    this.samples += block.byteLength / 2;
    part("time").textContent = clock(this.nowS);
    if (this.nowS >= data.longestS) void this.stop(text("full"));
  }

  /** @param {number} level  peak 0..1 of the last block */
  level(level) {
    part("level").value = level > 0 ? Math.max(0, 1 + (20 * Math.log10(level)) / METER_DB) : 0;
    if (this.microphone === null || this.playing !== null) return;
    const blockS = 2048 / this.microphone.rate;
    this.levels = [...this.levels.slice(1 - ROOM_BLOCKS), level];
    const room = Math.min(...this.levels);
    if (level > Math.max(LEAST, LOUDER * room)) {
      this.saidS += blockS;
      this.quietS = 0;
    } else this.quietS += blockS;
    const line = data.lines[this.next];
    const isDone = this.saidS >= SAID_S && this.quietS >= DONE_S;
    if (line === undefined ? isDone || this.nowS - this.since > LAST_S : isDone && part("alone").checked && !line.byHand)
      this.caller();
  }

  /** @param {string} told */
  async stop(told) {
    if (this.microphone === null) return;
    const { rate } = this.microphone;
    await this.close();
    if (this.samples / rate < SHORTEST_S || this.played.length === 0) {
      show("before");
      tell(text("short"), "open");
      return;
    }
    this.blob = wav(this.blocks, rate);
    this.isLate = true;
    part("heard").src = URL.createObjectURL(this.blob);
    show("stopped");
    tell(told);
    part("hand-in").focus();
  }

  async close() {
    const microphone = this.microphone;
    this.playing?.stop();
    this.playing = null;
    await microphone?.close();
    this.microphone = null;
    await this.speaker?.close();
    this.speaker = null;
  }

  async handIn() {
    show("sending");
    const item = {
      blob: this.blob, name: `${data.title}.wav`, kind: "roleplay", channel: "left", token: null,
      more: { scenario: data.id, played: this.played },
    };
    try {
      await send(item, {
        announced: () => {}, full: () => tell(text("waiting")), again: () => tell(text("again"), "open"),
        progress: (share) => { part("sending").value = share; },
      }, new AbortController().signal);
      this.isLate = false;
      await followed(String(item.token));
    } catch (error) {
      show("stopped");
      tell((error instanceof Error && "told" in error && error.told) || text("not_sent"), "bad");
    }
  }
}

/** Wait until it is scored, and go to its page. @param {string} token */
async function followed(token) {
  tell(text("scoring"));
  part("sending").removeAttribute("value");
  for (;;) {
    const found = await asked(`/api/uploads/${token}`);
    if (found?.ok && found.body.href) {
      location.assign(found.body.href);
      return;
    }
    if (found?.ok && ["failed", "cancelled"].includes(found.body.state)) {
      show("before");
      tell(found.body.error ?? found.body.stage_title, "bad");
      return;
    }
    if (found?.ok) tell(found.body.stage_title);
    await new Promise((resolve) => setTimeout(resolve, 800));
  }
}

/** @param {number} seconds */
function clock(seconds) {
  return `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;
}

/** What is there in each state. */
const SHOWN = {
  before: ["before", "start"], asking: [], live: ["live", "next", "stop"], stopped: ["heard", "hand-in", "over"],
  sending: ["sending"],
};

/** @param {keyof typeof SHOWN} state */
function show(state) {
  for (const id of new Set(Object.values(SHOWN).flat())) part(id).hidden = !SHOWN[state].includes(id);
  if (state !== "live") part("again").hidden = true;
  part("stage").dataset.state = state;
}

/** @param {string} told @param {string} [kind] */
function tell(told, kind = "") {
  part("told").hidden = told === "";
  part("told").textContent = told;
  part("told").className = `notice ${kind}`;
}

const play = new RolePlay();
part("start").addEventListener("click", () => void play.start());
part("next").addEventListener("click", () => play.caller());
part("again").addEventListener("click", () => play.repeat());
part("stop").addEventListener("click", () => void play.stop(text("stopped")));
part("hand-in").addEventListener("click", () => void play.handIn());
part("over").addEventListener("click", () => {
  play.isLate = false;
  show("before");
  tell("");
});
addEventListener("beforeunload", (event) => {
  if (play.isLate || play.microphone !== null) event.preventDefault();
});
if (!window.isSecureContext || !navigator.mediaDevices?.getUserMedia || typeof AudioWorkletNode !== "function") {
  part("start").disabled = true;
  tell(text(window.isSecureContext ? "old_browser" : "not_secure"), "open");
}
show("before");
part("stage").dataset.ready = "yes";
