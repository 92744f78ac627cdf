/** The words of the practise page, as the server gave them. */

/**
 * @typedef {object} Standing  How far an upload is, see `Standing` of the server.
 * @property {string} token
 * @property {string} title
 * @property {string} kind
 * @property {number} size_bytes
 * @property {string} state  receiving, waiting, running, done, failed or cancelled
 * @property {string | null} stage
 * @property {string} stage_title
 * @property {number | null} share
 * @property {number} ahead
 * @property {boolean} is_quiet
 * @property {string | null} error
 * @property {number | null} score
 * @property {string | null} href
 */

/**
 * @type {{user: number, fileBytes: number, suffixes: string[], longestS: number, standings: Standing[],
 *   texts: Record<string, string>, stages: Record<string, string>}}
 */
export const data = JSON.parse(/** @type {HTMLElement} */ (document.getElementById("practise-data")).textContent ?? "");

/**
 * A text, with what goes into it by name.
 * @param {string} key
 * @param {Record<string, string | number>} [values]
 */
export function text(key, values = {}) {
  const found = data.texts[key];
  if (found === undefined) throw new Error(`no text ${key}`);
  return found.replace(/\{(\w+)\}/g, (_, name) => String(values[name]));
}

/**
 * An element of the page by its id.
 * @param {string} id
 * @returns {any}
 */
export function part(id) {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`no element ${id}`);
  return found;
}

/**
 * Tell something to who does not see the page; a screen reader waits until it is silent.
 * @param {string} words
 */
export function say(words) {
  part("said").textContent = words;
}

/**
 * A moment as this page writes them.
 * @param {Date} moment
 */
export function moment(moment) {
  const two = (/** @type {number} */ number) => String(number).padStart(2, "0");
  return text("date")
    .replace("%Y", String(moment.getFullYear())).replace("%m", two(moment.getMonth() + 1))
    .replace("%d", two(moment.getDate())).replace("%H", two(moment.getHours())).replace("%M", two(moment.getMinutes()));
}
