"""The credentials of the demo's devices: made from one secret of the installation, so that none is stored."""

from __future__ import annotations

import hashlib
import hmac


def credential(secret: str, city: str, device: str) -> str:
    """What the device of that key in that city signs in with."""
    return hmac.new(secret.encode(), f"{city}/{device}".encode(), hashlib.sha256).hexdigest()
