// @ts-check
// The files of a folder that was chosen or dropped, with their paths in it.

/** @typedef {{path: string, file: File}} Found */

/** Files of an input. @param {HTMLInputElement} input @returns {Found[]} */
export function chosenFiles(input) {
  return [...(input.files || [])].map((file) => ({ path: file.webkitRelativePath || file.name, file }));
}

/** Files and folders that were dropped, folders in folders too. @param {DataTransfer} dropped @returns {Promise<Found[]>} */
export async function droppedFiles(dropped) {
  // All of them first: what was dropped is gone after the first pause.
  const held = [...dropped.items].map((item) => ({ entry: item.webkitGetAsEntry?.() ?? null, file: item.getAsFile() }));
  const found = [];
  for (const { entry, file } of held) {
    if (entry) found.push(...(await filesOf(entry)));
    else if (file) found.push({ path: file.name, file });
  }
  return found;
}

/** @param {FileSystemEntry} entry @returns {Promise<Found[]>} */
async function filesOf(entry) {
  if (entry.isFile) {
    const file = await new Promise((resolve, reject) => /** @type {FileSystemFileEntry} */ (entry).file(resolve, reject));
    return [{ path: entry.fullPath.replace(/^\//, ""), file }];
  }
  const reader = /** @type {FileSystemDirectoryEntry} */ (entry).createReader();
  const found = [];
  for (;;) {
    // A reader gives some hundred at a time, and nothing when it has told all.
    /** @type {FileSystemEntry[]} */
    const part = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (!part.length) return found;
    for (const each of part) found.push(...(await filesOf(each)));
  }
}

/** The hexadecimal SHA-256 of a file; null where the browser has no means for it. @param {File} file */
export async function sha256Of(file) {
  // Only there over TLS and on this machine.
  if (!globalThis.crypto?.subtle) return null;
  const digest = await crypto.subtle.digest("SHA-256", await file.arrayBuffer());
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
