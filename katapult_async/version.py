"""The version, where both the client and the build find it."""

__version__ = "0.1.0"
