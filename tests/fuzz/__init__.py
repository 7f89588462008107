"""Properties checked with random input: a short run in the suite, a long one with `python -m tests.fuzz AREA`."""
