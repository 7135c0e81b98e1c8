// My Day stays true while it is open: a stream brings the list whenever something came or went. It is held only while the
// page is in sight, since a browser keeps few lines to one place. Where it cannot be held the page asks every minute. The
// new list replaces the old one, but never while a menu in it is open. Neither is a sign of life: an empty chair is still
// signed out.

const EVERY = 60000;
let stream = null;
let heardAt = 0;
let arrived = null;

function list() {
  return document.getElementById("worklist");
}

function keyOf(element) {
  return element?.closest?.("tr[data-line]")?.dataset.line;
}

function isBusy() {
  return Boolean(list()?.querySelector(".menu:popover-open, details[open]"));
}

function asking(path) {
  const address = new URL(path, location.href);
  address.search = location.search;
  address.searchParams.set("have", list().dataset.have);
  return address;
}

// The numbers beside the sidebar that the list says anew: they must not differ from it.
function count(address, number) {
  if (!address) return;
  for (const link of document.querySelectorAll(`.side nav a[href="${CSS.escape(address)}"], #more-menu nav a[href="${CSS.escape(address)}"]`)) {
    const shown = link.querySelector(".count") ?? link.appendChild(Object.assign(document.createElement("b"), { className: "count" }));
    if (number === "0") shown.remove();
    else shown.textContent = number;
  }
}

function show(text) {
  const old = list();
  const made = new DOMParser().parseFromString(text, "text/html").getElementById("worklist");
  if (!made || !old || made.dataset.have === old.dataset.have) return;
  const before = new Set([...old.querySelectorAll("tr[data-line]")].map((row) => row.dataset.line));
  const focused = old.contains(document.activeElement) ? keyOf(document.activeElement) : null;
  old.replaceWith(made);
  count(made.dataset.day, made.dataset.dayCount);
  count(made.dataset.alarms, made.dataset.alarmsCount);
  const added = [...made.querySelectorAll("tr[data-line]")].filter((row) => !before.has(row.dataset.line));
  added.forEach((row) => row.classList.add("new"));
  if (focused) made.querySelector(`tr[data-line="${CSS.escape(focused)}"] a`)?.focus({ preventScroll: true });
  if (added.length) {
    document.dispatchEvent(new CustomEvent("carewright:say", { detail: { text: `${made.dataset.arrived} ${added.length}` } }));
  }
}

function settle() {
  if (arrived === null || isBusy()) return;
  const text = arrived;
  arrived = null;
  show(text);
}

async function look() {
  if (!list() || document.hidden || isBusy()) return;
  let answer;
  try {
    answer = await fetch(asking(list().dataset.changes), { headers: { "HX-Request": "true" }, redirect: "error" });
  } catch {
    return; // No network: the list stays as it is and says when it was made.
  }
  if (answer.status === 401) document.dispatchEvent(new CustomEvent("carewright:session-ended"));
  if (answer.status !== 200) return;
  arrived = await answer.text();
  settle();
}

function hear() {
  if (stream || document.hidden) return;
  heardAt = Date.now();
  stream = new EventSource(asking(list().dataset.live));
  stream.addEventListener("beat", () => { heardAt = Date.now(); });
  stream.addEventListener("list", (event) => {
    heardAt = Date.now();
    arrived = event.data;
    settle();
  });
  stream.addEventListener("over", ended);
  // A line that broke is opened again by the browser; one that was refused is not.
  stream.addEventListener("error", () => { if (stream?.readyState === EventSource.CLOSED) ended(); });
}

function ended() {
  hush();
  look();
}

function hush() {
  stream?.close();
  stream = null;
}

if (list()) {
  hear();
  // A stream that is silent is held up somewhere on its way: the page asks by itself, and tries to hear again.
  setInterval(async () => {
    if (stream && Date.now() - heardAt < EVERY) return;
    hush();
    await look();
    hear();
  }, EVERY);
  document.addEventListener("toggle", settle, true);
  document.addEventListener("visibilitychange", () => { if (document.hidden) hush(); else hear(); });
  window.addEventListener("pagehide", hush);
  window.addEventListener("pageshow", (event) => { if (event.persisted) hear(); });
}
