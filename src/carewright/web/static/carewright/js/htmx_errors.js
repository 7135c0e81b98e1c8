// When a part of a page could not be fetched: say so, keep the page, and tell a lost session apart from a lost network.

function say(which, more = "") {
  const text = `${document.getElementById("toasts")?.dataset[which] ?? ""}${more}`;
  document.dispatchEvent(new CustomEvent("carewright:say", { detail: { text, stay: true } }));
}

document.addEventListener("htmx:responseError", (event) => {
  const status = event.detail.xhr.status;
  if (status === 401) document.dispatchEvent(new CustomEvent("carewright:session-ended"));
  else say("saysTrouble", ` (${status})`);
});
document.addEventListener("htmx:sendError", () => say("saysOffline"));

// A token renewed by signing in again must reach parts that were on the page before.
document.addEventListener("htmx:configRequest", (event) => {
  const token = document.body.dataset.token;
  if (token) event.detail.headers["X-CSRFToken"] = token;
});
