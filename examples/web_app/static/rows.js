// The table: a row for each interface, a cell for each family. Whatever Katapult says is text, never markup.

import { ask } from "./api.js";

const body = document.querySelector("#rows");
const A_FRAME = 40; // changes that one animation frame makes, so that thousands of rows do not hold the page up
const SHOWN = 3; // addresses of each answer
const FAMILIES = { ipv4: "IPv4", ipv6: "IPv6" };

let waiting = [];
let rows = new Map(); // by the interface's id, then by the family: cells
let frame = 0;

export function clearRows() {
  waiting = [];
  rows = new Map();
  body.replaceChildren();
}

export function addInterface(found) {
  later(() => append(found));
}

export function addAddresses(answer) {
  later(() => fill(rows.get(answer.interface_id)?.[answer.address_version], answer));
}

export function addUnlisted({ machine, error }) {
  later(() => {
    const cell = element("td", "problem-cell", `${machine ?? "A machine"} could not be asked. ${error.message}.`);
    cell.colSpan = 4;
    appendRow([cell]);
  });
}

function later(change) {
  waiting.push(change);
  frame ||= requestAnimationFrame(flush);
}

function flush() {
  for (const change of waiting.splice(0, A_FRAME)) change();
  frame = waiting.length > 0 ? requestAnimationFrame(flush) : 0;
}

function append({ id, name, network, machine }) {
  const what = element("th", "what");
  what.scope = "row";
  what.append(element("span", "machine", machine ?? "Unknown machine"), element("span", "name", name ?? id));
  const where = element("td", "where", network ?? "");
  const cells = {};
  for (const [family, label] of Object.entries(FAMILIES)) {
    cells[family] = element("td", "addresses");
    cells[family].dataset.label = label;
    cells[family].append(element("span", "pending", "waiting"));
  }
  rows.set(id, cells);
  appendRow([what, where, ...Object.values(cells)]).dataset.interface = id;
}

function appendRow(cells) {
  const row = element("tr");
  row.setAttribute("role", "row"); // phones lay rows out as cards, which would take their meaning from them
  for (const cell of cells) cell.setAttribute("role", cell.tagName === "TH" ? "rowheader" : "cell");
  row.append(...cells);
  body.append(row);
  return row;
}

function fill(cell, answer) {
  if (!cell) return;
  if (answer.error) {
    fail(cell, answer);
  } else if (answer.free === 0) {
    cell.replaceChildren(element("span", "none", "none free"));
  } else {
    const first = answer.addresses.slice(0, SHOWN).join("\n");
    const list = element("span", "list", answer.free > SHOWN ? `${first} …` : first);
    cell.replaceChildren(element("span", "free", `${answer.free} free`), list);
  }
}

function fail(cell, { interface_id: id, address_version: family, error }) {
  const again = element("button", "again", "Try again");
  again.type = "button";
  const machine = cell.parentElement.querySelector(".machine").textContent;
  again.setAttribute("aria-label", `Try again: ${FAMILIES[family]} of ${machine}`);
  again.addEventListener("click", async () => {
    const had = document.activeElement === again;
    cell.replaceChildren(element("span", "pending", "asking"));
    const path = `/api/interfaces/${encodeURIComponent(id)}/available_ips?address_version=${family}`;
    fill(cell, { interface_id: id, address_version: family, ...(await ask(path)) });
    if (had) (cell.querySelector("button") ?? cell).focus();
  });
  cell.tabIndex = -1; // takes the focus when its button goes
  const wait = error.retry_after ? `, for another ${error.retry_after} s` : "";
  cell.replaceChildren(element("span", "error", `${error.message}${wait}.`), again);
}

function element(tag, className = "", text = "") {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.textContent = text;
  return made;
}
