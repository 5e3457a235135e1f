"""Madang (마당): one platform that runs a digital city."""

__version__ = "0.1.0"
