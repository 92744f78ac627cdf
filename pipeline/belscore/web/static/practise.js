/** The practise page: what is handed in here, and the list of what was handed in before. */
import { Line } from "./attempts.js";
import { Follower } from "./follow.js";
import { data, part, say, text } from "./practise_texts.js";
import { Recorder } from "./recorder.js";
import { SendError, asked, send } from "./upload.js";

/** @typedef {import("./practise_texts.js").Standing} Standing */

// Of the six connections that a browser has for a server.
const AT_ONCE = 2;
const MIB = 1024 * 1024;
// What phones hand over without a suffix in its name.
const SUFFIXES = {
  "audio/mpeg": ".mp3", "audio/mp4": ".m4a", "audio/x-m4a": ".m4a", "audio/aac": ".aac", "audio/wav": ".wav",
  "audio/x-wav": ".wav", "audio/ogg": ".ogg", "audio/flac": ".flac", "audio/webm": ".webm", "audio/amr": ".amr",
  "audio/3gpp": ".3gp", "video/mp4": ".mp4", "video/webm": ".webm", "video/3gpp": ".3gp",
};

/** @type {Map<string, Line>} */
const lines = new Map();
/** @type {Set<Line>} */
const sending = new Set();
/** @type {(() => void)[]} */
const queue = [];
let busy = 0;

const follower = new Follower(
  tell,
  (words) => {
    part("offline").hidden = words === "";
    part("offline").textContent = words;
  },
  (token) => lines.get(token)?.remove(),
);

/**
 * The server says how far an upload is.
 * @param {Standing} standing
 */
function tell(standing) {
  const line = lines.get(standing.token);
  if (line === undefined) return;
  const before = line.state;
  line.show(standing);
  if (line.state === before) return;
  const { title, score, error } = standing;
  if (standing.state === "done") say(score === null ? text("said_done_no_score", { title }) : text("said_done", { title, score }));
  if (standing.state === "failed") say(text("said_failed", { title, error: error ?? "" }));
}

/**
 * A line that the server knows.
 * @param {Line} line @param {string} token
 */
function keep(line, token) {
  line.token = token;
  line.element.dataset.token = token;
  lines.set(token, line);
  line.onCancel = () => void stop(line);
  line.onRemove = () => void remove(line);
}

/** @param {Line} line */
async function stop(line) {
  const found = await asked(`/api/uploads/${line.token}/cancel`, { method: "POST" });
  if (found?.ok) {
    follower.tokens.delete(String(line.token));
    line.isOurs = false;
    line.show(found.body);
    if (line.state === "cancelled") say(text("said_cancelled", { title: line.title }));
  } else if (found?.status === 404) line.remove();
  else line.wrong(found?.body.error ?? text("no_connection"));
}

/** @param {Line} line */
async function remove(line) {
  if (line.token !== null) {
    const found = await asked(`/api/uploads/${line.token}`, { method: "DELETE" });
    if (!found?.ok && found?.status !== 404) {
      line.wrong(found?.body.error ?? text("no_connection"));
      return;
    }
    lines.delete(line.token);
  }
  line.remove();
  say(text("said_removed", { title: line.title }));
}

/**
 * Hand a recording in, on its own line. `received` is called when the server has it.
 * @param {import("./upload.js").Item} item
 * @param {{announced?: (token: string) => void, received?: () => void, line?: Line}} [options]
 */
function handIn(item, options = {}) {
  const line = options.line ?? Line.added(item.kind === "upload" ? item.name : item.name.replace(/\.\w+$/, ""), item.kind);
  if (item.token !== null) keep(line, item.token);
  const again = () => handIn(item, { ...options, line });
  const control = new AbortController();
  line.isOurs = true;
  line.wrong("");
  line.set("receiving", text("queued"), null);
  line.buttons({ cancel: true });
  line.onCancel = () => control.abort();
  sending.add(line);
  const begin = async () => {
    try {
      if (control.signal.aborted) throw new DOMException("stopped", "AbortError");
      line.set("receiving", text("sending", { percent: 0 }), 0);
      await send(item, {
        announced: (token) => {
          keep(line, token);
          line.onCancel = () => control.abort();
          options.announced?.(token);
        },
        progress: (share) => {
          const percent = Math.floor(share * 100);
          line.set("receiving", share < 1 ? text("sending", { percent }) : text("checking"), share < 1 ? share : null);
        },
        again: (seconds, number, most) => line.set("receiving", text("again", { seconds, number, most }), null),
        full: () => line.set("receiving", text("full"), null),
      }, control.signal);
      options.received?.();
      say(text("said_sent", { title: line.title }));
      keep(line, String(item.token));
      // The stream may have told of it before the answer came.
      if (line.isOurs) line.set("waiting", text("checking"), null);
      line.isOurs = false;
      if (!line.isOver) follower.watch(String(item.token));
    } catch (error) {
      ended(line, error, item, again);
    } finally {
      sending.delete(line);
      busy -= 1;
      next();
    }
  };
  queue.push(begin);
  next();
}

/**
 * Sending ended before all was there.
 * @param {Line} line @param {unknown} error @param {import("./upload.js").Item} item @param {() => void} again
 */
