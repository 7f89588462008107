"""The pure core: values and functions that know no socket, loop, clock, randomness, environment or log."""
