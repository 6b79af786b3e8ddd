// Keep what stands in [data-live] as it is on the server: told by events, or asked every two seconds where those can't be had.
// Nothing is taken away from under somebody's hands: a part in which something has the focus waits for the next change.

const { content: address, dataset } = document.querySelector("meta[name=live]");
const ASKED_EVERY_MS = 2000;
const REFRESHED_EVERY_MS = 60_000; // for what changes by itself: a time runs out, something begins
let version = Number(dataset.version);
let source, timer, busy, again;

document.addEventListener("visibilitychange", () => (document.hidden ? stop() : start()));
setInterval(() => document.hidden || refresh(), REFRESHED_EVERY_MS);
start();

function start() {
  stop();
  if (document.hidden) return;
  source = new EventSource(address + "stream/");
  source.addEventListener("changed", ({ data }) => {
    version = Number(data);
    refresh();
  });
  source.onopen = ask; // what was missed meanwhile
  source.onerror = () => {
    if (source.readyState !== EventSource.CLOSED) return; // it connects again by itself
    source = undefined;
    timer = setInterval(ask, ASKED_EVERY_MS);
  };
}

function stop() {
  source?.close();
  clearInterval(timer);
  source = timer = undefined;
}

async function ask() {
  try {
    const answer = await fetch(`${address}?since=${version}`);
    if (!answer.ok) return;
    const found = await answer.json();
    version = found.version;
    if (found.changed) refresh();
  } catch {
    // without network nothing changes here
  }
}

async function refresh() {
  if (busy) return (again = true);
  busy = true;
  try {
    const answer = await fetch(location.href, { headers: { "X-Live": "1" } });
    if (answer.ok && !answer.redirected) put(new DOMParser().parseFromString(await answer.text(), "text/html"));
  } catch {
    // the next change brings it
  }
  busy = false;
  if (again) {
    again = false;
    setTimeout(refresh, 500);
  }
}

function put(page) {
  for (const part of document.querySelectorAll("[data-live]")) {
    const fresh = page.getElementById(part.id);
    if (fresh && fresh.outerHTML !== part.outerHTML && !part.contains(document.activeElement)) part.replaceWith(document.importNode(fresh, true));
  }
}
