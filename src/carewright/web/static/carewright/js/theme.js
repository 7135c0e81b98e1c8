// Preferences change at once and are kept in the background; without scripts the form reloads the page.

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.matches?.("form.prefs") || !event.submitter?.name) return;
  event.preventDefault();
  const { name, value } = event.submitter;
  document.documentElement.dataset[name] = value;
  document.querySelectorAll(`form.prefs button[name="${name}"]`).forEach((button) => {
    button.setAttribute("aria-pressed", String(button.value === value));
  });
  const body = new FormData(form);
  body.append(name, value);
  const answer = await fetch(form.action, { method: "POST", body, headers: { Accept: "application/json" } });
  if (answer.status === 401 || answer.redirected) document.dispatchEvent(new CustomEvent("carewright:session-ended"));
});
