// The bar of the request budget: what is left of the present window, and when the next one begins.

const bar = document.querySelector("#budget");
const text = document.querySelector("#budget-text");
const LOW = 0.2;

export function showBudget({ permitted, remaining, resets_in: resetsIn, queued }) {
  if (permitted === null || remaining === null) return;
  const share = Math.min(1, remaining / permitted);
  bar.setAttribute("aria-valuemax", permitted);
  bar.setAttribute("aria-valuenow", Math.min(remaining, permitted));
  bar.style.setProperty("--share", share);
  bar.classList.toggle("low", share < LOW);
  const parts = [`${remaining} of ${permitted} left`];
  if (resetsIn !== null) parts.push(`resets in ${Math.ceil(resetsIn)} s`);
  if (queued > 0) parts.push(`${queued} waiting`);
  say(parts.join(", "));
}

// Nobody tells of the budget between two walks, and others may use the token meanwhile.
export function keepBudget() {
  const known = text.textContent.match(/^\d+ of \d+ left/);
  if (known) say(`${known[0]}, when last heard`);
}

function say(words) {
  text.textContent = words;
  bar.setAttribute("aria-valuetext", words);
}
