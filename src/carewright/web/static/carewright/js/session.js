// The end of a session: a warning two minutes before, "stay signed in", and, when it ended after all, what was typed stays
// on the page behind a curtain until the same person signs in again in another tab.

const dialog = document.getElementById("session-dialog");

if (dialog) {
  const part = (name) => dialog.querySelector(`[data-part="${name}"]`);
  const idle = Number(dialog.dataset.idle) * 1000;
  const warning = Math.min(120000, idle / 3);
  let ends = Date.now() + idle;
  let last = Infinity;
  let ended = false;

  const show = (state) => {
    for (const name of ["warning", "last", "ended"]) part(name).hidden = name !== state;
    part("again").hidden = state !== "ended";
    part("stay").hidden = state === "last";
    part("stay").textContent = state === "ended" ? part("stay").dataset.back : part("stay").dataset.stay;
    if (!dialog.open) dialog.showModal();
  };

  const end = () => {
    ended = true;
    document.querySelector(".app")?.classList.add("curtain");
    show("ended");
  };

  // GET looks at the session without prolonging it; POST is a sign of life.
  const ask = async (method) => {
    const token = document.body.dataset.token ?? document.querySelector("[name=csrfmiddlewaretoken]")?.value ?? "";
    const answer = await fetch(dialog.dataset.url, { method, headers: { "X-CSRFToken": token, Accept: "application/json" }, redirect: "error" });
    if (answer.status !== 200) return null;
    return answer.json();
  };

  const renew = (state) => {
    ends = Date.now() + state.seconds_left * 1000;
    last = Date.now() + state.seconds_at_most * 1000;
    document.body.dataset.token = state.token;
    document.querySelectorAll("[name=csrfmiddlewaretoken]").forEach((field) => { field.value = state.token; });
    ended = false;
    document.querySelector(".app")?.classList.remove("curtain");
    if (dialog.open) dialog.close();
  };

  const look = async (method) => {
    try {
      const state = await ask(method);
      if (state === null || String(state.person) !== dialog.dataset.person) end();
      else renew(state);
    } catch {
      // No network: the page stays as it is, and the clock goes on.
    }
  };

  const minutes = (left) => {
    const seconds = Math.max(0, Math.round(left / 1000));
    return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  };

  setInterval(() => {
    if (ended) return;
    const left = Math.min(ends, last) - Date.now();
    if (left <= 0) look("GET");
    else if (left <= warning) {
      part("left").textContent = minutes(left);
      show(last <= ends ? "last" : "warning");
    }
  }, 1000);

  part("stay").addEventListener("click", () => look(ended ? "GET" : "POST"));
  dialog.addEventListener("cancel", (event) => { if (ended) event.preventDefault(); });
  document.addEventListener("visibilitychange", () => { if (!document.hidden && (ended || dialog.open)) look("GET"); });
  document.addEventListener("htmx:afterRequest", (event) => { if (event.detail.successful) ends = Date.now() + idle; });
  document.addEventListener("carewright:session-ended", end);

  // Typing is a sign of life too: it prolongs the session at most once a minute, so a long note is never cut off.
  let told = Date.now();
  document.addEventListener("input", () => {
    if (Date.now() - told > 60000 && !ended) { told = Date.now(); look("POST"); }
  });
}
