"""What systems may ask of the privacy officer's room: counts and contracts, nothing about who asked."""

from __future__ import annotations

from madang.ground.privacy.queries import Asked, contracts_in_force, last_review, requests_since

__all__ = ["Asked", "contracts_in_force", "last_review", "requests_since"]
