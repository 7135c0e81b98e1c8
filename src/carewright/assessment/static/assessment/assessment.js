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
setInterval(() => { if (navigator.onLine) sendAgain(); }, 15000);
window.addEventListener("beforeunload", (event) => { if (document.querySelector("[data-unsent]")) event.preventDefault(); });
document.addEventListener("click", (event) => { if (event.target.closest?.("[data-print]")) window.print(); });

// "Still so": what was said last time is said again. A button only for who has scripts; the answers beside it do the same.
const offer = () => document.querySelectorAll("[data-same]").forEach((button) => { button.hidden = false; });
offer();
document.addEventListener("htmx:afterSettle", offer);
document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-same]");
  if (!button) return;
  const inputs = document.getElementById(button.dataset.of)?.querySelectorAll("input[type=radio]") ?? [];
  const same = [...inputs].find((input) => input.value === button.dataset.same);
  if (same) { same.click(); next(same.closest("fieldset.question")); }
});
