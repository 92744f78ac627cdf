// @ts-check
/** The text of a call that follows its sound: which word is said now, and a click on a word plays from there. */

// Word times of a recogniser begin a little late; a word stays lit through a short pause after it.
const EARLY_S = 0.05;
const LINGERS_S = 0.6;
const EVERY_WORD = "[data-t]";

/**
 * The place of the last of these moments that is not after `at`; -1 when there is none.
 * @param {ArrayLike<number>} starts in order
 * @param {number} at
 */
export function lastBefore(starts, at) {
  let [low, high] = [0, starts.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (starts[middle] <= at) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** Events: `seek` (detail: seconds) when a word is chosen, `follow` when following begins or ends. */
export class Transcript extends EventTarget {
  /** @param {HTMLElement} box that scrolls by itself */
  constructor(box) {
    super();
    this.box = box;
    this.isFollowing = true;
    this.at = 0;
    /** @type {{element: Element, start: number, end: number}[]} */
    this.words = [...box.querySelectorAll(EVERY_WORD)]
      .map((element) => {
        const [start, end] = /** @type {string} */ (element.getAttribute("data-t")).split(" ").map(Number);
        return { element, start, end };
      })
      .sort((one, other) => one.start - other.start);
    this.starts = Float64Array.from(this.words, (word) => word.start);
    this.turns = [...box.querySelectorAll("[data-from]")].map((element) => ({
      element,
      start: Number(element.getAttribute("data-from")),
      end: Number(element.getAttribute("data-to")),
    }));
    /** @type {Element | null} */
    this.word = null;
    /** @type {Set<Element>} */
    this.lit = new Set();
    this.listen();
  }

  listen() {
    this.box.addEventListener("click", (event) => {
      const target = /** @type {Element} */ (event.target);
      const word = target.closest(EVERY_WORD);
      // Whoever selects text to copy it does not want to hear it.
      if (!word || target.closest("a") || String(getSelection())) return;
      const [start] = /** @type {string} */ (word.getAttribute("data-t")).split(" ");
      this.dispatchEvent(new CustomEvent("seek", { detail: Number(start) }));
    });
    const letGo = () => this.setFollowing(false);
    this.box.addEventListener("wheel", letGo, { passive: true });
    this.box.addEventListener("touchmove", letGo, { passive: true });
    this.box.addEventListener("pointerdown", (event) => {
      // On the bar of the box itself.
      if (event.target === this.box && event.offsetX > this.box.clientWidth) letGo();
    });
    this.box.addEventListener("keydown", (event) => {
      if (["ArrowUp", "ArrowDown", "PageUp", "PageDown"].includes(event.key)) letGo();
    });
  }

  /** @param {boolean} is */
  setFollowing(is) {
    if (is === this.isFollowing) return;
    this.isFollowing = is;
    if (is) this.reveal("auto");
    this.dispatchEvent(new Event("follow"));
  }

  /**
   * @param {number} at
   * @param {boolean} [isJump] the reader chose this place
   */
  setTime(at, isJump = false) {
    this.at = at;
    const place = lastBefore(this.starts, at + EARLY_S);
    const found = this.words[place];
    const next = found && at <= found.end + LINGERS_S ? found.element : null;
    if (next !== this.word) {
      this.word?.classList.remove("now");
      next?.classList.add("now");
      this.word = next;
    }
    const changed = this.light(at);
    if ((changed || isJump) && this.isFollowing) this.reveal(isJump ? "auto" : "smooth");
  }

  /**
   * Light the turns and pauses of this moment; whether there are others than before.
   * @param {number} at
   */
  light(at) {
    const now = this.turns.filter((turn) => turn.start <= at + EARLY_S && at < turn.end).map((turn) => turn.element);
    if (now.length === this.lit.size && now.every((element) => this.lit.has(element))) return false;
    for (const element of this.lit) element.classList.remove("now");
    for (const element of now) element.classList.add("now");
    this.lit = new Set(now);
    return now.length > 0;
  }

  /** @param {ScrollBehavior} behavior */
  reveal(behavior) {
    const target = this.word ?? [...this.lit][0] ?? this.turns.findLast((turn) => turn.start <= this.at)?.element;
    if (!target) return;
    const [box, place] = [this.box.getBoundingClientRect(), target.getBoundingClientRect()];
    if (!this.box.clientHeight || this.box.scrollHeight <= this.box.clientHeight) return;
    if (place.top >= box.top + 40 && place.bottom <= box.bottom - 80) return;
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.box.scrollTo({ top: this.box.scrollTop + place.top - box.top - box.height / 3, behavior: calm ? "auto" : behavior });
  }
}
