"""The command `katapult-async`: built on the client with click and rich. No other part of the package imports it."""
