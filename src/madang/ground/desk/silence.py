"""Which devices have fallen silent, and when that is one alarm rather than a thousand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

MANY = (
    30  # devices of one kind that are silent at once: a network or a platform, not so many faults
)
LATELY = timedelta(minutes=10)  # silence that began within this of another began at once with it
FEW = 15  # below this, each is an alarm of its own again
CITY_SILENT = timedelta(seconds=60)  # at least; devices that speak seldom make it longer


@dataclass(frozen=True)
class Heard:
    """When a device was last heard, by our clock, and how long its kind may be silent."""

    number: int
    kind: str
    heard: datetime
    silence_after: timedelta

    def silent(self, now: datetime) -> timedelta | None:
        """How long it has been silent for longer than it may; None when it may be silent still."""
        since = now - self.heard - self.silence_after
        return since if since > timedelta(0) else None


@dataclass(frozen=True)
class Silence:
    """What a look at a city finds. many is by kind of device; one holds single devices."""

    city: bool = False
    many: dict[str, int] = field(default_factory=dict)
    one: frozenset[int] = frozenset()


def look(devices: Sequence[Heard], now: datetime, before: Silence) -> Silence:
    """Who is silent now; before is what the last look found.

    Devices are measured against the one heard last: where nobody is heard, the fault is ours or the
    network's, and one alarm of the city says so while those of devices stay as they were. Of a kind
    of which many fall silent at once, one alarm says how many. What fails at once is noticed in turn, as
    each device would have spoken next, so those that were found one by one lately count as well: of a
    kind at most MANY alarms are raised before the one.
    """
    if not devices:
        return Silence()
    latest = max(device.heard for device in devices)
    if now - latest > max(CITY_SILENT, min(device.silence_after for device in devices)):
        return Silence(True, before.many, before.one)
    by_kind: dict[str, set[int]] = {}
    lately: Counter[str] = Counter()
    for device in devices:
        silent = device.silent(latest)
        if silent is not None:
            by_kind.setdefault(device.kind, set()).add(device.number)
            lately[device.kind] += device.number not in before.one or silent < LATELY
    many = {
        kind: len(numbers)
        for kind, numbers in by_kind.items()
        if lately[kind] >= MANY or (kind in before.many and len(numbers) > FEW)
    }
    one = [n & before.one if kind in many else n for kind, n in by_kind.items()]
    return Silence(False, many, frozenset().union(*one))
