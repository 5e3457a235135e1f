"""When a measured level is reason for an alarm: thresholds with severity, duration and hysteresis."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from madang.ground.cases.kinds import Severity


@dataclass(frozen=True)
class Rung:
    """One threshold in the unit of the channel; level None: from then on there is none.

    since is ms since 1970 UTC, hold seconds.
    """

    since: int
    severity: Severity
    alarm_kind: str
    level: float | None
    clear_level: float | None
    above: bool
    hold: float

    def reached(self, value: float) -> bool:
        if self.level is None:
            return False
        return value >= self.level if self.above else value <= self.level

    def left(self, value: float) -> bool:
        if self.clear_level is None:
            return True
        return value <= self.clear_level if self.above else value >= self.clear_level


class Ladder:
    """The thresholds of one quantity of one kind of device: a rung for each severity, each dated."""

    def __init__(self, rungs: Iterable[Rung]) -> None:
        self._by_severity: dict[Severity, list[Rung]] = {}
        for rung in sorted(rungs, key=lambda rung: rung.since):
            self._by_severity.setdefault(rung.severity, []).append(rung)

    def at(self, time: int) -> list[Rung]:
        """The rungs that count at time (ms), the gravest first."""
        counting = [
            [rung for rung in dated if rung.since <= time][-1:]
            for _, dated in sorted(self._by_severity.items(), reverse=True)
        ]
        return [rung for newest in counting for rung in newest if rung.level is not None]


@dataclass(frozen=True)
class Verdict:
    """What a reading means: the level is reached with this rung, or the cause is gone."""

    what: Literal["raise", "clear"]
    kind: str
    rung: Rung | None = None


@dataclass
class Watch:
    """One channel of one device: what was raised of it, and since when each severity's level is held.

    Readings that are older than the newest one are passed over: what is, is what was measured last.
    """

    newest: int = 0
    raised: tuple[str, Severity] | None = None
    held: dict[Severity, int] = field(default_factory=dict)

    def hear(self, ladder: Ladder, time: int, value: float) -> Verdict | None:
        """What a reading at time (ms) means; None when it changes nothing."""
        if time < self.newest:
            return None
        self.newest = time
        rungs = ladder.at(time)
        self._hold(rungs, time, value)
        reached = next((rung for rung in rungs if self._long_enough(rung, time)), None)
        if reached is not None and (self.raised is None or reached.severity > self.raised[1]):
            self.raised = (reached.alarm_kind, reached.severity)
            return Verdict("raise", reached.alarm_kind, reached)
        if self.raised is not None and self._gone(rungs, value):
            kind, self.raised = self.raised[0], None
            return Verdict("clear", kind)
        return None

    def _hold(self, rungs: Sequence[Rung], time: int, value: float) -> None:
        held = {rung.severity: time for rung in rungs if rung.reached(value)}
        self.held = {severity: self.held.get(severity, time) for severity in held}

    def _long_enough(self, rung: Rung, time: int) -> bool:
        since = self.held.get(rung.severity)
        return since is not None and time - since >= rung.hold * 1000

    def _gone(self, rungs: Sequence[Rung], value: float) -> bool:
        """Below the lowest rung's clear level, or no rung is left that could have raised it."""
        return all(rung.left(value) for rung in rungs)
