// The controls: show the addresses of an organization as they arrive, stop, and retry what failed.

import { getJson, readEvents } from "./api.js";
import { idleBudget, showBudget } from "./budget.js";
import { element } from "./dom.js";
import { addInterface, clearInterfaces, endPending, showAddresses, showInterfacesOf, showPending } from "./interfaces.js";
import { addFree, addToNetwork, clearNetworks, endNetworks, onNetwork } from "./networks.js";
import { counted, errorText } from "./words.js";

const SILENCE = 10_000; // ms without an event after which the connection counts as lost: the server sends four events a second
const byId = (id) => document.getElementById(id);

let organizationName = "";
let results = null; // of the organization that is shown
let running = null; // the AbortController of the stream, while there is one
let tryAgain = load; // what the button "Try again" of the problem does

byId("choice").addEventListener("submit", (event) => {
  event.preventDefault();
  if (running) running.abort("stopped");
  else start();
});
byId("again").addEventListener("click", () => tryAgain());
byId("retry").addEventListener("click", retryFailed);
onNetwork(showInterfacesOf);
load();

async function load() {
  hideProblem();
  const { organizations, error } = await getJson("/api/organizations", showStatus);
  showOutage(null);
  if (error) return showProblem(error, load);
  const label = ({ name, suspended }) => (suspended ? `${name} (suspended)` : name);
  const options = organizations.map((organization) => new Option(label(organization), organization.id));
  byId("organization").replaceChildren(...options);
  byId("organization").disabled = byId("show").disabled = organizations.length === 0;
  say(organizations.length ? "Choose an organization and press Show." : "This token can see no organization.");
}

function start() {
  const { value: id, selectedOptions: [option] } = byId("organization");
  organizationName = option.textContent;
  clearInterfaces();
  clearNetworks();
  results = {
    networkOf: new Map(), // the id of its network, by the id of each interface
    answered: 0,
    failed: new Map(), // queries, by interface and address version
    unlisted: new Map(), // error messages, by the id of a machine whose interfaces could not be listed
    retried: new Map(), // the unlisted machines that are being retried
  };
  run(`/api/organizations/${encodeURIComponent(id)}/fleet`);
}

// Repeats the failed requests: for the addresses of interfaces, and for the interfaces of machines.
function retryFailed() {
  const queries = [...results.failed.values()].map(({ id, version }) => [id, version]);
  const machines = [...results.unlisted.keys()];
  for (const [id, version] of queries) showPending(id, version);
  results.retried = results.unlisted;
  results.unlisted = new Map();
  byId("show").focus(); // the button that was pressed disappears
  run("/api/retry", { queries, machines });
}

async function run(path, body) {
  const controller = new AbortController();
  running = controller;
  let pauseAnnounced = false;
  let watchdog = 0;
  const watch = () => {
    clearTimeout(watchdog);
    watchdog = setTimeout(() => controller.abort("lost"), SILENCE);
  };
  hideProblem();
  byId("failures").hidden = true;
  byId("progress").hidden = false;
  byId("organization").disabled = true;
  byId("show").textContent = "Stop";
  say(`Requesting the free addresses of ${organizationName}.`);
  showProgress();
  watch();
  let end = { event: "lost" };
  for await (const { event, data } of readEvents(path, { body, signal: controller.signal })) {
    watch();
    if (event === "status") {
      showStatus(data);
      pauseAnnounced = announcePause(data, pauseAnnounced);
    } else if (event === "done" || event === "failed") {
      end = { event, ...data };
    } else {
      receive[event](data);
    }
    showProgress();
  }
  if (controller.signal.reason === "stopped") end = { event: "stopped" };
  // A retry that ended early may not have reached these machines.
  if (end.event !== "done") for (const [machine, message] of results.retried) results.unlisted.set(machine, message);
  clearTimeout(watchdog);
  running = null;
  showOutage(null);
  idleBudget();
  endNetworks();
  endPending();
  byId("organization").disabled = false;
  byId("show").textContent = "Show";
  byId("count").textContent = "";
  byId("progress").hidden = true;
  summarize(end);
}

