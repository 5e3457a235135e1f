"""Where a gate reaches what it stands between."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Doors:
    """Where the gate reaches NATS, as three users, and the database to hear of changes.

    platform: the log; devices: the account in which devices are, and whose door it keeps; system: to
    find and cut connections. nats_log is the log file of the NATS server, if it is on this machine.
    """

    platform: str
    devices: str
    system: str
    callout_secret: str
    database: str
    nats_log: Path | None = None
