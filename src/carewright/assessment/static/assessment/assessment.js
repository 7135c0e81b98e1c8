// Asking with the keyboard, and answers that did not arrive: they stay on the page and are sent again when the network is back.

const all = () => [...document.querySelectorAll("fieldset.question")];
let at = null;

function stand(question) {
  all().forEach((one) => one.classList.toggle("at", one === question));
  at = question?.id ?? null;
}

function here() {
  const focused = document.activeElement?.closest?.("fieldset.question");
  return focused ?? document.getElementById(at ?? "") ?? all().find((one) => !one.querySelector(":checked")) ?? null;
}

function next(question) {
  const found = all();
  const following = found[found.indexOf(question) + 1];
  if (!following) return;
  stand(following);
  following.querySelector("input, textarea")?.focus({ preventScroll: true });
  following.scrollIntoView({ block: "nearest" });
}

// 1 to 9 choose an answer of the question one stands at, and go on to the next when only one may be chosen.
document.addEventListener("carewright:key", ({ detail: { key, event } }) => {
  if (!/^[1-9]$/.test(key)) return;
  const question = here();
  const choice = question?.querySelector(`[data-number="${key}"]`);
  if (!choice) return;
  event.preventDefault();
  choice.click();
  if (choice.type === "radio") next(question); else stand(question);
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.ctrlKey && event.target.closest?.("fieldset.question")) {
    event.preventDefault();
    next(event.target.closest("fieldset.question"));
  }
});
document.addEventListener("focusin", (event) => {
  const question = event.target.closest?.("fieldset.question");
  if (question) stand(question);
});

// One of the list or words of their own: what is said last stands alone, where only one answer may be given.
document.addEventListener("change", ({ target }) => {
  const question = target.closest?.("fieldset.question");
  const other = question?.querySelector(".other input");
  if (!other || question.querySelector(".ans input[type=checkbox]")) return;
  if (target === other) { if (other.value.trim()) question.querySelectorAll("input[type=radio]").forEach((one) => { one.checked = false; }); }
  else if (target.type === "radio") other.value = "";
}, true);

// What did not arrive is marked and sent again: when the network is back, or somebody signed in again, or after a while.
function mark(question, unsent) {
  if (!question) return;
  const state = question.querySelector(".state");
  if (unsent) {
    question.dataset.unsent = "1";
    if (state) state.textContent = state.dataset.unsent;
  } else delete question.dataset.unsent;
}
function sendAgain() {
  document.querySelectorAll("fieldset.question[data-unsent]").forEach((question) => window.htmx?.trigger(question, "change"));
}
const questionOf = (event) => event.detail.elt?.closest?.("fieldset.question");
document.addEventListener("htmx:sendError", (event) => mark(questionOf(event), true));
document.addEventListener("htmx:responseError", (event) => mark(questionOf(event), true));
document.addEventListener("htmx:afterRequest", (event) => { if (event.detail.successful) mark(questionOf(event), false); });
window.addEventListener("online", sendAgain);
document.getElementById("session-dialog")?.addEventListener("close", sendAgain);  // somebody signed in again
setInterval(() => { if (navigator.onLine) sendAgain(); }, 15000);
window.addEventListener("beforeunload", (event) => { if (document.querySelector("[data-unsent]")) event.preventDefault(); });

// "Done" pressed while an answer is on its way waits for it: leaving the page would cut it off. What does not come back in
// time is not waited for; Done sends every answer of the page anyway.
const PATIENCE = 4000;
const onTheirWay = new Set();
const ask = document.getElementById("ask");
let waiting = null;
function goOn() {
  if (!waiting) return;
  const { button, timer } = waiting;
  clearTimeout(timer);
  waiting = null;
  onTheirWay.clear();
  ask.removeAttribute("aria-busy");
  ask.requestSubmit(button);
}
ask?.addEventListener("htmx:beforeRequest", (event) => onTheirWay.add(event.detail.xhr));
ask?.addEventListener("htmx:afterRequest", (event) => {
  onTheirWay.delete(event.detail.xhr);
  // the answer after it, if one is queued, begins within this turn
  setTimeout(() => { if (!onTheirWay.size) goOn(); });
});
ask?.addEventListener("submit", (event) => {
  if (!onTheirWay.size) return;
  event.preventDefault();
  if (waiting) return;
  waiting = { button: event.submitter, timer: setTimeout(goOn, PATIENCE) };
  ask.setAttribute("aria-busy", "true");
});

