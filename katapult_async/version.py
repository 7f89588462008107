"""The version of the package, which the client and the build read."""

__version__ = "0.1.0"
