"""One API for many brokers."""

__version__ = "0.1.0"
