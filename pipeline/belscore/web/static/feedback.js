// @ts-check
/** The feedback page of a call: sound, timeline and text held together. */
import { drawAttempts } from "./compare.js";
import { Player, clock, fill } from "./player.js";
import { Timeline, svg } from "./timeline.js";
import { Transcript } from "./transcript.js";

const STEP_S = 2;
const BIG_STEP_S = 10;
const SPEEDS = [0.75, 1, 1.25, 1.5];
// A mark so near is where the sound is now.
const HERE_S = 0.3;
// Shapes in a square of 24: no font has them everywhere.
const ICONS = {
  play: "M7 4v16l13-8z",
  pause: "M6 4h4v16H6zM14 4h4v16h-4z",
  previous: "M5 4h3v16H5zM20 4v16L9 12z",
  next: "M16 4h3v16h-3zM4 4v16l11-8z",
};

const byId = (/** @type {string} */ id) => document.getElementById(id);
const read = (/** @type {string} */ id) => JSON.parse(byId(id)?.textContent ?? "null");

const data = read("call-data");
const texts = read("script-texts");
const history = read("history-data");

const sound = /** @type {HTMLAudioElement | null} */ (byId("sound"));
const player = new Player(sound, data.timeline?.duration_s ?? 0);
const timeline = data.timeline ? new Timeline(/** @type {HTMLElement} */ (byId("timeline")), data.timeline, texts) : null;
const words = byId("words");
const transcript = words ? new Transcript(words) : null;
const bar = /** @type {HTMLElement} */ (byId("player"));

// ---- the bar that stays in view

/** @param {keyof ICONS} name */
function icon(name) {
  return svg("svg", { viewBox: "0 0 24 24", width: 20, height: 20, "aria-hidden": "true" }, [svg("path", { d: ICONS[name] })]);
}

/**
 * @param {string} name
 * @param {keyof ICONS} shape
 * @param {() => void} act
 */
function button(name, shape, act) {
  const made = document.createElement("button");
  made.type = "button";
  made.append(icon(shape));
  made.title = name;
  made.setAttribute("aria-label", name);
  made.addEventListener("click", act);
  return made;
}

function buildBar() {
  const play = button(texts.play, "play", () => player.toggle());
  play.className = "primary play";
  const time = document.createElement("span");
  time.className = "time";
  const speed = document.createElement("select");
  speed.setAttribute("aria-label", texts.speed);
  for (const each of SPEEDS) {
    const text = `${each}×`.replace(".", texts.decimal);
    speed.append(new Option(text, String(each), each === 1, each === 1));
  }
  speed.addEventListener("change", () => player.setRate(Number(speed.value)));
  const parts = [
    ...(player.isMissing ? [] : [play]),
    button(texts.previous, "previous", () => stepMark(-1)),
    button(texts.next, "next", () => stepMark(1)),
    time,
    ...(player.isMissing ? [] : [speed]),
  ];
  bar.replaceChildren(...parts);
  bar.hidden = false;
  sound?.removeAttribute("controls");
  const show = () => {
    play.replaceChildren(icon(player.isPlaying ? "pause" : "play"));
    play.title = player.isPlaying ? texts.pause : texts.play;
    play.setAttribute("aria-label", play.title);
  };
  let shown = "";
  player.addEventListener("state", show);
  player.addEventListener("time", () => {
    const now = fill(texts.of, { at: clock(player.at), total: clock(player.duration) });
    if (now !== shown) time.textContent = shown = now;
  });
  time.textContent = fill(texts.of, { at: clock(0), total: clock(player.duration) });
}

function tellMissing() {
  if (sound) sound.hidden = true;
  const told = byId("nosound");
  if (told) told.hidden = false;
  if (!bar.hidden) buildBar();
}

player.addEventListener("missing", tellMissing);

// ---- one place for all

player.addEventListener("time", (event) => {
  const { at, isJump } = /** @type {CustomEvent} */ (event).detail;
  timeline?.setTime(at, player.isPlaying || isJump);
  transcript?.setTime(at, isJump);
});
timeline?.addEventListener("seek", (event) => player.seek(/** @type {CustomEvent} */ (event).detail, true));
transcript?.addEventListener("seek", (event) => player.seek(/** @type {CustomEvent} */ (event).detail, true));
timeline?.addEventListener("mark", (event) => hearMark(/** @type {CustomEvent} */ (event).detail.marks));

const follow = /** @type {HTMLButtonElement | null} */ (byId("follow"));
transcript?.addEventListener("follow", () => {
  if (follow) follow.hidden = transcript.isFollowing;
});
follow?.addEventListener("click", () => {
  transcript?.setFollowing(true);
  words?.focus({ preventScroll: true });
});

// ---- findings

/** @param {any[]} marks that stand at one place */
function hearMark(marks) {
  transcript?.setFollowing(true);
  player.seek(marks[0].start_s, true);
  flash(byId(`r-${marks[0].rule_id}`), false);
  const told = byId("moment");
  told?.replaceChildren(
    ...marks.flatMap((/** @type {any} */ mark) => {
      const link = document.createElement("a");
      link.href = `#r-${mark.rule_id}`;
      link.className = `tl-told ${mark.verdict}`;
      link.textContent = `${mark.sign} ${mark.label}`;
      return [link, " "];
    }),
  );
}