// Other questions take the place of these while the next answer is already given: what is not saved yet is carried over.
const fieldsOf = (question) => [...question.querySelectorAll("input:not([type=hidden]), textarea, select")];
const said = (question) => fieldsOf(question).map(({ name, value, checked, type }) => ({ name, value, checked, type }));
const alike = (one, other) => JSON.stringify(one) === JSON.stringify(other);
const unsaved = new Set();
const sent = new Map();
let carried = [];
function touched({ target }) {
  const question = target.closest?.("fieldset.question");
  if (question) unsaved.add(question.id);
}
function arrived(question) {
  if (question && alike(sent.get(question.id), said(question))) unsaved.delete(question.id);
}
ask?.addEventListener("input", touched, true);
ask?.addEventListener("change", touched, true);
ask?.addEventListener("htmx:beforeRequest", (event) => {
  const question = questionOf(event);
  if (question) sent.set(question.id, said(question));
});
ask?.addEventListener("htmx:afterRequest", (event) => { if (event.detail.successful) arrived(questionOf(event)); });
ask?.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.target?.id !== "questions") return;
  arrived(event.detail.requestConfig?.elt?.closest?.("fieldset.question"));
  const old = [...unsaved].map((id) => document.getElementById(id)).filter(Boolean);
  carried = old.map((question) => [question.id, said(question)]);
  // what the server says to a question that stands here no longer has no place to go: the one that took its place asks again
  old.forEach((question) => question.addEventListener("htmx:beforeOnLoad", (late) => late.preventDefault()));
});
document.addEventListener("htmx:afterSettle", (event) => {
  if (event.detail.target?.id !== "questions" && event.target?.id !== "questions") return;
  const again = carried;
  carried = [];
  for (const [id, before] of again) {
    const question = document.getElementById(id);
    if (!question || alike(said(question), before)) continue;
    for (const field of fieldsOf(question)) {
      const choice = field.type === "radio" || field.type === "checkbox";
      const was = before.find((one) => one.name === field.name && (!choice || one.value === field.value));
      if (was && choice) field.checked = was.checked;
      else if (was) field.value = was.value;
    }
    window.htmx?.trigger(question, "change");
  }
});

// What must be done at once is brought into sight.
document.addEventListener("htmx:afterSettle", () => {
  document.querySelector(".note .danger")?.scrollIntoView({ block: "nearest" });
});

// "Still so": what was said last time is said again. A button only for who has scripts; the answers beside it do the same.
const offer = () => document.querySelectorAll("[data-same]").forEach((button) => { button.hidden = false; });
offer();
document.addEventListener("htmx:afterSettle", offer);
document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-same]");
  if (!button) return;
  const question = document.getElementById(button.dataset.of);
  const values = JSON.parse(button.dataset.same);
  const choices = [...(question?.querySelectorAll("input[type=radio], input[type=checkbox]") ?? [])];
  const typed = question?.querySelector("input:not([type=radio], [type=checkbox], [type=hidden]), textarea");
  choices.forEach((input) => { input.checked = values.includes(input.value); });
  const own = values.filter((value) => !choices.some((input) => input.value === value));
  if (typed && own.length) typed.value = own.join(", ");
  const said = choices.find((input) => input.checked) ?? typed;
  if (said) { said.dispatchEvent(new Event("change", { bubbles: true })); next(question); }
});

// What colleagues answer meanwhile, or the same person in another window, is shown beside what is on this page.
const asking = document.getElementById("ask");
const LOOK_EVERY = 10000;
async function look() {
  if (document.hidden || !navigator.onLine) return;
  let found;
  try {
    const answer = await fetch(asking.dataset.changes, { headers: { Accept: "application/json" } });
    if (answer.status === 401) document.dispatchEvent(new CustomEvent("carewright:session-ended"));
    if (!answer.ok) return;
    found = await answer.json();
  } catch {
    return; // no network: the next look finds it
  }
  const others = document.getElementById("others");
  if (others) {
    others.hidden = !found.others.length;
    others.querySelector("ul").replaceChildren(...found.others.map((words) => Object.assign(document.createElement("li"), { textContent: words })));
  }
  for (const seen of asking.querySelectorAll("[name^='seen:']")) {
    const now = found.answers[seen.name.slice(5)];
    const note = seen.closest(".note");
    let words = note?.querySelector(".meanwhile");
    if (!now || now.seen === seen.value) { words?.remove(); continue; }
    if (!words) note?.append(words = Object.assign(document.createElement("span"), { className: "meanwhile" }));
    words.textContent = now.said;
  }
}
if (asking?.dataset.changes) setInterval(look, LOOK_EVERY);
