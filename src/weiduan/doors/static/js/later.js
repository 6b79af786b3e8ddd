// Writes matters down without network and sends them when there is some. Each has a receipt drawn here, and each addition its turn,
// so sending again does nothing twice. What can't be sent stays; what was refused stays with the reason until somebody throws it away.

import { all, clear, keep, read, remove } from "./drafts.js";

const form = document.getElementById("later");
const fields = form.elements;
const line = document.getElementById("said");
const waiting = document.getElementById("waiting");
const mine = document.getElementById("mine");
const RECEIPT_BYTES = 18;
const DONE = ["kept", "again"];
const PHOTOS_TOO_LARGE = 413;
let corrected = null; // what waits and is being corrected

begin().catch(() => say(line.dataset.unkept));

async function begin() {
  navigator.serviceWorker?.register(form.dataset.worker).catch(() => {}); // then it only works with network
  await remember();
  await show();
  document.getElementById("write").disabled = false;
  form.addEventListener("input", forgive);
  form.addEventListener("submit", (event) => does(event, write));
  document.getElementById("send").addEventListener("click", send);
  document.getElementById("forget").addEventListener("click", forgetAll);
  addEventListener("online", send);
  locate();
  await send();
}

function does(event, deed) {
  event.preventDefault();
  deed(event.target).catch(() => say(line.dataset.unkept));
}

function say(words) {
  line.textContent = words;
}

// Places this page was opened from are offered again; the one it was opened from now is chosen.
async function remember() {
  const chosen = [...fields.area.options].find((option) => option.value);
  if (chosen) await keep("places", { code: chosen.value, name: chosen.text });
  for (const { code, name } of await all("places"))
    if (code !== chosen?.value) fields.area.add(new Option(name, code));
  const asked = new URLSearchParams(location.search).get("unit");
  if (asked && [...fields.area.options].some((option) => option.value === asked)) fields.area.value = asked;
}

function locate() {
  const button = document.getElementById("locate");
  const told = document.getElementById("located");
  if (!navigator.geolocation) return;
  button.hidden = false;
  button.addEventListener("click", () => {
    told.textContent = button.dataset.asking;
    const options = { enableHighAccuracy: true, timeout: 15000, maximumAge: 60000 };
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        fields.lon.value = coords.longitude.toFixed(6);
        fields.lat.value = coords.latitude.toFixed(6);
        told.textContent = button.dataset.found;
        forgive();
      },
      () => (told.textContent = button.dataset.denied),
      options,
    );
  });
}

// ---- written down

async function write() {
  if (!fits()) return form.reportValidity();
  const said = Object.fromEntries([...new FormData(form)].filter(([name]) => name !== "photos"));
  const photos = await pictures(fields.photos);
  const title = fields.category.selectedOptions[0].text;
  const before = corrected && (await read("queue", corrected));
  const row = { kind: "tell", receipt: before?.receipt ?? drawn(), said, title };
  row.photos = photos.length ? photos : (before?.photos ?? []);
  await keep("queue", before ? { ...row, id: before.id } : row);
  corrected = null;
  form.reset();
  fields.lon.value = fields.lat.value = document.getElementById("located").textContent = "";
  say(line.dataset.written);
  await show();
  await send();
}

function fits() {
  const { wish, contact, area, place, lon, photos } = fields;
  const words = form.dataset;
  place.setCustomValidity(area.value || place.value.trim() || lon.value ? "" : words.noPlace);
  const isReached = contact.value.trim() !== "";
  const isAnonymous = wish.value === "anonymous";
  contact.setCustomValidity(isReached && isAnonymous ? words.noWish : !isReached && !isAnonymous ? words.noContact : "");
  photos.setCustomValidity(photos.files.length > Number(words.most) ? words.tooMany : "");
  return form.checkValidity();
}

function forgive() {
  for (const name of ["place", "contact", "photos"]) fields[name].setCustomValidity("");
}

// Copied, without their names: a file may be gone from the phone by the time it is sent.
function pictures(input) {
  return Promise.all([...input.files].map(async (file) => new Blob([await file.arrayBuffer()], { type: file.type })));
}

function drawn() {
  const bytes = crypto.getRandomValues(new Uint8Array(RECEIPT_BYTES));
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_");
}

async function add(receipt, title, inner) {
  const queue = (await all("queue")).filter((row) => row.kind === "add" && row.receipt === receipt);
  const turn = Math.max((await read("receipts", receipt))?.added ?? 0, ...queue.map((row) => row.turn)) + 1;
  const said = { words: inner.elements.words.value };
  await keep("queue", { kind: "add", receipt, turn, said, title, photos: await pictures(inner.elements.photos) });
  say(line.dataset.written);
  await show();
  await send();
}

// ---- sent, one by one, by one window at a time

async function send() {
  const sending = navigator.locks ? navigator.locks.request("weiduan-later", sendAll) : sendAll();
  await sending.then(say, () => say(line.dataset.unkept));
  await show().catch(() => {});
}

