// One question to this page's server. Gives what it answers, or {error: {message, retry_after}}; never throws.

export async function ask(path) {
  try {
    const answer = await fetch(path, { headers: { Accept: "application/json" } });
    return await answer.json();
  } catch {
    return { error: { message: "This page's server cannot be reached", retry_after: null } };
  }
}
