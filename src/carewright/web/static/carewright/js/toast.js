// Toasts go away by themselves after ten seconds, unless they carry trouble; the pointer or the focus on one keeps it.

function settle(toast) {
  if (toast.dataset.settled) return;
  toast.dataset.settled = "1";
  if (toast.hasAttribute("data-stay")) return;
  const leave = () => (toast.matches(":hover, :focus-within") ? setTimeout(leave, 2000) : toast.remove());
  setTimeout(leave, 10000);
}

export function say(text, { stay = false } = {}) {
  const tray = document.getElementById("toasts");
  if (!tray) return;
  const toast = document.createElement("div");
  toast.className = stay ? "toast error" : "toast";
  if (stay) toast.setAttribute("data-stay", "");
  const words = document.createElement("span");
  words.textContent = text;
  const dismiss = document.createElement("button");
  dismiss.type = "button";
  dismiss.setAttribute("data-dismiss", "");
  dismiss.setAttribute("aria-label", tray.dataset.saysDismiss);
  dismiss.textContent = "✕";
  toast.append(words, dismiss);
  tray.append(toast);
  settle(toast);
}

document.addEventListener("click", (event) => event.target.closest?.("[data-dismiss]")?.closest(".toast")?.remove());
const all = () => document.querySelectorAll("#toasts .toast").forEach(settle);
all();
document.addEventListener("htmx:afterSettle", all);
document.addEventListener("carewright:say", (event) => say(event.detail.text, event.detail));
