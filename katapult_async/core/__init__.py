"""The steps of a call: encoding, circuit breakers, attempts and retries, decoding, and errors."""