const receive = {
  interface(listed) {
    if (results.networkOf.has(listed.id)) return;
    results.networkOf.set(listed.id, listed.network.id);
    addToNetwork(listed);
    addInterface(listed);
  },
  unlisted({ machine, error }) {
    results.unlisted.set(machine, error.message);
  },
  addresses(response) {
    const { interface_id: id, address_version: version, error } = response;
    results.failed.delete(`${id} ${version}`);
    if (error) results.failed.set(`${id} ${version}`, { id, version, message: error.message });
    else results.answered += 1;
    addFree(results.networkOf.get(id), response);
    showAddresses(response);
  },
};

function summarize({ event: how, error }) {
  const { answered, failed, unlisted, networkOf } = results;
  const complete = how === "done" && failed.size + unlisted.size === 0;
  const counts = [`${answered} answered`];
  if (failed.size) counts.push(`${failed.size} failed`);
  if (unlisted.size) counts.push(`${counted(unlisted.size, "machine")} not listed`);
  const before = { done: "", stopped: "Stopped. ", failed: "Ended early. ", lost: "Ended early. " };
  if (complete && networkOf.size === 0) say(`${organizationName} has no interfaces that this token can see.`);
  else if (complete) say(`Done. ${counted(networkOf.size, "interface")}, ${counted(answered, "request")} answered.`, "good");
  else say(`${before[how]}${counts.join(", ")}.`, "warning");
  if (how === "failed") showProblem(error, start);
  if (how === "lost") showProblem({ message: "The connection to this page's server is lost" }, start);
  showFailures();
}

// One line for each reason, with one button for all of them.
function showFailures() {
  const reasons = new Map(); // by message: numbers of failed requests and of machines
  const reasonOf = (message) => reasons.get(message) ?? reasons.set(message, { requests: 0, machines: [] }).get(message);
  for (const { message } of results.failed.values()) reasonOf(message).requests += 1;
  for (const [machine, message] of results.unlisted) reasonOf(message).machines.push(machine);
  byId("reasons").replaceChildren(...[...reasons].map(([message, { requests, machines }]) => {
    const parts = [];
    if (requests) parts.push(counted(requests, "request"));
    if (machines.length) parts.push(`${counted(machines.length, "machine")} not listed`);
    const line = element("li", "", `${message}: ${parts.join(", ")}.`);
    if (machines.length) {
      const details = element("details");
      details.append(element("summary", "", "Ids of the machines"), element("span", "list", machines.join("\n")));
      line.append(details);
    }
    return line;
  }));
  byId("failures").hidden = reasons.size === 0;
}

function showProgress() {
  const { answered, failed, networkOf } = results;
  const expected = 2 * networkOf.size;
  byId("progress").max = Math.max(1, expected);
  byId("progress").value = answered;
  const counts = `${answered} of ${expected} answered` + (failed.size ? `, ${failed.size} failed` : "");
  byId("count").textContent = expected ? counts : "";
}

function showStatus({ budget, outage }) {
  showBudget(budget);
  showOutage(outage);
}

function showOutage(outage) {
  const time = (seconds) => new Date(1000 * seconds).toLocaleTimeString();
  const words = outage
    ? `No successful response from Katapult${outage.partial ? " to some requests" : ""} since ${time(outage.since)}. ` +
      `Requests are retried until ${time(outage.until)}.`
    : "";
  byId("outage").hidden = !outage;
  if (byId("outage-text").textContent !== words) byId("outage-text").textContent = words; // it is read aloud once
}

// Announced once for each window, since it is read aloud. Returns whether it is announced.
function announcePause({ budget, outage }, announced) {
  const { queued, in_flight: inFlight, remaining, permitted, resets_in: resetsIn } = budget;
  const paused = !outage && queued > 0 && inFlight === 0 && remaining < permitted / 2;
  if (paused && !announced) {
    const when = resetsIn === null ? "soon" : `in ${Math.ceil(resetsIn)} s`;
    say(`Waiting for the next window. It begins ${when}.`);
    return true;
  }
  if (announced && remaining > permitted / 2) {
    say("The next window has begun.");
    return false;
  }
  return announced;
}

function say(words, kind = "") {
  byId("status").textContent = words;
  byId("status").className = kind;
}

function showProblem(error, then) {
  tryAgain = then;
  byId("problem-text").textContent = errorText(error);
  byId("problem").hidden = false;
}

function hideProblem() {
  if (byId("problem").contains(document.activeElement)) byId("show").focus();
  byId("problem").hidden = true;
}
