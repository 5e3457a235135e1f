"""What systems may ask of the privacy officer's room: counts and contracts, and which footage requests want
kept; nothing about who asked."""

from __future__ import annotations

from madang.ground.privacy.queries import (
    Asked,
    Footage,
    contracts_in_force,
    find_footage_request,
    granted_footage,
    last_review,
    requests_since,
)
from madang.ground.privacy.wanted import Keeping, Kept, Wanted, register_keeper, wanted_footage
from madang.ground.privacy.wanted import changed as requests_changed

__all__ = [
    "Asked",
    "Footage",
    "Keeping",
    "Kept",
    "Wanted",
    "contracts_in_force",
    "find_footage_request",
    "granted_footage",
    "last_review",
    "register_keeper",
    "requests_changed",
    "requests_since",
    "wanted_footage",
]
