// The table of interfaces: sorted by machine and network, with a filter, and the free addresses of each.

import { getJson } from "./api.js";
import { changeLater, dropChanges, element, tableRow } from "./dom.js";
import { counted, errorText } from "./words.js";

const section = document.querySelector("#interfaces-section");
const body = document.querySelector("#interfaces");
const filter = document.querySelector("#filter");
const shown = document.querySelector("#shown");
const VERSIONS = { ipv4: "IPv4", ipv6: "IPv6" };
const collator = new Intl.Collator(undefined, { numeric: true });

let interfaces = new Map(); // by id
let sorted = []; // the same, in the order of the rows

filter.addEventListener("input", () => {
  for (const entry of sorted) applyFilter(entry);
  countShown();
});

export function clearInterfaces() {
  dropChanges();
  interfaces = new Map();
  sorted = [];
  body.replaceChildren();
  section.hidden = true;
  filter.value = "";
}

export function showInterfacesOf({ name, dataCenter }) {
  filter.value = [name, dataCenter].filter(Boolean).join(", ");
  filter.dispatchEvent(new Event("input"));
  filter.focus();
}

export function addInterface(listed) {
  changeLater(() => insert(listed));
}

export function showAddresses(response) {
  changeLater(() => fill(interfaces.get(response.interface_id), response));
}

export function showPending(id, version) {
  changeLater(() => interfaces.get(id)?.cells[version].replaceChildren(element("span", "quiet pending", "requesting")));
}

// The stream has ended: nothing that is pending will come.
export function endPending() {
  changeLater(() => {
    for (const pending of body.querySelectorAll(".pending")) pending.textContent = "not requested";
  });
}

function insert({ id, name, machine, network, data_center: dataCenter }) {
  if (interfaces.has(id)) return;
  const networkName = network.name ?? "Unknown network";
  const heading = element("th", "machine");
  heading.scope = "row";
  heading.append(element("span", "name", machine ?? "Unknown machine"));
  // Katapult names most interfaces "NETWORK on MACHINE": the two columns show that already.
  if (name !== null && name !== `${network.name} on ${machine}`) heading.append(element("span", "quiet own-name", name));
  const where = element("td", "where");
  where.append(element("span", "network-name", networkName), element("span", "quiet", dataCenter ?? ""));
  const cells = {};
  for (const [version, label] of Object.entries(VERSIONS)) {
    cells[version] = element("td", "addresses");
    cells[version].dataset.label = label;
    cells[version].append(element("span", "quiet pending", "requesting"));
  }
  const row = tableRow(heading, where, ...Object.values(cells));
  row.dataset.interface = id;
  const labels = [machine, [networkName, dataCenter].filter(Boolean).join(", "), name];
  const added = { id, row, cells, machine, networkName, labels, addresses: { ipv4: [], ipv6: [] } };
  interfaces.set(id, added);
  const index = position(added);
  body.insertBefore(row, sorted[index]?.row ?? null);
  sorted.splice(index, 0, added);
  section.hidden = false;
  applyFilter(added);
  countShown();
}

function position(added) {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (compare(sorted[middle], added) <= 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

function compare(one, other) {
  return (
    collator.compare(one.machine ?? "", other.machine ?? "") || collator.compare(one.networkName, other.networkName)
  );
}

function fill(entry, { address_version: version, free, addresses, error }) {
  if (!entry) return;
  const cell = entry.cells[version];
  if (error) return cell.replaceChildren(element("span", "error", errorText(error)));
  entry.addresses[version] = addresses;
  if (free === 0) return cell.replaceChildren(element("span", "none", "none free"));
  const amount = element("div", "amount");
  amount.append(element("span", "number", `${free} free`));
  if (free > addresses.length) amount.append(allButton(entry, version, free));
  cell.replaceChildren(amount, element("span", "list", addresses.join("\n")));
  if (filter.value) applyFilter(entry);
}

function allButton(entry, version, free) {
  const button = element("button", "link", "Show all");
  button.type = "button";
  button.setAttribute("aria-label", `Show all ${free} ${VERSIONS[version]} addresses of ${entry.machine}`);
  button.addEventListener("click", async () => {
    button.disabled = true;
    const path = `/api/interfaces/${encodeURIComponent(entry.id)}/available_ips?address_version=${version}`;
    const response = await getJson(path, () => {});
    const cell = entry.cells[version];
    if (response.error) {
      button.disabled = false;
      cell.querySelector(".error")?.remove();
      cell.append(element("span", "error", errorText(response.error)));
      return button.focus();
    }
    fill(entry, response);
    const list = cell.querySelector(".list");
    if (!list) return;
    list.tabIndex = 0; // a long list scrolls, also by keyboard
    list.setAttribute("role", "group");
    list.setAttribute("aria-label", `${VERSIONS[version]} addresses of ${entry.machine}`);
    list.focus();
  });
  return button;
}

function applyFilter({ row, labels, addresses }) {
  const text = [...labels, ...addresses.ipv4, ...addresses.ipv6].join("\n").toLowerCase();
  row.hidden = !text.includes(filter.value.trim().toLowerCase());
}

function countShown() {
  const visible = sorted.filter(({ row }) => !row.hidden).length;
  const all = counted(sorted.length, "interface");
  shown.textContent = filter.value.trim() ? `${visible} of ${all}` : all;
}
