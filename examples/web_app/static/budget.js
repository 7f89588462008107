// The request budget: what is left of the current window, and when the next window begins.

const meter = document.querySelector("#budget");
const text = document.querySelector("#budget-text");
const LOW = 0.2; // share of the window below which the bar has another color

let countdown = 0;
let last = null; // the last reading that had numbers

export function showBudget(budget) {
  if (budget.permitted === null || budget.remaining === null) return;
  clearInterval(countdown);
  last = budget;
  show(budget, false);
}

// The requests have ended: counts down to the next window, and then stops.
export function idleBudget() {
  clearInterval(countdown);
  if (last === null) return;
  const resetsAt = last.resets_in === null ? 0 : Date.now() + 1000 * last.resets_in;
  const tick = () => {
    const seconds = (resetsAt - Date.now()) / 1000;
    if (seconds > 0) return show({ ...last, resets_in: seconds, queued: 0 }, true);
    clearInterval(countdown);
    show({ ...last, remaining: last.permitted, resets_in: null, queued: 0 }, true);
    describe(`Idle. Each window has ${last.permitted} requests.`);
  };
  countdown = setInterval(tick, 1000);
  tick();
}

function show({ permitted, remaining, resets_in: resetsIn, queued }, idle) {
  const share = Math.min(1, remaining / permitted);
  meter.setAttribute("aria-valuemax", permitted);
  meter.setAttribute("aria-valuenow", Math.min(remaining, permitted));
  meter.style.setProperty("--share", share);
  meter.classList.toggle("low", share < LOW);
  meter.classList.toggle("idle", idle);
  const facts = [`${remaining} of ${permitted} left`];
  if (resetsIn !== null) facts.push(`resets in ${Math.ceil(resetsIn)} s`);
  if (queued > 0) facts.push(`${queued} waiting`);
  describe((idle ? "Idle. " : "") + facts.join(", "));
}

function describe(words) {
  text.textContent = words;
  meter.setAttribute("aria-valuetext", words);
}
