// What a page measures: letters that can be seen, the lines they stand on, and what is tapped.
// A link inside a sentence is as high as its line; boxes and round buttons are tapped by their label.
() => {
  const seen = (one) => one.checkVisibility({ visibilityProperty: true }) && one.getClientRects().length;
  const start = (text) => text.trim().slice(0, 20);

  const letters = [];
  const lines = [];
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = texts.nextNode(); node; node = texts.nextNode()) {
    const at = node.parentElement;
    if (!node.data.trim() || !seen(at) || at.closest("svg, script, style, .visually-hidden, option")) continue;
    const style = getComputedStyle(at);
    const size = parseFloat(style.fontSize);
    letters.push([size, start(node.data)]);
    lines.push([parseFloat(style.lineHeight) / size || 1.2, size, start(node.data)]);
  }

  const typed = "input:not([type=hidden], [type=checkbox], [type=radio], [type=file])";
  const controls = [...document.querySelectorAll(`main :is(button, .btn, select, textarea, ${typed})`)]
    .filter(seen)
    .map((one) => [Math.round(one.getBoundingClientRect().height * 10) / 10, `${one.tagName} ${one.name || start(one.textContent)}`]);

  const pointing = ["for", "aria-labelledby", "aria-describedby", "aria-controls", "list", "form"];
  const ids = [...document.querySelectorAll("[id]")].map((one) => one.id);
  const named = pointing.flatMap((name) =>
    [...document.querySelectorAll(`[${name}]`)].flatMap((one) => one.getAttribute(name).split(/\s+/).filter(Boolean)));
  return {
    letters,
    lines,
    controls,
    twice: ids.filter((id, n) => ids.indexOf(id) !== n),
    nowhere: named.filter((id) => !ids.includes(id)),
  };
}
