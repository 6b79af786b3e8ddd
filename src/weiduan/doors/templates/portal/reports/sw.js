// Keeps one page, on which a matter is written down without network, and what it is made of; no page with anybody's data is kept.
// The network comes first: what is kept is shown only where there is none.

const KEPT = "weiduan-later-1";
const PAGE = "{{ page|escapejs }}";
const FILES = [{% for file in files %}"{{ file|escapejs }}", {% endfor %}];
const LEADING = ["/", "{% url 'portal:tell' %}"]; // without network these lead to the page that works without

self.addEventListener("install", (event) => event.waitUntil(fill()));
self.addEventListener("activate", (event) => event.waitUntil(tidy()));
self.addEventListener("fetch", (event) => {
  const { method, mode, url } = event.request;
  const { origin, pathname } = new URL(url);
  if (method !== "GET" || origin !== location.origin) return;
  if (pathname === PAGE || FILES.includes(pathname)) event.respondWith(networkFirst(event));
  else if (mode === "navigate" && LEADING.includes(pathname)) event.respondWith(orThePage(event.request));
});

async function fill() {
  const kept = await caches.open(KEPT);
  await kept.addAll([PAGE, ...FILES]);
  await self.skipWaiting();
}

async function tidy() {
  for (const name of await caches.keys()) if (name !== KEPT) await caches.delete(name);
  await self.clients.claim();
}

async function networkFirst(event) {
  try {
    const answer = await fetch(event.request);
    if (answer.ok && !new URL(event.request.url).search) event.waitUntil(renew(event.request, answer.clone()));
    return answer;
  } catch (error) {
    const found = await caches.match(event.request, { ignoreSearch: true, ignoreVary: true });
    if (found) return found;
    throw error;
  }
}

async function renew(request, answer) {
  const kept = await caches.open(KEPT);
  await kept.put(request, answer);
}

async function orThePage(request) {
  try {
    return await fetch(request);
  } catch {
    return Response.redirect(PAGE);
  }
}
