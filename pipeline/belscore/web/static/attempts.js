/** The list of attempts: a line for each upload, brought up to date by what the server and the sender say. */
import { data, part, text } from "./practise_texts.js";

/** @typedef {import("./practise_texts.js").Standing} Standing */

const OVER = ["done", "failed", "cancelled"];

/** A line of the list. What its buttons do is set by who makes it. */
export class Line {
  /** @param {HTMLElement} element */
  constructor(element) {
    this.element = element;
    this.title = this.find(".title").textContent ?? "";
    this.token = element.dataset.token ?? null;
    /** Sent by this page: what the server says of receiving is older than what we know. */
    this.isOurs = false;
    /** @type {() => void} */
    this.onCancel = () => {};
    /** @type {() => void} */
    this.onRetry = () => {};
    /** @type {() => void} */
    this.onRemove = () => {};
    this.find(".cancel").addEventListener("click", () => this.onCancel());
    this.find(".retry").addEventListener("click", () => this.onRetry());
    this.find(".remove").addEventListener("click", () => this.onRemove());
    this.name();
  }

  /**
   * A new line on top of the list.
   * @param {string} title @param {string} kind
   */
  static added(title, kind) {
    const made = part("attempt").content.firstElementChild.cloneNode(true);
    made.querySelector(".title").textContent = title;
    made.querySelector(".kind").textContent = text(`kind_${kind}`);
    part("attempts").prepend(made);
    part("none").hidden = true;
    return new Line(made);
  }

  /** @param {string} selector @returns {any} */
  find(selector) {
    return this.element.querySelector(selector);
  }

  /** Say of each button and link what it is for. */
  name() {
    for (const name of ["feedback", "cancel", "retry", "remove"])
      this.find(`.${name}`).setAttribute("aria-label", text(`${name}_of`, { title: this.title }));
  }

  get state() {
    return this.element.dataset.state ?? "";
  }

  get isOver() {
    return OVER.includes(this.state);
  }

  /**
   * What the server says.
   * @param {Standing} standing
   */
  show(standing) {
    if (this.isOurs && standing.state === "receiving") return;
    this.isOurs = false;
    this.token = standing.token;
    this.title = standing.title;
    this.element.dataset.token = standing.token;
    this.find(".title").textContent = standing.title;
    this.name();
    this.set(standing.state, stateText(standing), standing.state === "running" ? standing.share : undefined);
    this.wrong(standing.state === "receiving" && standing.is_quiet ? text("quiet") : (standing.error ?? ""));
    const link = this.find(".feedback");
    link.hidden = standing.href === null;
    if (standing.href !== null) link.href = standing.href;
    this.buttons({ cancel: !this.isOver, remove: standing.state === "failed" || standing.state === "cancelled" });
  }

  /**
   * @param {string} state
   * @param {string} words
   * @param {number | null} [share]  null when it is not known, undefined for no bar
   */
  set(state, words, share) {
    this.element.dataset.state = state;
    const place = this.find(".state");
    if (place.textContent !== words) place.textContent = words;
    const bar = this.find("progress");
    bar.hidden = share === undefined;
    bar.setAttribute("aria-label", `${this.title}: ${words}`);
    if (share === null) bar.removeAttribute("value");
    else if (share !== undefined) bar.value = share;
  }

  /** @param {string} words  what is wrong; "" for nothing */
  wrong(words) {
    const place = this.find(".wrong-told");
    place.hidden = words === "";
    place.textContent = words;
  }

  /** @param {{cancel?: boolean, retry?: boolean, remove?: boolean}} shown */
  buttons({ cancel = false, retry = false, remove = false }) {
    const before = document.activeElement;
    const hadFocus = before !== null && this.element.contains(before);
    for (const [name, isShown] of Object.entries({ cancel, retry, remove })) this.find(`.${name}`).hidden = !isShown;
    // Who works by keyboard stays on this line when the button under their finger goes.
    if (hadFocus && before instanceof HTMLElement && before.hidden)
      /** @type {HTMLElement | null} */ (this.element.querySelector(".acts > :not([hidden])"))?.focus();
  }

  remove() {
    const next = /** @type {HTMLElement | null} */ (this.element.nextElementSibling ?? this.element.previousElementSibling);
    const hadFocus = this.element.contains(document.activeElement);
    this.element.remove();
    part("none").hidden = part("attempts").childElementCount > 0;
    if (hadFocus) (next?.querySelector(".acts > :not([hidden])") ?? part("choose")).focus();
  }
}

/** @param {Standing} standing */
function stateText(standing) {
  if (standing.state === "done")
    return standing.score === null ? text("no_score") : text("score", { score: standing.score });
  if (standing.state === "waiting")
    return standing.ahead === 0 ? text("ahead_none")
      : standing.ahead === 1 ? text("ahead_one") : text("ahead_many", { count: standing.ahead });
  if (standing.state === "receiving") return standing.is_quiet ? data.stages.cancelled : text("elsewhere");
  if (standing.state === "running" && standing.share !== null)
    return text("stage_share", { stage: standing.stage_title, percent: Math.floor(standing.share * 100) });
  return standing.stage_title;
}
