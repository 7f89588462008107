"""The rate limit of a token: when the next request may be sent.

- `limiter`: the wait of a call for its permit; `queue_order`: which call is next; `max_in_flight`: how many requests
  a client may have in flight; `wait_notices`: listeners learn why calls wait.
- `permit`: the right to send a request; `wait_reasons`: why it is not granted now.
- `token_limits`: the limits of a token and of single endpoints; `endpoint_state`: what is known about one endpoint;
  `proxy_limit`: the limits of a proxy in front of Katapult; `adaptive_concurrency`: how many requests in flight a
  server accepts.
- `window_admission`: may a request be sent now, also while the budget is unknown; `window_times`, `reset_delay`,
  `server_clock`: when windows begin and end.
- `fair_share`: what a batch leaves to single calls and other processes; `window_use`: who used a window;
  `requests_to_send`: what batches still have to send; `requests_in_flight`: the requests without a response, and
  the overdue ones among them; `uncounted_requests`: the requests that the counter may not include.
- `headers`: what a response says about the limits; `too_many_requests`: what a 429 means.
- `registry`: the limiters of an event loop, shared by all clients of a token; `status`: what users see.
"""
