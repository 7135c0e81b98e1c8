// Typed text is never lost without a question: leaving a page with a changed form asks first.

let changed = false;

document.addEventListener("input", (event) => {
  const form = event.target.form;
  if (form && form.method === "post" && !form.matches(".find, .prefs, [data-light]")) changed = true;
});
document.addEventListener("submit", () => { changed = false; });
document.addEventListener("htmx:afterRequest", (event) => { if (event.detail.successful) changed = false; });
window.addEventListener("beforeunload", (event) => { if (changed) event.preventDefault(); });
