"""The desk for levels: hears every reading, and raises or clears alarms where a threshold says so."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

import numpy as np
import structlog

from madang.ground.cases.domain.raising import Cause, Finding, clear_alarm, raise_alarm
from madang.ground.cases.kinds import Severity
from madang.ground.cases.models import Threshold
from madang.ground.cases.queries import open_causes, threshold_history
from madang.ground.city.models import City
from madang.ground.desk.devices import ChannelFacts, channels, device, spot_of, thing_of
from madang.ground.desk.levels import Ladder, Rung, Verdict, Watch
from madang.ground.desk.units import OtherUnit, converted
from madang.ground.measure import Measure
from madang.ground.sensing.messages import Readings
from madang.ground.trail.public import Actor

DESK = Actor(name="desk")
MOST_WATCHES = 200_000

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Watched:
    """A channel with its ladder."""

    facts: ChannelFacts
    ladder: Ladder


@dataclass(frozen=True)
class Reading:
    """One reading of a watched channel; time in ms since 1970 UTC."""

    device: int
    channel: int
    time: int
    value: float
    simulated: bool


class LevelDesk:
    """Knows the thresholds and what is raised. refresh reads both from the database."""

    def __init__(self) -> None:
        self._watched: dict[int, Watched] = {}
        self._numbers = np.empty(0, dtype=np.int32)
        self._watches: OrderedDict[tuple[int, int], Watch] = OrderedDict()
        self._known: dict[tuple[UUID, str], tuple[str, Severity]] = {}

    def refresh(self) -> None:
        """Read thresholds, channels and open alarms; what a threshold cannot be held against is logged."""
        watched: dict[int, Watched] = {}
        for city in City.objects.all():
            rows = threshold_history(city.pk)
            for facts in channels(city.pk):
                ladder = _ladder(rows, facts)
                if ladder is not None:
                    watched[facts.number] = Watched(facts, ladder)
        self._watched = watched
        self._numbers = np.array(sorted(watched), dtype=np.int32)

    def remember(self) -> None:
        """Know from the database which alarms are open: asked once, when the process begins."""
        for city in City.objects.all():
            for (kind, cause), alarm in open_causes(city.pk).items():
                self._known[city.pk, cause] = (kind, Severity(alarm.severity))

    def hear(self, batch: Readings) -> None:
        """Judge the readings of a batch, in the order of their times."""
        rows = np.flatnonzero(np.isin(batch.channel, self._numbers) & np.isfinite(batch.value))
        for row in rows[np.argsort(batch.time[rows], kind="stable")].tolist():
            self.judge(
                Reading(
                    int(batch.device[row]),
                    int(batch.channel[row]),
                    int(batch.time[row]),
                    float(batch.value[row]),
                    bool(batch.simulated[row]),
                )
            )

    def judge(self, reading: Reading) -> None:
        """Raise or clear, if this reading says so."""
        watched = self._watched[reading.channel]
        watch = self._watch(reading, watched)
        before = watch.raised
        verdict = watch.hear(watched.ladder, reading.time, reading.value)
        if verdict is None:
            return
        try:
            self._act(reading, watched.facts, verdict)
        except BaseException:
            watch.raised = before  # nothing was stored: the reading will be judged again
            raise

    def _watch(self, reading: Reading, watched: Watched) -> Watch:
        key = (reading.device, reading.channel)
        if key not in self._watches:
            cause = cause_of(reading.device, watched.facts.key)
            self._watches[key] = Watch(raised=self._known.pop((watched.facts.city, cause), None))
        self._watches.move_to_end(key)
        if len(self._watches) > MOST_WATCHES:
            self._watches.popitem(last=False)
        return self._watches[key]

    def _act(self, reading: Reading, facts: ChannelFacts, verdict: Verdict) -> None:
        found = device(facts.city, reading.device)
        if found is None:
            return
        cause = Cause(verdict.kind, cause_of(reading.device, facts.key))
        when = datetime.fromtimestamp(reading.time / 1000, UTC)
        if verdict.rung is None:
            clear_alarm(DESK, facts.city, cause, when)
            return
        measure = Measure(
            value=reading.value,
            unit=facts.unit,
            time=when,
            method=facts.method,
            uncertainty=facts.uncertainty,
            provenance="simulated" if reading.simulated else "measured",
            source=found.key,
        )
        finding = Finding(
            happened=when,
            subject=str(found),
            spot=spot_of(found),
            severity=verdict.rung.severity,
            measure=measure,
            threshold=verdict.rung.level,
            simulated=reading.simulated,
            things=[thing_of(found)],
        )
        raise_alarm(DESK, facts.city, cause, finding)


def cause_of(device: int, quantity: str) -> str:
    """The key of what raises an alarm: one quantity of one device."""
    return f"device:{device}:{quantity}"


def _ladder(rows: list[Threshold], facts: ChannelFacts) -> Ladder | None:
    mine = [
        row for row in rows if (row.device_kind, row.quantity) == (facts.device_kind, facts.key)
    ]
    try:
        return Ladder([_rung(row, facts.unit) for row in mine]) if mine else None
    except OtherUnit as error:
        log.warning("desk.threshold_not_used", channel=facts.key, error=str(error))
        return None


def _rung(row: Threshold, unit: str) -> Rung:
    level, clear_level = (
        None if value is None else converted(value, row.unit, unit)
        for value in (row.level, row.clear_level)
    )
    return Rung(
        since=round(row.valid_from.timestamp() * 1000),
        severity=Severity(row.severity),
        alarm_kind=row.alarm_kind,
        level=level,
        clear_level=clear_level,
        above=row.above,
        hold=row.hold,
    )
