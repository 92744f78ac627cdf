// @ts-check
/**
 * The call in time: two lanes of speech with their waves, what lies between them, the findings above, the rate below.
 *
 * Places on the line are per cent of the call, so that zooming only changes the width of the drawing; which marks stand
 * above each other depends on the width, and is laid out anew.
 */
import { clock, fill } from "./player.js";

const SVG = "http://www.w3.org/2000/svg";
const ROW = 24; // a mark with room to touch it (WCAG 2.5.8)
const MAX_ROWS = 4;
const LANE_WITH_WAVE = 44;
const LANE_PLAIN = 26;
const BETWEEN = 14;
const CLOCK = 22;
const RATES = 58;
const MOST_PX_PER_S = 80;
const ZOOM_STEP = 1.6;
// Steps between ticks that people count in, and the room that a label needs.
const TICK_STEPS_S = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600];
const TICK_PX = 64;
const SIDE = 12; // room at either end, so that a mark there is whole; as in timeline.css
const RANK = { fail: 0, unsure: 1, pass: 2 };

/** @typedef {{kind: string, lane: number, start_s: number, end_s: number, label: string}} Stretch */
/** @typedef {{rule_id: string, verdict: "pass" | "fail" | "unsure", sign: string, start_s: number, end_s: number, label: string}} Mark */
/** @typedef {{marks: Mark[], row: number, at: number}} Placed */

/**
 * Marks that would cover each other go above each other, fails lowest; what does not fit joins the nearest in the top row.
 * @param {Mark[]} marks
 * @param {number} pxPerS
 * @param {number} [maxRows]
 * @returns {Placed[]} in order of time
 */
export function placeMarks(marks, pxPerS, maxRows = MAX_ROWS) {
  /** @type {Placed[][]} */
  const rows = Array.from({ length: maxRows }, () => []);
  const byRank = [...marks].sort((one, other) => RANK[one.verdict] - RANK[other.verdict] || one.start_s - other.start_s);
  for (const mark of byRank) {
    const isFree = (/** @type {Placed[]} */ row) => row.every((each) => Math.abs(each.at - mark.start_s) * pxPerS >= ROW);
    const row = rows.findIndex(isFree);
    if (row >= 0) {
      rows[row].push({ marks: [mark], row, at: mark.start_s });
      continue;
    }
    const far = (/** @type {Placed} */ each) => Math.abs(each.at - mark.start_s);
    rows[maxRows - 1].reduce((best, each) => (far(each) < far(best) ? each : best)).marks.push(mark);
  }
  return rows.flat().sort((one, other) => one.at - other.at || one.row - other.row);
}

/**
 * Where the clock is written.
 * @param {number} duration
 * @param {number} pxPerS
 * @returns {number[]} seconds
 */
export function ticks(duration, pxPerS) {
  const step = TICK_STEPS_S.find((each) => each * pxPerS >= TICK_PX) ?? TICK_STEPS_S[TICK_STEPS_S.length - 1];
  const found = [];
  for (let at = 0; at === 0 || at < duration - TICK_PX / 2 / pxPerS; at += step) found.push(at);
  return found;
}

/**
 * The outline of a wave as a path: up and down from its middle line.
 * @param {number[]} heights 0..50
 */
export function wavePath(heights) {
  const step = (/** @type {number} */ sign) => (/** @type {number} */ height, /** @type {number} */ place) =>
    `L${place} ${sign * height}L${place + 1} ${sign * height}`;
  const down = heights.map((height, place) => `L${place + 1} ${height}L${place} ${height}`).reverse();
  return `M0 0${heights.map(step(-1)).join("")}${down.join("")}z`;
}

/**
 * @param {string} name
 * @param {Record<string, string | number>} [attributes]
 * @param {(Element | string)[]} [inside]
 * @returns {SVGElement}
 */
export function svg(name, attributes = {}, inside = []) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  made.append(...inside);
  return made;
}

/**
 * @param {string} name
 * @param {string} kind of CSS class
 * @param {(Node | string)[]} [inside]
 */
function html(name, kind, inside = []) {
  const made = document.createElement(name);
  made.className = kind;
  made.append(...inside);
  return made;
}

