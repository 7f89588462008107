// Texts that several parts of the page show.

export function counted(number, noun) {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}

// Returns the text for an error that this page's server sent.
export function errorText({ message, retry_after: seconds }) {
  return seconds ? `${message}. Come back in ${seconds} s.` : `${message}.`;
}
