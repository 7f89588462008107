"""The command `katapult-async`: click and rich around the client. No other part of the package imports it."""
