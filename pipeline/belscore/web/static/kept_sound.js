/**
 * Recordings that were not handed in yet, kept in this browser while they are made: after a reload or a crash at most
 * the last second is missing. Where a browser keeps nothing they stay in memory.
 */

const DATABASE = "belscore-recordings";
// Somebody else may use this machine tomorrow.
const LEFT_MS = 24 * 3600 * 1000;

/**
 * @typedef {object} Kept
 * @property {string} id
 * @property {number} user    whose it is: nobody else is shown it
 * @property {number} madeAt  milliseconds since 1970
 * @property {string} suffix
 * @property {number} rate    of PCM, 0 for parts of a file
 * @property {number} seconds
 * @property {string | null} token  under which it is being handed in
 */

/** @type {Promise<IDBDatabase | null> | undefined} */
let opened;
/** @type {Map<string, {kept: Kept, parts: ArrayBuffer[]}>} */
const inMemory = new Map();

function open() {
  opened ??= new Promise((resolve) => {
    let request;
    try {
      request = indexedDB.open(DATABASE, 1);
    } catch {
      resolve(null);
      return;
    }
    request.onupgradeneeded = () => {
      request.result.createObjectStore("recordings", { keyPath: "id" });
      request.result.createObjectStore("parts", { keyPath: ["id", "number"] });
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => resolve(null);
  });
  return opened;
}

/** Whether what is kept outlives a reload. */
export async function outlivesReload() {
  return (await open()) !== null;
}

/**
 * @template T
 * @param {(recordings: IDBObjectStore, parts: IDBObjectStore) => IDBRequest<T> | void} work
 * @param {IDBTransactionMode} mode
 * @param {() => T} instead  what is done in memory
 * @returns {Promise<T>}
 */
async function inStore(mode, work, instead) {
  const database = await open();
  if (database === null) return instead();
  return new Promise((resolve, reject) => {
    const transaction = database.transaction(["recordings", "parts"], mode);
    const request = work(transaction.objectStore("recordings"), transaction.objectStore("parts"));
    transaction.oncomplete = () => resolve(/** @type {T} */ (request?.result));
    transaction.onerror = () => reject(transaction.error);
    transaction.onabort = () => reject(transaction.error);
  });
}

/**
 * Note what is known of a recording.
 * @param {Kept} kept
 */
export function keep(kept) {
  return inStore("readwrite", (recordings) => void recordings.put(kept), () => {
    inMemory.set(kept.id, { kept, parts: inMemory.get(kept.id)?.parts ?? [] });
  });
}

/**
 * Add a part. Rejects when there is no room.
 * @param {Kept} kept @param {number} number @param {ArrayBuffer} body
 */
export function keepPart(kept, number, body) {
  return inStore("readwrite", (recordings, parts) => {
    recordings.put(kept);
    parts.put({ id: kept.id, number, body });
  }, () => void inMemory.get(kept.id)?.parts.push(body));
}

/**
 * The sound so far, in order.
 * @param {string} id
 * @returns {Promise<ArrayBuffer[]>}
 */
export async function partsOf(id) {
  const all = IDBKeyRange.bound([id, 0], [id, Infinity]);
  const found = await inStore("readonly", (_, parts) => parts.getAll(all), () =>
    (inMemory.get(id)?.parts ?? []).map((body) => ({ body })));
  return found.map((/** @type {{body: ArrayBuffer}} */ each) => each.body);
}

/** @param {string} id */
export function forget(id) {
  return inStore("readwrite", (recordings, parts) => {
    recordings.delete(id);
    parts.delete(IDBKeyRange.bound([id, 0], [id, Infinity]));
  }, () => void inMemory.delete(id));
}

/**
 * What somebody has here, the newest first; of others what is old goes.
 * @param {number} user
 * @returns {Promise<Kept[]>}
 */
export async function keptOf(user) {
  /** @type {Kept[]} */
  const all = await inStore("readonly", (recordings) => recordings.getAll(), () => [...inMemory.values()].map(({ kept }) => kept));
  for (const kept of all) if (kept.user !== user && Date.now() - kept.madeAt > LEFT_MS) await forget(kept.id);
  return all.filter((kept) => kept.user === user).sort((one, other) => other.madeAt - one.madeAt);
}

/**
 * Hold a recording, so that another window of this browser leaves it alone; false when one has it.
 * @param {string} id
 * @returns {Promise<boolean>}
 */
export function hold(id) {
  if (!navigator.locks) return Promise.resolve(true);
  return new Promise((resolve) => {
    void navigator.locks.request(`${DATABASE}-${id}`, { ifAvailable: true }, (lock) => {
      resolve(lock !== null);
      // Held until the page goes.
      return lock === null ? undefined : new Promise(() => {});
    });
  });
}
