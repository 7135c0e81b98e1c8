// My Day stays true while it is open: every 20 seconds the page asks whether anything came or went. The answer replaces the
// list, but never while a menu in it is open. Asking is no sign of life, so an empty chair is still signed out.

const EVERY = 20000;

function list() {
  return document.getElementById("worklist");
}

function keyOf(element) {
  return element?.closest?.("tr[data-line]")?.dataset.line;
}

async function look() {
  const old = list();
  if (!old || document.hidden || old.querySelector(".menu:popover-open, details[open]")) return;
  const address = new URL(old.dataset.changes, location.href);
  address.search = location.search;
  address.searchParams.set("have", old.dataset.have);
  let answer;
  try {
    answer = await fetch(address, { headers: { "HX-Request": "true" }, redirect: "error" });
  } catch {
    return; // No network: the list stays as it is and says when it was made.
  }
  if (answer.status === 401) document.dispatchEvent(new CustomEvent("carewright:session-ended"));
  if (answer.status !== 200) return;
  const made = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("worklist");
  if (!made || list() !== old || old.querySelector(".menu:popover-open")) return;
  const before = new Set([...old.querySelectorAll("tr[data-line]")].map((row) => row.dataset.line));
  const focused = old.contains(document.activeElement) ? keyOf(document.activeElement) : null;
  old.replaceWith(made);
  const added = [...made.querySelectorAll("tr[data-line]")].filter((row) => !before.has(row.dataset.line));
  added.forEach((row) => row.classList.add("new"));
  if (focused) made.querySelector(`tr[data-line="${CSS.escape(focused)}"] a`)?.focus({ preventScroll: true });
  if (added.length) {
    document.dispatchEvent(new CustomEvent("carewright:say", { detail: { text: `${made.dataset.arrived} ${added.length}` } }));
  }
}

if (list()) {
  const every = Number(list().dataset.every ?? EVERY);
  setInterval(look, every);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) look(); });
}
