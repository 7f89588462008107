// Elements, and changes of the page that are spread over animation frames.

const CHANGES_A_FRAME = 40; // so that thousands of rows do not block the page

let changes = [];
let frame = 0;

// Returns an element. Its text is shown as it is: markup in it has no effect.
export function element(tag, className = "", text = "") {
  const created = document.createElement(tag);
  if (className) created.className = className;
  created.textContent = text;
  return created;
}

// Returns a table row. The roles keep its meaning where the style sheet displays rows as cards.
export function tableRow(...cells) {
  const row = element("tr");
  row.setAttribute("role", "row");
  for (const cell of cells) cell.setAttribute("role", cell.tagName === "TH" ? "rowheader" : "cell");
  row.append(...cells);
  return row;
}

export function changeLater(change) {
  changes.push(change);
  frame ||= requestAnimationFrame(makeChanges);
}

export function dropChanges() {
  changes = [];
}

function makeChanges() {
  for (const change of changes.splice(0, CHANGES_A_FRAME)) change();
  frame = changes.length > 0 ? requestAnimationFrame(makeChanges) : 0;
}
