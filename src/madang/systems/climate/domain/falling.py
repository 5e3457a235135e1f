"""An alarm where an indicator of a district falls: by a dated threshold that the city set.

What is compared is a hectare of known ground, before and after, reckoned with the same coefficients by
the same method: another table, or ground that nobody looked at before, is no fall of the city.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils.translation import gettext, override
from django.utils.translation import gettext_lazy as _

from madang.ground.cases.domain.linking import Thing
from madang.ground.cases.domain.raising import Cause, Finding, Spot, clear_alarm, raise_alarm
from madang.ground.cases.kinds import AlarmKind, Severity, register
from madang.ground.cases.models import Threshold
from madang.ground.cases.quantities import Quantity
from madang.ground.cases.quantities import register as register_quantities
from madang.ground.cases.queries import thresholds_at
from madang.ground.city.models import City, District
from madang.ground.measure import Measure
from madang.ground.trail.public import Actor
from madang.ground.web.registry import Text
from madang.systems.climate.models import Reckoning

LEVEL = "dong"
DISTRICT, KIND = "district", "climate_fall"  # what a threshold is of; the alarm that it raises
CLIMATE = Actor(name="climate")
SAME = ("table", "method")
STATE = ("land", "rows")  # of the city: its ground and its trees


@dataclass(frozen=True)
class Watched:
    """An indicator: how it is called, what of a reckoned row it is, and how a hectare of it is said."""

    title: Text
    of: str
    unit: str
    times: float = 1.0

    def a_hectare(self, row: Mapping[str, Any]) -> float | None:
        if not row["hectares"]:
            return None
        if self.of == "carbon":
            return float(sum(row["pools"].values()) + row["trees"]) / float(row["hectares"])
        return None if row[self.of] is None else float(row[self.of]) / float(row["hectares"])


WATCHED: Mapping[str, Watched] = {
    "carbon_fall": Watched(_("Fall of carbon storage"), "carbon", "tC/ha"),
    "green_fall": Watched(_("Fall of green space"), "green", "%", 100.0),
}


@dataclass(frozen=True)
class Fall:
    """Of one district: how much less of an indicator there is, in % of what was."""

    key: str
    name: str
    quantity: str
    before: float
    now: float

    @property
    def percent(self) -> float:
        return (self.before - self.now) / self.before * 100


def register_all() -> None:
    register(AlarmKind(KIND, _("Fall of an indicator of the ecosystem"), Severity.MINOR, "other"))
    register_quantities(quantities)


def quantities(city: UUID, language: str) -> Iterable[Quantity]:
    """What a city may set a threshold for: falls between two reckonings, in %."""
    with override(language):
        district = gettext("District")
        return [
            Quantity(DISTRICT, key, "%", f"{district}: {each.title}")
            for key, each in WATCHED.items()
        ]


def watch(city: City, digest: str) -> None:
    """Raise and clear alarms for the reckoning of digest beside the one before it."""
    now = Reckoning.objects.filter(city=city, level=LEVEL, digest=digest).first()
    if now is None:
        return
    rungs = [row for row in thresholds_at(city.pk, now.made) if row.device_kind == DISTRICT]
    before = previous(now)
    falls = falls_between(before, now) if before else []
    for quantity in {row.quantity for row in rungs}:
        mine = [row for row in rungs if row.quantity == quantity]  # the gravest first
        found = {fall.key: fall for fall in falls if fall.quantity == quantity}
        for row in now.rows:
            _judge(now, before, mine, quantity, row["key"], found.get(row["key"]))


def previous(now: Reckoning) -> Reckoning | None:
    """What was reckoned before, in the same way, of another state of the city that is not a later one.

    The same state reckoned anew (with another hot day, say) is passed over: nothing fell or grew by that.
    """
    rows = Reckoning.objects.filter(city=now.city_id, level=now.level, made__lt=now.made)
    for row in rows.order_by("-made"):
        if _alike(row, now, STATE):
            continue
        if _alike(row, now, SAME):
            later = str(row.inputs.get("land_day") or "") > str(now.inputs.get("land_day") or "9")
            return None if later else row
    return None


def _alike(one: Reckoning, other: Reckoning, names: Sequence[str]) -> bool:
    return all(one.inputs.get(name) == other.inputs.get(name) for name in names)


def falls_between(before: Reckoning, now: Reckoning) -> list[Fall]:
    """Every indicator of every district that both know, rises as falls below 0."""
    earlier = {row["key"]: row for row in before.rows}
    return [
        fall
        for row in now.rows
        if row["key"] in earlier
        for fall in _falls(earlier[row["key"]], row)
    ]


def _falls(before: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[Fall]:
    for quantity, each in WATCHED.items():
        was, is_now = each.a_hectare(before), each.a_hectare(now)
        if was and is_now is not None:
            yield Fall(now["key"], now["name"], quantity, was, is_now)


def _judge(
    now: Reckoning,
    before: Reckoning | None,
    rungs: Sequence[Threshold],
    quantity: str,
    key: str,
    fall: Fall | None,
) -> None:
    """The gravest threshold that is reached counts; below every level to clear at, the cause is gone."""
    percent = fall.percent if fall else 0.0
    reached = next((row for row in rungs if row.level is not None and percent >= row.level), None)
    if reached is None:
        if all(row.clear_level is None or percent <= row.clear_level for row in rungs):
            for kind in {row.alarm_kind for row in rungs}:
                clear_alarm(CLIMATE, now.city_id, Cause(kind, _cause(key, quantity)), now.made)
        return
    assert fall is not None
    assert before is not None
    cause = Cause(reached.alarm_kind, _cause(key, quantity))
    raise_alarm(CLIMATE, now.city_id, cause, _finding(now, before, fall, reached))


def _cause(key: str, quantity: str) -> str:
    return f"district:{key}:{quantity}"


def _finding(now: Reckoning, before: Reckoning, fall: Fall, rung: Threshold) -> Finding:
    row = District.objects.filter(city=now.city, level=LEVEL, key=fall.key).first()
    measure = Measure(
        value=round(fall.percent, 2), unit="%", time=now.made, method=str(now.inputs["method"]),
        provenance="simulated" if now.simulated else "estimated",
    )  # fmt: skip
    with override("ko"):  # what is kept is kept in the city's first language
        subject, text = f"{fall.name} · {_said(fall)}", f"{_said(fall)} {_by(fall, before, now)}"
    return Finding(
        happened=now.made, subject=subject, spot=_spot(fall, row),
        severity=Severity(rung.severity), measure=measure, threshold=rung.level,
        simulated=now.simulated, text=text,
        things=[Thing(DISTRICT, str(row.pk), fall.name)] if row else [],
    )  # fmt: skip


def _said(fall: Fall) -> str:
    """Which indicator, from what to what: "Fall of green space 42.3 → 33 %"."""
    each = WATCHED[fall.quantity]
    was, is_now = (f"{value * each.times:.3g}" for value in (fall.before, fall.now))
    return f"{each.title} {was} → {is_now}\N{NO-BREAK SPACE}{each.unit}"


def _by(fall: Fall, before: Reckoning, now: Reckoning) -> str:
    """By how much of what was, and between which days."""
    words = {"percent": f"{fall.percent:.3g}", "earlier": _day(before), "later": _day(now)}
    if before.inputs.get("land") == now.inputs.get("land"):
        return gettext("(%(percent)s %% less; other trees, reckoned %(earlier)s → %(later)s)") % {
            **words, "earlier": f"{before.made:%Y-%m-%d}", "later": f"{now.made:%Y-%m-%d}"
        }  # fmt: skip
    return gettext("(%(percent)s %% less; land cover of %(earlier)s → %(later)s)") % words


def _day(row: Reckoning) -> str:
    """Of which day a land cover is; one that does not say, when it was reckoned."""
    day = row.inputs.get("land_day")
    return str(day) if day else gettext("no day (reckoned %s)") % f"{row.made:%Y-%m-%d}"


def _spot(fall: Fall, row: District | None) -> Spot:
    """The middle of the district, for the map."""
    if row is None:
        return Spot(fall.name, fall.key)
    return Spot(fall.name, fall.key, row.lon, row.lat, row.x, row.y)
