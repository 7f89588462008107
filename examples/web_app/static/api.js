// Requests to this page's server: JSON responses, and streams of server-sent events.

const STATUS_EVERY = 500; // ms between two requests for the status, while a response is pending

// Returns the JSON of a response, or {error: {message, retry_after}}. Never throws.
// Calls onStatus twice a second while Katapult's response is pending.
export async function getJson(path, onStatus) {
  let pending = true;
  const timer = setInterval(async () => {
    const status = await fetchJson("/api/status");
    if (pending && !status.error) onStatus(status);
  }, STATUS_EVERY);
  const json = await fetchJson(path);
  pending = false;
  clearInterval(timer);
  return json;
}

// Yields every event of a stream as {event, data}. Ends when the stream ends, is aborted, or is lost, and at a response
// that is not of this page's server, such as the error page of a proxy.
export async function* readEvents(path, { body, signal }) {
  const request = body ? { method: "POST", body: JSON.stringify(body), signal } : { signal };
  const response = await nullIfLost(fetch(path, request));
  if (!response) return;
  if (!response.ok) {
    const data = await nullIfLost(response.json());
    if (data) yield { event: "failed", data };
    return;
  }
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  for (;;) {
    const chunk = await nullIfLost(reader.read());
    if (!chunk || chunk.done) return;
    const frames = (text + chunk.value).split("\n\n");
    text = frames.pop(); // the beginning of the next frame
    for (const frame of frames) {
      const [, event, data] = frame.match(/^event: (.*)\ndata: (.*)$/) ?? [];
      if (event) yield { event, data: JSON.parse(data) };
    }
  }
}

async function nullIfLost(promise) {
  try {
    return await promise;
  } catch {
    return null;
  }
}

async function fetchJson(path) {
  try {
    const response = await fetch(path, { headers: { Accept: "application/json" } });
    return await response.json();
  } catch {
    return { error: { message: "This page's server cannot be reached", retry_after: null } };
  }
}