/** Events: `seek` (detail: seconds) when a place is chosen, `mark` (detail: Placed) when a finding is. */
export class Timeline extends EventTarget {
  /**
   * @param {HTMLElement} host
   * @param {any} data a TimelineData
   * @param {Record<string, string>} texts
   */
  constructor(host, data, texts) {
    super();
    this.host = host;
    this.data = data;
    this.texts = texts;
    this.duration = data.duration_s;
    this.zoom = 1;
    this.at = 0;
    this.lane = data.waves.length ? LANE_WITH_WAVE : LANE_PLAIN;
    this.below = 2 * this.lane + BETWEEN;
    this.build();
    this.layOut();
    this.setTime(0);
    // Laid out anew in a frame of its own: changes inside would call this again.
    new ResizeObserver(() => requestAnimationFrame(() => this.layOut())).observe(this.scroller);
  }

  get pxPerS() {
    return ((this.scroller.clientWidth - 2 * SIDE) * this.zoom) / this.duration;
  }

  build() {
    this.marksLayer = svg("g", { class: "tl-marks" });
    this.ticksLayer = svg("g", { class: "tl-ticks" });
    this.body = svg("g", {}, [...this.gaps(), ...this.lanes(), ...this.overlaps(), this.ticksLayer, ...this.rates()]);
    this.drawing = svg("svg", { class: "tl-drawing", width: "100%", role: "group", "aria-label": this.texts.timeline }, [
      hatching(),
      this.body,
      this.marksLayer,
    ]);
    this.head = html("div", "tl-head");
    for (const [key, value] of Object.entries({
      role: "slider",
      tabindex: 0,
      "aria-label": this.texts.place,
      "aria-valuemin": 0,
      "aria-valuemax": Math.round(this.duration),
    }))
      this.head.setAttribute(key, String(value));
    this.wide = html("div", "tl-wide", [this.drawing, this.head]);
    this.scroller = html("div", "tl-scroll", [this.wide]);
    this.label = html("div", "tl-label");
    this.label.hidden = true;
    this.label.setAttribute("aria-hidden", "true");
    const named = ["agent", "caller", ...(this.data.rates.length ? ["rates"] : [])];
    this.names = html("div", "tl-names", named.map((kind) => html("span", kind, [this.texts[kind]])));
    this.names.setAttribute("aria-hidden", "true");
    this.host.replaceChildren(this.tools(), html("div", "tl-frame", [this.scroller, this.names, this.label]));
    this.listen();
  }

  tools() {
    const button = (/** @type {string} */ sign, /** @type {string} */ name, /** @type {() => void} */ act) => {
      const made = /** @type {HTMLButtonElement} */ (html("button", "tl-tool", [sign]));
      made.type = "button";
      made.title = name;
      if (sign !== name) made.setAttribute("aria-label", name);
      made.addEventListener("click", act);
      return made;
    };
    this.outButton = button("−", this.texts.zoom_out, () => this.zoomBy(1 / ZOOM_STEP));
    this.inButton = button("+", this.texts.zoom_in, () => this.zoomBy(ZOOM_STEP));
    this.allButton = button(this.texts.zoom_all, this.texts.zoom_all, () => this.zoomTo(1));
    return html("div", "tl-tools no-print", [this.outButton, this.inButton, this.allButton]);
  }

  // ---- what is drawn once

  /** @param {number} at */
  x(at) {
    return `${((100 * at) / this.duration).toFixed(3)}%`;
  }

  /**
   * @param {string} kind
   * @param {{start_s: number, end_s: number, label: string}} each
   * @param {number} y
   * @param {number} height
   * @param {number} [round]
   */
  bar(kind, each, y, height, round = 0) {
    const place = { x: this.x(each.start_s), width: this.x(each.end_s - each.start_s), y, height, rx: round };
    return svg("rect", { class: kind, ...place, "data-label": each.label, "data-start": each.start_s });
  }

  gaps() {
    return this.data.gaps.map((/** @type {Stretch} */ each) => this.bar(`gap ${each.kind}`, each, 0, this.below));
  }

  lanes() {
    const { lane, data } = this;
    const top = (/** @type {number} */ which) => which * (lane + BETWEEN);
    const middle = [0, 1].map((which) =>
      svg("rect", { class: "tl-middle", x: 0, width: "100%", y: top(which) + lane / 2, height: 1 }),
    );
    const speech = data.speech.map((/** @type {Stretch} */ each) =>
      this.bar(`speech ${each.kind}${data.waves.length ? " under" : ""}`, each, top(each.lane), lane, 3),
    );
    const waves = data.waves.map((/** @type {{lane: number, role: string, heights: number[]}} */ each) =>
      svg(
        "svg",
        {
          class: `wave ${each.role}`,
          x: 0,
          width: "100%",
          y: top(each.lane),
          height: lane,
          viewBox: `0 -50 ${each.heights.length} 100`,
          preserveAspectRatio: "none",
          "aria-hidden": "true",
        },
        [svg("path", { d: wavePath(each.heights) })],
      ),
    );
    return [...middle, ...speech, ...waves];
  }

