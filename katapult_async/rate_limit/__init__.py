"""The rate limit of a token: when the next request may be sent."""
