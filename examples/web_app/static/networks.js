// The table of networks: how many addresses of each are free, the exhausted networks first.

import { element, tableRow } from "./dom.js";
import { counted } from "./words.js";

const section = document.querySelector("#networks-section");
const body = document.querySelector("#networks");
const headline = document.querySelector("#headline");
const RENDER_EVERY = 200; // ms between two updates of the table while it fills
const VERSIONS = { ipv4: "IPv4", ipv6: "IPv6" };
const collator = new Intl.Collator(undefined, { numeric: true });

let networks = new Map(); // by id
let timer = 0;
let ended = false; // whether the stream has ended, so that nothing more will come
let choose = () => {};

// Calls back with a network, as {name, dataCenter}, when its name is pressed.
export function onNetwork(callback) {
  choose = callback;
}

export function clearNetworks() {
  clearTimeout(timer);
  timer = 0;
  networks = new Map();
  body.replaceChildren();
  section.hidden = true;
}

export function addToNetwork({ network: { id, name, virtual }, data_center: dataCenter }) {
  if (!networks.has(id)) networks.set(id, newNetwork({ name: name ?? "Unknown network", virtual, dataCenter }));
  networks.get(id).interfaces += 1;
  renderSoon();
}

// All interfaces of a network can get the same addresses, so the number for one of them is that of the network.
export function addFree(id, { address_version: version, free, error }) {
  const cell = networks.get(id)[version];
  if (error) cell.failed = true;
  else cell.free = Math.max(free, cell.free ?? 0);
  renderSoon();
}

function newNetwork({ name, virtual, dataCenter }) {
  const heading = element("th", "network");
  heading.scope = "row";
  const button = element("button", "link", name);
  button.type = "button";
  button.title = "Show the interfaces of this network";
  button.addEventListener("click", () => choose({ name, dataCenter }));
  heading.append(button, element("span", "quiet", [dataCenter, virtual && "virtual"].filter(Boolean).join(", ")));
  const network = { name, virtual, dataCenter, interfaces: 0, count: element("td", "count") };
  network.count.dataset.label = "Interfaces";
  for (const [version, label] of Object.entries(VERSIONS)) {
    const cell = element("td", "free-addresses");
    cell.dataset.label = `Free ${label}`;
    network[version] = { cell, free: undefined, failed: false };
  }
  network.row = tableRow(heading, network.ipv4.cell, network.ipv6.cell, network.count);
  return network;
}

function renderSoon() {
  ended = false;
  timer ||= setTimeout(render, RENDER_EVERY);
}

export function endNetworks() {
  ended = true;
  clearTimeout(timer);
  render();
}

function render() {
  timer = 0;
  section.hidden = networks.size === 0;
  const sorted = [...networks.values()].sort(compare);
  for (const version of Object.keys(VERSIONS)) {
    const most = Math.max(1, ...sorted.map((network) => network[version].free ?? 0));
    for (const network of sorted) renderFree(network[version], most, network.virtual);
  }
  for (const network of sorted) {
    network.count.textContent = network.interfaces;
    network.row.classList.toggle("exhausted", rank(network) < 2);
  }
  place(sorted.map((network) => network.row));
  headline.textContent = summary(sorted.filter((network) => !network.virtual));
}

function renderFree({ cell, free, failed }, most, virtual) {
  if (free === undefined) return cell.replaceChildren(element("span", "quiet", failed || ended ? "not known" : "…"));
  if (free === 0) return cell.replaceChildren(element("span", virtual ? "quiet" : "none", "none free"));
  const bar = element("div", "bar");
  bar.style.setProperty("--share", free / most);
  cell.replaceChildren(element("span", "number", free), bar);
}

// Katapult gives no addresses to virtual networks, so having none does not make them exhausted.
function rank({ virtual, ipv4, ipv6 }) {
  if (virtual) return 3;
  if (ipv4.free === 0) return 0;
  return ipv6.free === 0 ? 1 : 2;
}

// Infinity - Infinity is NaN, which leads to the next comparison, as 0 does.
function compare(one, other) {
  return (
    rank(one) - rank(other) ||
    (one.ipv4.free ?? Infinity) - (other.ipv4.free ?? Infinity) ||
    (one.ipv6.free ?? Infinity) - (other.ipv6.free ?? Infinity) ||
    collator.compare(one.name, other.name) ||
    collator.compare(one.dataCenter ?? "", other.dataCenter ?? "")
  );
}

// Moves only what is out of order: a row that moves loses the focus of the button in it.
function place(rows) {
  const focused = document.activeElement;
  rows.forEach((row, index) => {
    if (body.children[index] !== row) body.insertBefore(row, body.children[index] ?? null);
  });
  if (body.contains(focused)) focused.focus({ preventScroll: true });
}

function summary(networks) {
  const exhausted = Object.entries(VERSIONS)
    .map(([version, label]) => [networks.filter((network) => network[version].free === 0).length, label])
    .filter(([count]) => count > 0)
    .map(([count, label]) => `${count} without a free ${label} address`);
  const total = counted(networks.length, "network");
  return exhausted.length ? `${total}: ${exhausted.join(", ")}.` : `${total}.`;
}