  overlaps() {
    return this.data.overlaps.map((/** @type {Stretch} */ each) =>
      this.bar(`between ${each.kind}`, each, this.lane + 1, BETWEEN - 2, 2),
    );
  }

  rates() {
    const { rates, rate_scale: scale } = this.data;
    if (!rates.length) return [];
    const top = this.below + CLOCK + 4;
    const y = (/** @type {number} */ sps) => {
      const share = (scale.highest_sps - sps) / (scale.highest_sps - scale.lowest_sps);
      return top + RATES * Math.min(1, Math.max(0, share));
    };
    const [from, to] = [y(scale.calm_to_sps), y(scale.calm_from_sps)];
    const calm = svg("rect", { class: "tl-calm", x: 0, width: "100%", y: from, height: to - from });
    return [calm, ...rates.map((/** @type {any} */ each) => this.bar(`rate ${each.role}`, each, y(each.rate_sps) - 2.5, 5, 2.5))];
  }

  // ---- what depends on the width

  layOut() {
    const width = this.scroller.clientWidth;
    if (!width || (width === this.laidWidth && this.zoom === this.laidZoom)) return;
    [this.laidWidth, this.laidZoom] = [width, this.zoom];
    this.wide.style.setProperty("--zoom", String(this.zoom));
    const placed = placeMarks(this.data.marks, this.pxPerS);
    const rows = placed.reduce((most, each) => Math.max(most, each.row + 1), 0);
    const top = rows * ROW + 6;
    this.marksLayer.replaceChildren(...placed.map((each) => this.mark(each, top - 4 - ROW * (each.row + 0.5))));
    this.ticksLayer.replaceChildren(...ticks(this.duration, this.pxPerS).flatMap((at) => this.tick(at)));
    this.body.setAttribute("transform", `translate(0 ${top})`);
    const height = top + this.below + CLOCK + (this.data.rates.length ? RATES + 10 : 0);
    this.drawing.setAttribute("height", String(height));
    this.host.style.setProperty("--lanes-top", `${top}px`);
    this.host.style.setProperty("--lane", `${this.lane}px`);
    this.host.style.setProperty("--second-lane", `${top + this.lane + BETWEEN}px`);
    this.host.style.setProperty("--lanes-end", `${top + this.below}px`);
    const [canOut, canIn] = [this.zoom > 1, this.pxPerS < MOST_PX_PER_S];
    this.outButton.disabled = this.allButton.disabled = !canOut;
    this.inButton.disabled = !canIn;
  }

  /** @param {number} at */
  tick(at) {
    const text = svg("text", { x: this.x(at), dx: 4, y: this.below + 15 }, [clock(at)]);
    return [svg("line", { x1: this.x(at), x2: this.x(at), y1: 0, y2: this.below + 6 }), text];
  }

  /**
   * @param {Placed} placed
   * @param {number} y of its middle
   */
  mark(placed, y) {
    const [first, ...others] = placed.marks;
    const more = others.length ? `, ${fill(this.texts.more, { count: others.length })}` : "";
    const label = `${first.label}${more}`;
    const named = { href: `#r-${first.rule_id}`, "aria-label": label, "data-label": label };
    // There may be dozens: by keyboard n and p go to them, and the two buttons of the player.
    const link = svg("a", { class: `mark ${first.verdict}`, tabindex: -1, ...named }, [
      svg("svg", { x: this.x(placed.at), y, overflow: "visible" }, [
        svg("circle", { class: "touch", r: ROW / 2 }),
        svg("circle", { class: "dot", r: 9 }),
        svg("text", { y: 4 }, [others.length ? `${placed.marks.length}` : first.sign]),
      ]),
    ]);
    link.addEventListener("click", (event) => {
      event.preventDefault();
      event.stopPropagation();
      this.dispatchEvent(new CustomEvent("mark", { detail: placed }));
    });
    return link;
  }

  // ---- what the reader does

