// Says that scripts run, for parts that are of no use without them.
document.documentElement.classList.add("scripted");

// Menus open beside the button that opened them; dialogs open from data-open; the first wrong field takes the focus.

document.addEventListener("toggle", (event) => {
  const menu = event.target;
  if (event.newState !== "open" || !menu.matches?.(".menu[popover]:not(.side-menu)")) return;
  const button = document.querySelector(`[popovertarget="${CSS.escape(menu.id)}"]`);
  if (!button) return;
  const near = button.getBoundingClientRect();
  const size = menu.getBoundingClientRect();
  const below = near.bottom + 4 + size.height < window.innerHeight;
  menu.style.margin = "0";
  menu.style.inset = "auto";
  menu.style.top = `${Math.max(8, below ? near.bottom + 4 : near.top - 4 - size.height)}px`;
  menu.style.left = `${Math.max(8, Math.min(near.right - size.width, window.innerWidth - size.width - 8))}px`;
}, true);

document.addEventListener("click", (event) => {
  const opener = event.target.closest?.("[data-open]");
  if (opener) {
    opener.closest("[popover]")?.hidePopover();
    document.getElementById(opener.dataset.open)?.showModal();
  }
  const closer = event.target.closest?.("[data-close]");
  if (closer) closer.closest("dialog")?.close();
});

// A button that prints the page stands only where a script can do it (its class: needs-script).
document.addEventListener("click", (event) => {
  if (event.target.closest?.("[data-print]")) window.print();
});

// On a narrow screen the row of tabs scrolls: the page one is on stands in sight.
for (const here of document.querySelectorAll(".tabs [aria-current]")) {
  const row = here.parentElement;
  if (row.scrollWidth > row.clientWidth) row.scrollLeft = here.offsetLeft - row.offsetLeft - (row.clientWidth - here.offsetWidth) / 2;
}

// Escape closes an open panel of a page, such as the filters, and puts the focus back on what opened it.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.defaultPrevented || document.querySelector("dialog[open]")) return;
  const panel = document.activeElement?.closest?.("details[data-esc][open]") ?? document.querySelector("details[data-esc][open]");
  if (!panel) return;
  panel.open = false;
  panel.querySelector("summary")?.focus();
});

function focusOnTrouble(root) {
  const trouble = root.querySelector("[data-focus]");
  if (trouble) trouble.focus();
}
focusOnTrouble(document);
document.addEventListener("htmx:afterSettle", (event) => focusOnTrouble(event.target));

// Copying a link that is shown once.
document.addEventListener("click", async (event) => {
  const button = event.target.closest?.("[data-copy]");
  if (!button) return;
  const field = document.getElementById(button.dataset.copy);
  field.select();
  try {
    await navigator.clipboard.writeText(field.value);
    button.classList.add("done");
    button.setAttribute("aria-live", "polite");
    button.append(" ✓");
  } catch {
    // Without the right to write to the clipboard the selected text can be copied by hand.
  }
});
