// @ts-check
// The list of calls that somebody came from, remembered for this tab: the way back, and the calls before and after.

const KEY = "belscore.list";

/** @param {string} query of the list's address, with its question mark */
export function rememberList(query) {
  sessionStorage.setItem(KEY, query || "?");
}

/** The query of the list that was looked at last, without page; null when there was none. @returns {string | null} */
export function rememberedQuery() {
  return sessionStorage.getItem(KEY);
}

/** The address of that list. @returns {string} */
export function listAddress() {
  const query = rememberedQuery();
  return query && query !== "?" ? `/gesprekken${query}` : "/gesprekken";
}

// WCAG 2.1.4: keys that are a letter alone can be turned off, for who speaks to the machine.
const OFF = "belscore.shortcuts";

/** Whether keys of a page work now: they are not turned off, and go into no field. @param {KeyboardEvent} event */
export function isShortcut(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return false;
  return localStorage.getItem(OFF) !== "off";
}

for (const box of document.querySelectorAll("[data-shortcuts]")) {
  if (!(box instanceof HTMLInputElement)) continue;
  box.checked = localStorage.getItem(OFF) !== "off";
  box.addEventListener("change", () => localStorage.setItem(OFF, box.checked ? "on" : "off"));
}

/** Whether keys go into a field. @param {EventTarget | null} target */
export function isTyping(target) {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || target.matches("textarea, select, input:not([type=checkbox], [type=radio])"))
  );
}

/**
 * @typedef {{number: number, of: number, previous: number | null, next: number | null}} Place
 * Where a call is in the list. @param {number} callId @returns {Promise<Place | null>}
 */
export async function placeOf(callId) {
  const query = rememberedQuery();
  if (query === null) return null;
  const answer = await fetch(`/api/calls/${callId}/place${query === "?" ? "" : query}`);
  return answer.ok ? await answer.json() : null;
}
