// The timer of a call. It stops by itself when nothing was typed or moved for five minutes, and says so; it can be paused.
// The minutes stand in the form, where they can be set right. Digits choose an answer; Ctrl+Enter completes the call.

const bar = document.querySelector("[data-call]");

if (bar) {
  const part = (name) => document.querySelector(`[data-part="${name}"]`);
  const idle = Number(bar.dataset.idle) * 1000;
  let spoken = Math.max(0, Date.now() - Number(bar.dataset.started) * 1000);
  let from = Date.now();
  let alive = Date.now();
  let running = true;
  let typed = Boolean(part("minutes").value);

  const total = () => spoken + (running ? Date.now() - from : 0);
  const show = () => {
    const seconds = Math.floor(total() / 1000);
    part("time").textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    if (!typed) part("minutes").value = Math.floor(seconds / 60);
  };
  const stop = (at) => {
    if (!running) return;
    spoken += Math.max(0, at - from);
    running = false;
    part("pause").textContent = part("pause").dataset.go;
    show();
  };
  const go = () => {
    if (running) return;
    from = alive = Date.now();
    running = true;
    part("pause").textContent = part("pause").dataset.stop;
  };

  setInterval(() => {
    if (running && Date.now() - alive > idle) stop(alive);
    show();
  }, 1000);
  ["input", "keydown", "pointermove", "pointerdown"].forEach((name) => document.addEventListener(name, () => { if (running) alive = Date.now(); }, { passive: true }));
  part("pause").addEventListener("click", () => (running ? stop(Date.now()) : go()));
  part("minutes").addEventListener("input", () => { typed = true; });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) document.getElementById("call-form").requestSubmit();
  });
  document.addEventListener("carewright:key", ({ detail: { key, event } }) => {
    if (!/^[1-9]$/.test(key)) return;
    const choice = document.activeElement?.closest?.("fieldset")?.querySelectorAll("input[type=radio]")[Number(key) - 1];
    if (choice) { event.preventDefault(); choice.click(); }
  });
  show();
}
