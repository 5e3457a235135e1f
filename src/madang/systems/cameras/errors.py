from __future__ import annotations


class CameraError(ValueError):
    """What cannot be done with a camera; the message says why, and what to do, to whoever asked."""
