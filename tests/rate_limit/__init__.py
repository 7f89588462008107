"""The tests of the rate limiter. `simulated_server`: a server that responds to the requests of one window."""