function ended(line, error, item, again) {
  const isStopped = error instanceof DOMException && error.name === "AbortError";
  line.isOurs = false;
  if (isStopped && item.token !== null) {
    void stop(line);
    return;
  }
  line.onRemove = () => void remove(line);
  line.onRetry = again;
  // What the server knows of it is stopped first: it would count as under way.
  line.onCancel = () => void stop(line);
  line.set(isStopped ? "cancelled" : "failed", data.stages[isStopped ? "cancelled" : "failed"]);
  line.buttons({ retry: true, cancel: item.token !== null && !isStopped, remove: item.token === null });
  if (isStopped) {
    say(text("said_cancelled", { title: line.title }));
    return;
  }
  const told = error instanceof SendError ? error.told || text(error.key) : text("gone_file");
  line.wrong(told);
  say(text("said_failed", { title: line.title, error: told }));
}

function next() {
  while (busy < AT_ONCE && queue.length > 0) {
    busy += 1;
    queue.shift()?.();
  }
}

// ---- choosing files

/** @param {Iterable<File>} files */
async function take(files) {
  const wrong = [];
  for (const file of files) {
    const told = await whyNot(file);
    if (told !== "") wrong.push(told);
    else takeOne(file);
  }
  part("wrong").replaceChildren(...wrong.map((told) => Object.assign(document.createElement("li"), { textContent: told })));
}

/** @param {File} file */
function takeOne(file) {
  const name = named(file);
  const channel = document.querySelector('input[name="channel"]:checked')?.getAttribute("value") ?? "auto";
  // The rest of one that broke off, with a reload or with the browser.
  const broken = [...lines.values()].find(
    (line) => line.state === "receiving" && !sending.has(line) && line.title === name && sizes.get(line) === file.size,
  );
  handIn({ blob: file, name, kind: "upload", channel, token: broken?.token ?? null }, { line: broken });
}

/**
 * Why a file is not sent; "" when it is.
 * @param {File} file
 */
async function whyNot(file) {
  const name = file.name;
  // A folder that is dropped looks like a file; only reading tells.
  const head = await file.slice(0, 1).arrayBuffer().catch(() => null);
  if (head === null) return text("a_folder", { name });
  if (file.size === 0) return text("empty", { name });
  if (!data.suffixes.includes(suffix(named(file)))) return text("not_kind", { name });
  if (file.size > data.fileBytes)
    return text("too_large", { name, size: Math.ceil(file.size / MIB), limit: Math.floor(data.fileBytes / MIB) });
  return "";
}

/** @param {string} name */
function suffix(name) {
  return /\.\w+$/.exec(name)?.[0].toLowerCase() ?? "";
}

/** @param {File} file */
function named(file) {
  const added = /** @type {Record<string, string>} */ (SUFFIXES)[file.type.split(";")[0]];
  return data.suffixes.includes(suffix(file.name)) || added === undefined ? file.name : file.name + added;
}

function wireZone() {
  const zone = part("drop-zone");
  const files = part("files");
  part("choose").addEventListener("click", () => files.click());
  files.addEventListener("change", () => {
    const chosen = [...files.files];
    files.value = "";
    void take(chosen);
  });
  const holdsFiles = (/** @type {DragEvent} */ event) => event.dataTransfer?.types.includes("Files") ?? false;
  for (const name of ["dragenter", "dragover"])
    addEventListener(name, (event) => {
      const drag = /** @type {DragEvent} */ (event);
      if (!holdsFiles(drag) || drag.dataTransfer === null) return;
      // Beside the zone the browser would leave this page for the file.
      event.preventDefault();
      const isOver = event.target instanceof Node && zone.contains(event.target);
      drag.dataTransfer.dropEffect = isOver ? "copy" : "none";
      zone.classList.toggle("over", isOver);
    });
  for (const name of ["dragleave", "drop", "dragend"])
    zone.addEventListener(name, (/** @type {DragEvent} */ event) => {
      if (name !== "dragleave" || !zone.contains(/** @type {Node | null} */ (event.relatedTarget))) zone.classList.remove("over");
    });
  addEventListener("drop", (event) => {
    if (holdsFiles(event)) event.preventDefault();
  });
  zone.addEventListener("drop", (/** @type {DragEvent} */ event) => void take([...(event.dataTransfer?.files ?? [])]));
}

// ---- what was there already

/** @type {Map<Line, number>} */
const sizes = new Map();

function wireList() {
  const standings = new Map(data.standings.map((standing) => [standing.token, standing]));
  for (const element of part("attempts").children) {
    const line = new Line(element);
    const standing = standings.get(String(line.token));
    if (standing === undefined) continue;
    keep(line, standing.token);
    sizes.set(line, standing.size_bytes);
    line.show(standing);
    if (!line.isOver) follower.watch(standing.token);
  }
}

wireList();
wireZone();
const recorder = new Recorder((blob, name, token, hooks) => {
  const line = token !== null ? lines.get(token) : undefined;
  handIn({ blob, name, kind: "microphone", channel: "auto", token }, { ...hooks, line });
});
void recorder.begin();
addEventListener("beforeunload", (event) => {
  if (sending.size > 0 || recorder.isUnkept) event.preventDefault();
});
