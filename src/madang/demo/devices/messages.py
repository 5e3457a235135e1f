"""What a demo device says: one message, not yet written as bytes."""

from __future__ import annotations

from typing import Any, NamedTuple

import msgspec


class Message(NamedTuple):
    """Facts of one kind of the device of that key. repeats: they were all said before."""

    device: str
    what: str
    facts: list[dict[str, Any]]
    repeats: bool = False

    def payload(self) -> bytes:
        """As docs/systems/sensing.md has it: one fact, or an array of several."""
        return msgspec.json.encode(self.facts if len(self.facts) > 1 else self.facts[0])
