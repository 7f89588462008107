// Words that several parts of the page write.

export function counted(number, noun) {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}

// Returns what an error of this page's server says.
export function sentence({ message, retry_after: seconds }) {
  return seconds ? `${message}. Come back in ${seconds} s.` : `${message}.`;
}
