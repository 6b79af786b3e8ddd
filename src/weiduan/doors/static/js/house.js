// What script adds to every page. Nothing depends on it.

// After a form came back with mistakes, begin there (browsers that know autofocus on any element have done so).
const mistakes = document.querySelector("[data-focus]");
if (mistakes)
  requestAnimationFrame(() =>
    requestAnimationFrame(() => {
      if (document.activeElement === document.body) mistakes.focus();
    }),
  );

// A menu closes when the reader goes elsewhere or presses Escape.
const menus = () => document.querySelectorAll("details.wd-me[open]");
document.addEventListener("click", (event) => {
  for (const menu of menus()) if (!menu.contains(event.target)) menu.open = false;
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of menus()) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

// Printing needs script, so its button shows only where there is some.
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
