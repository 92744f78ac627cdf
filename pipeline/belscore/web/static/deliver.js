// @ts-check
// Hand in a folder of calls: what is known of each file first, then a few at a time, until all are scored. What was
// handed in by this tab, and what the server has already, is not sent again.

import { chosenFiles, droppedFiles, sha256Of } from "./folder_files.js";
import { asked, send, SendError } from "./upload.js";

/**
 * @typedef {{agent: string | null, department: string | null, started_at: string | null, direction: string | null,
 *   ring_s: number | null, queue_s: number | null, after_s: number | null, caller_number: string | null}} Facts
 * @typedef {"ready" | "checking" | "sending" | "sent" | "done" | "known" | "failed"} State
 * @typedef {{path: string, file: File, facts: Facts | null, state: State, told: string, share: number | null,
 *   token: string | null, callId: number | null, row: HTMLTableRowElement | null}} Item
 * @typedef {{token: string, state: string, share: number | null, error: string | null, call_id: number | null,
 *   is_known: boolean}} Standing
 */

const AT_A_TIME = 3;
const POLL_MS = 2000;
// A whole file is held to make its digest.
const MOST_HASHED = 64 * 1024 * 1024;
const SESSION = "belscore.delivered";

/** @type {Record<string, string>} */
const texts = JSON.parse(at("texts").textContent || "{}");
/** @type {{suffixes: string[], limitBytes: number}} */
const data = JSON.parse(at("data").textContent || "{}");
/** @type {Item[]} */
let items = [];
/** @type {string | null} */
let table = null;
/** @type {AbortController | null} */
let running = null;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;

/** @param {string} id @returns {HTMLElement} */
function at(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(id);
  return found;
}

/** @param {string} id */
const value = (id) => /** @type {HTMLInputElement} */ (at(id)).value.trim();

/** @param {string} key @param {Record<string, string | number>} [values] */
function text(key, values = {}) {
  return texts[key].replace(/\{(\w+)\}/g, (_, name) => String(values[name]));
}

/** @param {string} name */
const suffixOf = (name) => (name.match(/\.[^.]+$/)?.[0] || "").toLowerCase();

// ---- choosing

/** @param {import("./folder_files.js").Found[]} found */
async function choose(found) {
  const sounds = found.filter((each) => data.suffixes.includes(suffixOf(each.path)));
  const tables = found.filter((each) => suffixOf(each.path) === ".csv");
  const sorted = sounds.sort((one, other) => one.path.localeCompare(other.path));
  items = sorted.map(({ path, file }) => ({
    path, file, facts: null, state: "ready", told: "", share: null, token: known()[keyOf(path, file)] ?? null, callId: null, row: null,
  }));
  for (const item of items) if (item.file.size > data.limitBytes) settle(item, "failed", texts.too_large);
  at("chosen").textContent = text(items.length ? "chosen" : "none", { count: items.length, left: found.length - items.length - tables.length });
  table = null;
  at("table-told").textContent = "";
  for (const each of tables) {
    const written = await each.file.text();
    if (/(^|[,;"])\s*file\s*($|[,;"])/i.test(written.split(/\r?\n/, 1)[0])) {
      table = written;
      at("table-told").textContent = text("table", { name: each.path });
      break;
    }
  }
  draw();
  await plan();
}

/** Ask what table and names say. @returns {Promise<boolean>} */
async function plan() {
  const wrong = at("wrong");
  wrong.hidden = true;
  if (!items.length) return false;
  const found = await asked("/api/deliveries/plan", post({ paths: items.map((item) => item.path), table, pattern: value("pattern") }));
  if (!found?.ok) {
    wrong.textContent = found?.body.error ?? texts.offline;
    wrong.hidden = false;
    return false;
  }
  items.forEach((item, place) => {
    item.facts = found.body.facts[place];
    show(item);
  });
  if (table !== null && found.body.unused) at("table-told").textContent += ` ${text("unused", { count: found.body.unused })}`;
  /** @type {HTMLButtonElement} */ (at("begin")).disabled = false;
  return true;
}

