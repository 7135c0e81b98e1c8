// Walking a list by keyboard: J and K move, Enter opens, X selects, W shows why, A accepts; [ and ] go to the neighbor.
// A table with data-rows takes part. In a row: the first link opens; data-key="W" (or another letter) marks what a letter presses.

let at = null;

function rows() {
  return [...document.querySelectorAll("table[data-rows] tbody tr")].filter((row) => row.querySelector("a, button"));
}

function move(step) {
  const all = rows();
  if (!all.length) return false;
  const now = all.indexOf(at?.isConnected ? at : document.activeElement?.closest?.("tr"));
  at = all[Math.min(Math.max(now + step, 0), all.length - 1)];
  all.forEach((row) => row.classList.toggle("at", row === at));
  at.querySelector("a, button")?.focus({ preventScroll: true });
  at.scrollIntoView({ block: "nearest" });
  return true;
}

function press(key) {
  const row = document.activeElement?.closest?.("table[data-rows] tbody tr") ?? (at?.isConnected ? at : null);
  // What lies in a menu that is not open is not pressed.
  const open = (target) => !target.closest("[popover]:not(:popover-open)");
  const named = `[data-key="${CSS.escape(key)}"]`;
  const target = [...(row?.querySelectorAll(named) ?? [])].find(open) ?? [...document.querySelectorAll(`main ${named}`)].find(open);
  if (!target) return false;
  target.click();
  return true;
}

document.addEventListener("carewright:key", ({ detail: { key, event } }) => {
  let done = false;
  if (key === "J") done = move(1);
  else if (key === "K") done = move(-1);
  else if (key === "X") {
    const box = (document.activeElement?.closest?.("tr") ?? at)?.querySelector("input[type=checkbox]");
    if (box) { box.click(); done = true; }
  } else if (key.length === 1) done = press(key);
  if (done) event.preventDefault();
});

// "Select all" and the count of what is selected.
function reflect(form) {
  const boxes = [...form.querySelectorAll("tbody input[type=checkbox][name]")];
  const chosen = boxes.filter((box) => box.checked);
  boxes.forEach((box) => box.closest("tr")?.setAttribute("aria-selected", String(box.checked)));
  form.querySelectorAll("[data-selected-count]").forEach((part) => { part.textContent = String(chosen.length); });
  form.querySelectorAll("[data-needs-selection]").forEach((part) => { part.hidden = chosen.length === 0; });
  const all = form.querySelector("[data-select-all]");
  if (all) { all.checked = chosen.length > 0 && chosen.length === boxes.length; all.indeterminate = chosen.length > 0 && !all.checked; }
}

document.addEventListener("change", (event) => {
  const form = event.target.closest?.("[data-selection]");
  if (!form) return;
  if (event.target.matches("[data-select-all]")) {
    form.querySelectorAll("tbody input[type=checkbox][name]").forEach((box) => { box.checked = event.target.checked; });
  }
  reflect(form);
});

const begin = () => document.querySelectorAll("[data-selection]").forEach(reflect);
begin();
document.addEventListener("htmx:afterSettle", begin);

// A choice that sends its form at once, such as a sort order; the button beside it is for who has no scripts.
document.addEventListener("change", (event) => {
  if (event.target.matches?.("[data-send]")) event.target.form?.requestSubmit();
});

// After a decision in a list the page comes back without that row: the focus goes to the row in its place, not to the top.
const KEPT = "carewright:row";

document.addEventListener("submit", (event) => {
  const all = rows();
  const chosen = event.submitter?.closest?.("table[data-rows] tbody tr")
    ?? (event.target.matches?.("[data-selection]") ? event.target.querySelector("tbody tr:has(input:checked)") : null);
  const index = all.indexOf(chosen);
  if (index < 0) return;
  sessionStorage.setItem(KEPT, JSON.stringify({ page: location.pathname + location.search, index, at: Date.now() }));
});

function comeBack() {
  const kept = JSON.parse(sessionStorage.getItem(KEPT) ?? "null");
  if (!kept || kept.page !== location.pathname + location.search) return;
  sessionStorage.removeItem(KEPT);
  if (Date.now() - kept.at > 180000) return;
  const all = rows();
  if (!all.length) return;
  at = all[Math.min(kept.index, all.length - 1)];
  at.classList.add("at");
  at.querySelector("a, button")?.focus();
}
comeBack();
