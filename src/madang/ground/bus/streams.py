"""The streams of the log: a stream for each kind, so that a flood of one cannot push out another."""

from __future__ import annotations

from dataclasses import dataclass

from madang.ground.bus.messages import Message

PREFIX = "log"
ANY = "*"
MEGABYTE = 1_000_000


@dataclass(frozen=True)
class Stream:
    """What the log keeps of one kind: so long, at most so much; then the oldest goes.

    refuses_when_full keeps the oldest and refuses the new instead: for what must never be dropped.
    """

    message: type[Message]
    hours: float
    megabytes: int
    refuses_when_full: bool = False

    @property
    def kind(self) -> str:
        return self.message.kind()

    @property
    def name(self) -> str:
        """The stream's name in JetStream: LOG_POSITIONS."""
        return stream_name(self.kind)


def stream_name(kind: str) -> str:
    return f"LOG_{kind.upper().replace('.', '_').replace('-', '_')}"


def subject(kind: str, city: str = ANY) -> str:
    """Where messages of kind are said: log.positions.suwon; without a city, those of every city."""
    return f"{PREFIX}.{kind}.{city}"
