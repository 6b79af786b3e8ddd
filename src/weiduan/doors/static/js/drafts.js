// What is written and not yet sent, kept in this browser alone (IndexedDB). Every function rejects where a browser keeps nothing.

const STORES = { drafts: "name", queue: "id", receipts: "receipt", places: "code" };
let opened;

export const read = (store, key) => ask(store, "readonly", (rows) => rows.get(key));
export const all = (store) => ask(store, "readonly", (rows) => rows.getAll());
export const keep = (store, row) => ask(store, "readwrite", (rows) => rows.put(row));
export const remove = (store, key) => ask(store, "readwrite", (rows) => rows.delete(key));
export const clear = (store) => ask(store, "readwrite", (rows) => rows.clear());

// Resolves once what was asked is on the disk, with what was found.
async function ask(store, mode, question) {
  const database = await (opened ??= open());
  return new Promise((resolve, reject) => {
    const asked = database.transaction(store, mode);
    const request = question(asked.objectStore(store));
    asked.commit?.(); // the page may be left in this very moment
    asked.oncomplete = () => resolve(request.result);
    asked.onabort = asked.onerror = () => reject(asked.error);
  });
}

function open() {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open("weiduan", 1);
    request.onupgradeneeded = () => {
      for (const [name, keyPath] of Object.entries(STORES))
        request.result.createObjectStore(name, { keyPath, autoIncrement: keyPath === "id" });
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = request.onblocked = () => reject(request.error);
  });
}
