// @ts-check
// Play a recording from a place in its words: a button with `data-at` seconds; the space bar plays and pauses.

import { isTyping } from "./call_list.js";

const sound = /** @type {HTMLAudioElement | null} */ (document.getElementById("sound"));
// How long before the words playing begins: who joins in the middle of a word does not follow it.
const BEFORE_S = 0.3;

const tellNone = () => {
  sound?.setAttribute("hidden", "");
  document.getElementById("no-sound")?.removeAttribute("hidden");
};
sound?.addEventListener("error", tellNone);
// It may have failed before this script ran.
if (sound?.error) tellNone();

document.addEventListener("click", (event) => {
  const button = event.target instanceof Element ? event.target.closest("[data-at]") : null;
  if (!sound || !(button instanceof HTMLElement)) return;
  sound.currentTime = Math.max(0, Number(button.dataset.at) - BEFORE_S);
  void sound.play();
});

document.addEventListener("keydown", (event) => {
  if (event.key !== " " || !sound || isTyping(event.target)) return;
  if (event.target instanceof Element && event.target.closest("button, a, summary, audio")) return;
  event.preventDefault();
  if (sound.paused) void sound.play();
  else sound.pause();
});