  listen() {
    this.scroller.addEventListener("click", (event) => {
      this.dispatchEvent(new CustomEvent("seek", { detail: this.timeAt(event.clientX) }));
    });
    this.scroller.addEventListener("pointermove", (event) => {
      const over = /** @type {Element} */ (event.target).closest("[data-label]");
      this.showLabel(over?.getAttribute("data-label") || clock(this.timeAt(event.clientX)), event.clientX);
    });
    this.scroller.addEventListener("pointerleave", () => this.hideLabel());
    this.scroller.addEventListener("focusin", (event) => {
      const target = /** @type {Element} */ (event.target);
      const label = target.getAttribute("data-label");
      const box = target.getBoundingClientRect();
      if (label && target.matches(":focus-visible")) this.showLabel(label, box.left + box.width / 2);
    });
    this.scroller.addEventListener("focusout", () => this.hideLabel());
    this.scroller.addEventListener("scroll", () => this.hideLabel(), { passive: true });
    this.scroller.addEventListener(
      "wheel",
      (event) => {
        if (!event.ctrlKey && !event.metaKey) return;
        event.preventDefault();
        this.zoomBy(event.deltaY < 0 ? 1.2 : 1 / 1.2, event.clientX);
      },
      { passive: false },
    );
  }

  /** @param {number} clientX */
  timeAt(clientX) {
    const box = this.wide.getBoundingClientRect();
    return Math.min(1, Math.max(0, (clientX - box.left) / box.width)) * this.duration;
  }

  /**
   * @param {string} text
   * @param {number} clientX
   */
  showLabel(text, clientX) {
    const frame = this.scroller.getBoundingClientRect();
    this.label.hidden = false;
    this.label.textContent = text;
    const half = this.label.offsetWidth / 2;
    const middle = Math.min(Math.max(clientX - frame.left, half), Math.max(half, frame.width - half));
    this.label.style.setProperty("--at", `${middle - half}px`);
  }

  hideLabel() {
    this.label.hidden = true;
  }

  /**
   * @param {number} factor
   * @param {number} [clientX] what stays where it is; the place of the sound otherwise, where that is in view
   */
  zoomBy(factor, clientX) {
    this.zoomTo(this.zoom * factor, clientX);
  }

  /**
   * @param {number} zoom 1 for the whole call
   * @param {number} [clientX]
   */
  zoomTo(zoom, clientX) {
    const most = Math.max(1, (MOST_PX_PER_S * this.duration) / (this.scroller.clientWidth - 2 * SIDE));
    const box = this.scroller.getBoundingClientRect();
    const headX = box.left + SIDE + this.at * this.pxPerS - this.scroller.scrollLeft;
    const isInView = headX >= box.left && headX <= box.right;
    const fixedX = clientX ?? (isInView ? headX : box.left + box.width / 2);
    const fixed = this.timeAt(fixedX);
    this.zoom = Math.min(most, Math.max(1, zoom));
    this.layOut();
    this.scroller.scrollLeft = SIDE + fixed * this.pxPerS - (fixedX - box.left);
  }

  /**
   * @param {number} at
   * @param {boolean} [follow] keep the place in view
   */
  setTime(at, follow = false) {
    this.at = at;
    this.head.style.setProperty("--at", `${(100 * at) / this.duration}%`);
    const whole = String(Math.floor(at));
    if (this.head.getAttribute("aria-valuenow") !== whole) {
      this.head.setAttribute("aria-valuenow", whole);
      this.head.setAttribute("aria-valuetext", fill(this.texts.of, { at: clock(at), total: clock(this.duration) }));
    }
    if (follow && this.zoom > 1) this.reveal(at);
  }

  /** @param {number} at */
  reveal(at) {
    const x = SIDE + at * this.pxPerS;
    const { scrollLeft, clientWidth } = this.scroller;
    if (x < scrollLeft || x > scrollLeft + clientWidth * 0.96) this.scroller.scrollLeft = x - clientWidth * 0.1;
  }
}

function hatching() {
  const pattern = (/** @type {string} */ id, /** @type {string} */ turn) =>
    svg("pattern", { id, width: 6, height: 6, patternUnits: "userSpaceOnUse", patternTransform: `rotate(${turn})` }, [
      svg("rect", { class: `${id}-paper`, width: 6, height: 6 }),
      svg("rect", { class: `${id}-line`, width: 2, height: 6 }),
    ]);
  return svg("defs", {}, [pattern("tl-hold", "45"), pattern("tl-ring", "0"), pattern("tl-both", "-45")]);
}
