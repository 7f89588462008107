// What a person does: picks an organization, watches its interfaces fill in, stops, tries again.

import { ask } from "./api.js";
import { keepBudget, showBudget } from "./budget.js";
import { addAddresses, addInterface, addUnlisted, clearRows } from "./rows.js";

const SILENCE = 10_000; // ms: the server speaks several times a second, so this is a connection that is dead

const [form, organization, watch, status, count, answers, problem, problemText, again, table, caption] = [
  "choice", "organization", "watch", "status", "count", "answers",
  "problem", "problem-text", "again", "interfaces", "caption",
].map((id) => document.getElementById(id));

let walk = null; // the present one: {source, watchdog, found, answered, failed, paused}
let retry = load;

form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (walk) stop();
  else start();
});
again.addEventListener("click", () => retry());
load();

async function load() {
  hideProblem();
  const { organizations, error } = await ask("/api/organizations");
  if (error) return tell(error, load);
  const called = ({ name, suspended }) => (suspended ? `${name} (suspended)` : name);
  organization.replaceChildren(...organizations.map((each) => new Option(called(each), each.id)));
  organization.disabled = watch.disabled = organizations.length === 0;
  status.textContent = organizations.length ? "Pick an organization and press Show." : "This token sees no organization.";
}

function start() {
  const name = organization.selectedOptions[0].textContent;
  hideProblem();
  clearRows();
  caption.textContent = `Interfaces of ${name}`;
  table.hidden = answers.hidden = false;
  organization.disabled = true;
  watch.textContent = "Stop";
  status.textContent = `Finding the interfaces of ${name} and asking for their addresses.`;
  const source = new EventSource(`/api/organizations/${encodeURIComponent(organization.value)}/fleet`);
  const now = { source, found: 0, answered: 0, failed: 0, paused: false, watchdog: 0 };
  walk = now;
  const on = (event, react) => source.addEventListener(event, ({ data }) => {
    clearTimeout(now.watchdog);
    now.watchdog = setTimeout(lost, SILENCE);
    react(JSON.parse(data));
  });
  on("interface", (found) => {
    now.found += 1;
    addInterface(found);
  });
  on("unlisted", (machine) => {
    now.failed += 1;
    addUnlisted(machine);
  });
  on("addresses", (answer) => {
    now.answered += 1;
    if (answer.error) now.failed += 1;
    addAddresses(answer);
  });
  on("budget", (budget) => {
    showBudget(budget);
    sayPause(budget);
    sayProgress();
  });
  on("done", () => end(now.found ? `Done. ${told()}` : `${name} has no interfaces that this token can see.`));
  on("failed", ({ error }) => {
    end(`Ended early. ${told()}`);
    tell(error, start);
  });
  // The browser would open the stream again by itself, and so ask Katapult everything a second time.
  source.addEventListener("error", lost);
}

function stop() {
  end(`Stopped. ${told()}`);
}

function lost() {
  end(`Ended early. ${told()}`);
  tell({ message: "The connection to this page's server is lost" }, start);
}

function end(words) {
  walk.source.close();
  clearTimeout(walk.watchdog);
  sayProgress();
  count.textContent = "";
  walk = null;
  keepBudget();
  organization.disabled = false;
  watch.textContent = "Show";
  status.textContent = words;
}

function sayProgress() {
  answers.max = Math.max(1, 2 * walk.found);
  answers.value = walk.answered;
  count.textContent = `${walk.answered} of ${2 * walk.found} answers so far`;
}

// Once for each window, not with each reading: it is read aloud.
function sayPause({ queued, in_flight: inFlight, remaining, permitted, resets_in: resetsIn }) {
  const paused = queued > 0 && inFlight === 0 && remaining < permitted / 2;
  if (paused && !walk.paused) {
    const when = resetsIn === null ? "soon" : `within ${Math.ceil(resetsIn)} s`;
    status.textContent = `Waiting for a new window. It goes on by itself ${when}.`;
    walk.paused = true;
  } else if (walk.paused && remaining > permitted / 2) {
    status.textContent = "A new window has begun; asking on.";
    walk.paused = false;
  }
}

function told() {
  const failed = walk.failed ? ` ${walk.failed} could not be had.` : "";
  return `${walk.found} interfaces, ${walk.answered} of ${2 * walk.found} answers.${failed}`;
}

function tell({ message, retry_after: retryAfter }, then) {
  retry = then;
  problemText.textContent = retryAfter ? `${message}. Come back in ${retryAfter} s.` : `${message}.`;
  problem.hidden = false;
}

function hideProblem() {
  if (problem.contains(document.activeElement)) watch.focus();
  problem.hidden = true;
}
