// Single keys: `/` find, `?` all keys, G then a letter to go to a page. Off while typing, and off for who turned them off.

let waitingForGo = 0;

export function typing(target) {
  return target.closest?.("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]") !== null;
}

function off() {
  return document.documentElement.dataset.keys === "off";
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  if (typing(event.target) || off() || document.querySelector("dialog[open]")) return;

  const key = event.key.length === 1 ? event.key.toUpperCase() : event.key;
  if (waitingForGo && Date.now() - waitingForGo < 1500) {
    waitingForGo = 0;
    const link = document.querySelector(`.side [data-go="${CSS.escape(key)}"]`);
    if (link) { event.preventDefault(); link.click(); return; }
  }
  if (key === "/") {
    const find = document.getElementById("find-q");
    if (find) { event.preventDefault(); find.focus(); find.select(); }
  } else if (key === "?") {
    const dialog = document.getElementById("keys-dialog");
    if (dialog) { event.preventDefault(); dialog.showModal(); }
  } else if (key === "G") {
    waitingForGo = Date.now();
  } else {
    document.dispatchEvent(new CustomEvent("carewright:key", { detail: { key, event } }));
  }
});