/** @param {object} body */
const post = (body) => ({ method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });

// ---- what this tab handed in before

/** @returns {Record<string, string>} */
function known() {
  return JSON.parse(sessionStorage.getItem(SESSION) || "{}");
}

/** @param {string} path @param {File} file */
const keyOf = (path, file) => `${path}|${file.size}|${file.lastModified}`;

/** @param {Item} item */
function remember(item) {
  sessionStorage.setItem(SESSION, JSON.stringify({ ...known(), [keyOf(item.path, item.file)]: item.token }));
}

// ---- sending

async function begin() {
  if (running || !(await plan())) return;
  running = new AbortController();
  const { signal } = running;
  at("stop").hidden = false;
  /** @type {HTMLButtonElement} */ (at("begin")).disabled = true;
  await follow(items.filter((item) => item.token !== null));
  const left = items.filter((item) => item.state === "ready" || (item.state === "failed" && item.file.size <= data.limitBytes));
  const workers = Array.from({ length: AT_A_TIME }, async () => {
    for (let item = left.shift(); item && !signal.aborted; item = left.shift()) await deliver(item, signal);
  });
  watch();
  await Promise.all(workers);
  running = null;
  at("stop").hidden = true;
  /** @type {HTMLButtonElement} */ (at("begin")).disabled = items.every((item) => !["ready", "failed"].includes(item.state));
  total();
}

/** @param {Item} item @param {AbortSignal} signal */
async function deliver(item, signal) {
  try {
    settle(item, "checking", texts.checking);
    const callId = await callOf(item);
    if (callId !== null) {
      item.callId = callId;
      settle(item, "known", texts.known);
      return;
    }
    settle(item, "sending", texts.sending);
    const told = {
      blob: item.file, name: item.file.name, kind: "call", channel: value("channel"), token: item.token, more: factsOf(item),
    };
    const hooks = {
      announced: (/** @type {string} */ token) => {
        item.token = token;
        remember(item);
      },
      progress: (/** @type {number} */ share) => {
        item.share = share;
        show(item);
      },
      again: () => settle(item, "sending", texts.again),
      full: () => settle(item, "sending", texts.full),
    };
    await send(told, hooks, signal);
    item.token = told.token;
    item.share = null;
    settle(item, "sent", texts.waiting);
    watch();
  } catch (error) {
    if (signal.aborted) settle(item, "ready", "");
    else settle(item, "failed", error instanceof SendError ? error.told || text(error.key) : String(error));
  }
}

/** The call that has the content of a file already. @param {Item} item @returns {Promise<number | null>} */
async function callOf(item) {
  if (item.file.size > MOST_HASHED) return null;
  const sha256 = await sha256Of(item.file).catch(() => null);
  if (sha256 === null) return null;
  const found = await asked("/api/deliveries/known", post({ sha256s: [sha256] }));
  return found?.ok ? (found.body[sha256] ?? null) : null;
}

/** What is known of a file: the table and the name first, then what holds for all. @param {Item} item */
function factsOf(item) {
  const facts = { ...item.facts, agent: item.facts?.agent || value("agent"), department: item.facts?.department || value("department") };
  return Object.fromEntries(Object.entries(facts).filter(([, each]) => each !== null && each !== "" && each !== undefined));
}

// ---- following

function watch() {
  clearTimeout(timer);
  timer = setTimeout(async () => {
    const open = items.filter((item) => item.state === "sent");
    if (open.length) await follow(open);
    if (running || items.some((item) => item.state === "sent")) watch();
  }, POLL_MS);
}

/** @param {Item[]} wanted */
async function follow(wanted) {
  if (!wanted.length) return;
  const found = await asked("/api/deliveries/standing", post({ tokens: wanted.map((item) => item.token) }));
  if (!found?.ok) return;
  const byToken = new Map(/** @type {Standing[]} */ (found.body).map((each) => [each.token, each]));
  for (const item of wanted) take(item, item.token ? byToken.get(item.token) : undefined);
  total();
}