/** @param {1 | -1} direction */
function stepMark(direction) {
  const marks = data.timeline?.marks ?? [];
  const at = player.at;
  const isBeyond = (/** @type {any} */ mark) =>
    direction > 0 ? mark.start_s > at + HERE_S : mark.start_s < at - HERE_S - (player.isPlaying ? 1 : 0);
  const beyond = marks.filter(isBeyond);
  const next = direction > 0 ? beyond[0] : beyond[beyond.length - 1];
  const told = byId("moment");
  if (next) hearMark(marks.filter((/** @type {any} */ mark) => mark.start_s === next.start_s));
  else if (told) told.textContent = texts.no_marks;
}

/**
 * Open a finding and show which it is.
 * @param {Element | null} target
 * @param {boolean} move scroll to it
 */
function flash(target, move) {
  if (!target) return;
  if (target instanceof HTMLDetailsElement) target.open = true;
  target.closest("details.card")?.setAttribute("open", "");
  for (const old of document.querySelectorAll(".target")) old.classList.remove("target");
  target.classList.add("target");
  if (!move) return;
  target.scrollIntoView({ block: "start" });
  const summary = target.querySelector("summary");
  (summary ?? /** @type {HTMLElement} */ (target)).focus?.({ preventScroll: true });
}

const openNamed = () => flash(byId(decodeURIComponent(location.hash.slice(1))), true);
addEventListener("hashchange", openNamed);
if (location.hash.startsWith("#r-")) openNamed();

document.addEventListener("click", (event) => {
  const target = /** @type {Element} */ (event.target);
  const link = target.closest("a[href^='#r-']");
  const place = target.closest("[data-at]");
  if (link && location.hash === link.getAttribute("href")) openNamed();
  if (!place) return;
  transcript?.setFollowing(true);
  player.seek(Number(place.getAttribute("data-at")), true);
  const rule = place.getAttribute("data-rule");
  if (rule) flash(byId(`r-${rule}`), false);
});

// ---- keys, where something of the sound has the focus (WCAG 2.1.4)

/** @type {Record<string, (event: KeyboardEvent) => void>} */
const KEYS = {
  ArrowLeft: (event) => player.seek(player.at - (event.shiftKey ? BIG_STEP_S : STEP_S)),
  ArrowRight: (event) => player.seek(player.at + (event.shiftKey ? BIG_STEP_S : STEP_S)),
  Home: () => player.seek(0),
  End: () => player.seek(player.duration),
  " ": () => player.toggle(),
  n: () => stepMark(1),
  p: () => stepMark(-1),
  "+": () => timeline?.zoomBy(1.6),
  "=": () => timeline?.zoomBy(1.6),
  "-": () => timeline?.zoomBy(1 / 1.6),
};
// What a slider is expected to know as well.
/** @type {Record<string, (event: KeyboardEvent) => void>} */
const SLIDER_KEYS = {
  ArrowUp: () => player.seek(player.at + STEP_S),
  ArrowDown: () => player.seek(player.at - STEP_S),
  PageUp: () => player.seek(player.at + BIG_STEP_S),
  PageDown: () => player.seek(player.at - BIG_STEP_S),
};

document.addEventListener("keydown", (event) => {
  const target = /** @type {Element} */ (event.target);
  if (event.ctrlKey || event.metaKey || event.altKey || !target.closest("[data-keys]")) return;
  if (target.closest("input, textarea, select, audio")) return;
  if (event.key === " " && target.closest("button, summary")) return;
  const act = (target.matches("[role='slider']") && SLIDER_KEYS[event.key]) || KEYS[event.key];
  if (!act) return;
  event.preventDefault();
  // Elsewhere on the page some of these mean other things, to coaches.
  event.stopImmediatePropagation();
  if (!["n", "p", " ", "+", "=", "-"].includes(event.key)) transcript?.setFollowing(true);
  act(event);
});

// ---- paper

/** @type {HTMLDetailsElement[]} */
let opened = [];
addEventListener("beforeprint", () => {
  opened = [...document.querySelectorAll("details")].filter((each) => !each.open && !each.matches(".no-print"));
  for (const each of opened) each.open = true;
  timeline?.zoomTo(1);
});
addEventListener("afterprint", () => {
  for (const each of opened) each.open = false;
  opened = [];
});
const print = byId("print");
if (print) {
  print.hidden = false;
  print.addEventListener("click", () => window.print());
}

// ---- removing

const remove = byId("remove");
const dialog = /** @type {HTMLDialogElement | null} */ (byId("remove-dialog"));
if (remove && dialog) {
  remove.hidden = false;
  remove.addEventListener("click", () => dialog.showModal());
}

const chart = byId("attempts");
if (chart) drawAttempts(chart, history.attempts, texts);
if (timeline) buildBar();
// It may have failed before anybody listened.
if (sound && player.isMissing) tellMissing();