async function sendAll() {
  const held = new Set(); // reports of which something can't go yet: nothing overtakes it
  let sent = false;
  for (const row of await all("queue")) {
    if (row.refused) held.add(row.receipt);
    if (held.has(row.receipt)) continue;
    const answer = await sendOne(row);
    if (!answer) return line.dataset.offline;
    if (DONE.includes(answer.state)) sent = true;
    else held.add(row.receipt);
  }
  return sent ? line.dataset.sent : line.textContent;
}

async function sendOne(row) {
  await keep("queue", { ...row, tried: true });
  let answer = await post(row);
  if (answer?.state === "not_yet" && answer.turn && answer.turn !== row.turn) {
    // Something else has this turn, or an earlier one was thrown away: it takes the turn that is free.
    row.turn = answer.turn;
    await keep("queue", { ...row, tried: true });
    answer = await post(row);
  }
  if (!answer) return null;
  if (DONE.includes(answer.state)) await arrived(row, answer);
  else await keep("queue", { ...row, tried: true, refused: answer.state === "refused", message: answer.message });
  return answer;
}

// Returns what was answered, or null where it wasn't: no network, a server in trouble, or somebody else's page in between.
async function post(row) {
  const body = new FormData();
  body.set("receipt", row.receipt);
  if (row.kind === "add") body.set("turn", row.turn);
  for (const [name, value] of Object.entries(row.said)) body.set(name, value);
  row.photos.forEach((photo, n) => body.append("photos", photo, `${n + 1}.jpg`));
  try {
    const response = await fetch(form.dataset.to, { method: "POST", body, redirect: "error" });
    if (response.status === PHOTOS_TOO_LARGE) return { state: "refused", message: waiting.dataset.large };
    const answer = response.status < 500 ? await response.json() : null;
    return answer?.state ? answer : null;
  } catch {
    return null;
  }
}

async function arrived(row, { number, address }) {
  const held = (await read("receipts", row.receipt)) ?? { receipt: row.receipt, title: row.title };
  const added = row.kind === "add" ? Math.max(held.added ?? 0, row.turn) : held.added;
  await keep("receipts", { ...held, number, address: new URL(address).pathname, added });
  await remove("queue", row.id);
}

// ---- shown

async function show() {
  const queue = await all("queue");
  const receipts = await all("receipts");
  const first = new Set();
  waiting.hidden = !queue.length;
  waiting.querySelector("ul").replaceChildren(
    ...queue.map((row) => {
      const follows = first.has(row.receipt);
      first.add(row.receipt);
      return waits(row, follows);
    }),
  );
  const untold = queue.filter((row) => row.kind === "tell" && !receipts.some((held) => held.receipt === row.receipt));
  mine.hidden = !receipts.length && !untold.length;
  mine.querySelector("ul").replaceChildren(...[...untold, ...receipts].map(holds));
}

function waits(row, follows) {
  const words = waiting.dataset;
  const item = document.getElementById("waits").content.cloneNode(true).firstElementChild;
  const state = row.refused ? words.refused : follows || row.message ? words.first : words.waits;
  item.dataset.state = row.refused ? "refused" : "waits";
  item.querySelector(".t").textContent = `${words[row.kind]} · ${row.title}`;
  item.querySelector(".m").textContent = [state, row.refused && row.message].filter(Boolean).join(" · ");
  item.querySelector("[data-words]").textContent = (row.said.text ?? row.said.words).slice(0, 120);
  const [correct, thrown] = item.querySelectorAll("button");
  correct.hidden = row.kind !== "tell" || !row.refused;
  correct.addEventListener("click", () => takeBack(row));
  thrown.addEventListener("click", () => throwAway(row));
  return item;
}

function takeBack(row) {
  corrected = row.id;
  for (const [name, value] of Object.entries(row.said)) if (name !== "in_confidence" && fields[name]) fields[name].value = value;
  fields.in_confidence.checked = "in_confidence" in row.said;
  fields.text.focus();
}

async function throwAway(row) {
  if (!confirm(waiting.dataset.sure)) return;
  await remove("queue", row.id);
  if (row.kind === "tell" && row.tried && !row.refused) await keep("receipts", held(row));
  if (corrected === row.id) corrected = null;
  await show();
}

// Sent, and no answer came: it may have arrived, and then this is the only way to it.
function held({ receipt, title }) {
  return { receipt, title, number: mine.dataset.unsure, address: `/r/${receipt}/` };
}

function holds(row) {
  const item = document.getElementById("held").content.cloneNode(true).firstElementChild;
  const link = item.querySelector("[data-address]");
  const forget = item.querySelector("button[data-do=forget]");
  item.querySelector(".t").textContent = row.title;
  item.querySelector(".m").textContent = row.number ?? mine.dataset.untold;
  link.hidden = forget.hidden = !row.address;
  if (row.address) link.href = row.address;
  forget.addEventListener("click", async () => {
    if (!confirm(mine.dataset.sure)) return;
    await remove("receipts", row.receipt);
    await show();
  });
  const inner = item.querySelector("form");
  inner.addEventListener("submit", (event) => does(event, () => add(row.receipt, row.title, inner)));
  return item;
}

async function forgetAll(event) {
  if (!confirm(event.target.dataset.sure)) return;
  for (const store of ["receipts", "places", "drafts"]) await clear(store);
  await show();
}
