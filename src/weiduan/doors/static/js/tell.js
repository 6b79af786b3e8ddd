// “It is where I am”: asks the browser only when touched, and sends the place with the form. Without script the button isn't there.
// What was typed and not sent is kept in this browser, and offered when the page is opened anew; how to reach somebody never is.

import { keep, read, remove } from "./drafts.js";

const DRAFT = "report";
const KEPT = ["text", "guess", "category", "unit", "place"];

const button = document.querySelector("[data-locate]");
if (button && navigator.geolocation) {
  button.hidden = false;
  button.addEventListener("click", ask);
}

function ask(event) {
  event.preventDefault();
  const line = document.getElementById("located");
  line.textContent = button.dataset.asking;
  const options = { enableHighAccuracy: true, timeout: 15000, maximumAge: 60000 };
  navigator.geolocation.getCurrentPosition(send, () => (line.textContent = button.dataset.denied), options);
}

function send({ coords }) {
  const form = button.form;
  form.elements.lon.value = coords.longitude.toFixed(6);
  form.elements.lat.value = coords.latitude.toFixed(6);
  form.requestSubmit(button);
}

const form = document.getElementById("tell");
const offer = document.getElementById("draft");
const quietly = () => {}; // a browser that keeps nothing is no mistake

if (form) begin().catch(quietly);
else if (document.getElementById("receipt")) forgetWhatWasSent().catch(quietly);

async function begin() {
  const draft = await read("drafts", DRAFT);
  const typed = form.elements.text.value;
  if (offer && draft && draft.text !== typed) show(draft);
  else if (typed) await save();
  form.addEventListener("input", () => offer?.hidden !== false && save().catch(quietly));
  for (const sending of document.querySelectorAll("form"))
    sending.addEventListener("submit", (event) => remember(event).catch(quietly));
}

async function save(more = {}) {
  const said = new FormData(form);
  const row = Object.fromEntries(KEPT.map((name) => [name, said.get(name) ?? ""]));
  await (row.text.trim() ? keep("drafts", { name: DRAFT, ...row, ...more }) : remove("drafts", DRAFT));
}

// The form's own draft is kept only once it was sent: if the answer is lost, the same form sent again is still one report.
async function remember({ submitter }) {
  if (submitter?.value === "send" || submitter?.name === "same") await save({ draft: form.elements.draft.value });
}

function show(draft) {
  offer.hidden = false;
  document.getElementById("draft_text").textContent = draft.text.slice(0, 120);
  document.getElementById("draft_on").addEventListener("click", () => {
    form.elements.text.value = draft.text;
    for (const name of ["unit", "place", "draft"]) if (draft[name]) form.elements[name].value = draft[name];
    form.elements.category.value = draft.category || (draft.guess === "other" ? "" : draft.guess);
    close();
    form.elements.text.focus();
  });
  document.getElementById("draft_off").addEventListener("click", async () => {
    await remove("drafts", DRAFT);
    close();
  });
}

function close() {
  offer.hidden = true;
}

async function forgetWhatWasSent() {
  const draft = await read("drafts", DRAFT);
  if (draft?.draft) await remove("drafts", DRAFT);
}
