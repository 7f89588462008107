"""The command `katapult-async`: click and rich around the client; nothing else of the package imports it."""
