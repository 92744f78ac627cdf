// @ts-check
/** The sound of a call: the one place that knows where it is, which tells it to whoever draws or follows. */

/**
 * Events: `time` when the place changed, `state` when it begins or stops playing, `missing` when there is no sound.
 * Without sound it still has a place, so that timeline and text can be walked through.
 */
export class Player extends EventTarget {
  /**
   * @param {HTMLAudioElement | null} sound
   * @param {number} duration seconds, as the call has it
   */
  constructor(sound, duration) {
    super();
    this.sound = sound;
    this.duration = duration;
    this.isMissing = !sound || Boolean(sound.error);
    this.place = 0;
    this.frame = 0;
    if (!sound) return;
    sound.addEventListener("play", () => this.run());
    sound.addEventListener("playing", () => this.run());
    for (const name of ["pause", "ended"]) sound.addEventListener(name, () => this.rest());
    for (const name of ["timeupdate", "seeked"]) sound.addEventListener(name, () => this.tell());
    sound.addEventListener("error", () => this.miss());
  }

  /** Seconds from the start. */
  get at() {
    return this.isMissing || !this.sound ? this.place : this.sound.currentTime;
  }

  get isPlaying() {
    return Boolean(this.sound && !this.isMissing && !this.sound.paused);
  }

  /**
   * @param {number} at seconds; kept inside the call
   * @param {boolean} [play] begin to play there
   */
  seek(at, play = false) {
    this.place = Math.min(Math.max(0, at), this.duration);
    if (this.sound && !this.isMissing) {
      this.sound.currentTime = this.place;
      if (play) this.play();
    }
    this.dispatchEvent(new CustomEvent("time", { detail: { at: this.place, isJump: true } }));
  }

  play() {
    // Refused where the reader did nothing yet, or when the sound cannot be had: `error` tells that.
    this.sound?.play().catch(() => {});
  }

  toggle() {
    if (!this.sound || this.isMissing) return;
    if (this.sound.paused) this.play();
    else this.sound.pause();
  }

  /** @param {number} rate 1 for as it was said */
  setRate(rate) {
    if (this.sound) this.sound.playbackRate = rate;
  }

  run() {
    cancelAnimationFrame(this.frame);
    this.dispatchEvent(new Event("state"));
    const step = () => {
      this.tell();
      if (this.isPlaying) this.frame = requestAnimationFrame(step);
    };
    step();
  }

  rest() {
    cancelAnimationFrame(this.frame);
    this.tell();
    this.dispatchEvent(new Event("state"));
  }

  tell() {
    this.place = this.at;
    this.dispatchEvent(new CustomEvent("time", { detail: { at: this.place, isJump: false } }));
  }

  miss() {
    this.isMissing = true;
    cancelAnimationFrame(this.frame);
    this.dispatchEvent(new Event("missing"));
  }
}

/**
 * m:ss, from an hour on h:mm:ss.
 * @param {number} seconds
 */
export function clock(seconds) {
  const whole = Math.floor(Math.max(0, seconds));
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const pad = (/** @type {number} */ value) => String(value).padStart(2, "0");
  return hours ? `${hours}:${pad(minutes)}:${pad(rest)}` : `${minutes}:${pad(rest)}`;
}

/**
 * A text with what goes into it: `{name}`.
 * @param {string} text
 * @param {Record<string, string | number>} values
 */
export function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}