/** @param {Item} item @param {Standing | undefined} standing */
function take(item, standing) {
  if (!standing || standing.state === "cancelled" || standing.state === "receiving") {
    if (item.state === "sent") settle(item, "ready", "");
    return;
  }
  item.callId = standing.call_id;
  item.share = standing.state === "running" ? standing.share : null;
  if (standing.state === "done") settle(item, standing.is_known ? "known" : "done", standing.is_known ? texts.known : texts.done);
  else if (standing.state === "failed") {
    item.token = null;
    settle(item, "failed", standing.error || texts.failed);
  } else settle(item, "sent", standing.state === "running" ? texts.running : texts.waiting);
}

// ---- showing

/** @param {Item} item @param {State} state @param {string} told */
function settle(item, state, told) {
  item.state = state;
  item.told = told;
  show(item);
  total();
}

function draw() {
  const rows = items.map((item) => {
    item.row = document.createElement("tr");
    item.row.append(...Array.from({ length: 3 }, () => document.createElement("td")));
    item.row.cells[0].textContent = item.path;
    show(item);
    return item.row;
  });
  at("rows").replaceChildren(...rows);
  at("lists").hidden = !items.length;
  total();
}

/** @param {Item} item */
function show(item) {
  const { row, facts } = item;
  if (!row) return;
  const when = facts?.started_at?.replace("T", " ").slice(0, 16);
  // That there is a number, never which.
  const caller = facts?.caller_number ? texts.number : null;
  row.cells[1].textContent = [when, facts?.department, facts?.agent, facts?.direction, caller].filter(Boolean).join(" · ");
  row.className = item.state === "failed" ? "bad" : ["done", "known"].includes(item.state) ? "good" : "";
  const cell = row.cells[2];
  cell.textContent = item.told;
  if (item.callId !== null) {
    const link = document.createElement("a");
    link.href = `/gesprekken/${item.callId}`;
    link.textContent = item.told;
    cell.replaceChildren(link);
  } else if (item.share !== null) {
    cell.append(` ${Math.round(100 * item.share)} %`);
  }
}

function total() {
  const count = (/** @type {State[]} */ ...states) => items.filter((item) => states.includes(item.state)).length;
  const over = count("done", "known", "failed");
  const bar = /** @type {HTMLProgressElement} */ (at("all"));
  bar.hidden = !items.length;
  bar.max = Math.max(1, items.length);
  bar.value = over;
  const told = text("standing", {
    done: count("done"), known: count("known"), failed: count("failed"), under_way: count("sent", "sending", "checking"),
    all: items.length,
  });
  if (items.length && at("standing").textContent !== told) at("standing").textContent = told;
}

// ---- events

for (const id of ["folder", "files"]) {
  const input = /** @type {HTMLInputElement} */ (at(id));
  input.addEventListener("change", () => void choose(chosenFiles(input)));
}
const drop = at("drop");
for (const name of ["dragenter", "dragover"]) {
  drop.addEventListener(name, (event) => {
    event.preventDefault();
    drop.classList.add("over");
  });
}
drop.addEventListener("dragleave", () => drop.classList.remove("over"));
drop.addEventListener("drop", async (event) => {
  event.preventDefault();
  drop.classList.remove("over");
  if (event.dataTransfer) await choose(await droppedFiles(event.dataTransfer));
});
at("pattern").addEventListener("change", () => void plan());
at("begin").addEventListener("click", () => void begin());
at("stop").addEventListener("click", () => running?.abort());
at("only-wrong").addEventListener("change", (event) => {
  at("rows").classList.toggle("only-wrong", /** @type {HTMLInputElement} */ (event.target).checked);
});
addEventListener("beforeunload", (event) => {
  if (running) event.preventDefault();
});
