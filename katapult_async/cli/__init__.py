"""The command `katapult-async`, made with click and rich around the client. Nothing else of the package imports it."""
