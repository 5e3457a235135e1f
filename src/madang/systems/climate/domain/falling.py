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


@dataclass(frozen=True)
class Watched:
    """An indicator: how it is called, its unit a hectare, and what of a reckoned row it is."""

    title: Text
    unit: str
    of: str

    def a_hectare(self, row: Mapping[str, Any]) -> float | None:
        if not row["hectares"]:
            return None
        if self.of == "carbon":
            return float(sum(row["pools"].values()) + row["trees"]) / float(row["hectares"])
        return None if row[self.of] is None else float(row[self.of]) / float(row["hectares"])


WATCHED: Mapping[str, Watched] = {
    "carbon_fall": Watched(_("Fall of carbon storage"), "tC/ha", "carbon"),
    "green_fall": Watched(_("Fall of green space"), "ha/ha", "green"),
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
    """What was reckoned before, in the same way, of another state of the city that is not a later one."""
    rows = Reckoning.objects.filter(city=now.city_id, level=now.level, made__lt=now.made)
    for row in rows.order_by("-made"):
        if all(row.inputs.get(name) == now.inputs.get(name) for name in SAME):
            later = str(row.inputs.get("land_day") or "") > str(now.inputs.get("land_day") or "9")
            return None if later else row
    return None


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
    unit = WATCHED[fall.quantity].unit
    days = " → ".join(
        str(each.inputs.get("land_day") or f"{each.made:%Y-%m-%d}") for each in (before, now)
    )
    measure = Measure(
        value=round(fall.percent, 2), unit="%", time=now.made, method=str(now.inputs["method"]),
        provenance="simulated" if now.simulated else "estimated",
    )  # fmt: skip
    with override("ko"):  # what is kept is kept in the city's first language
        title = str(WATCHED[fall.quantity].title)
    return Finding(
        happened=now.made, subject=f"{fall.name} · {title}",
        spot=Spot(fall.name, fall.key), severity=Severity(rung.severity), measure=measure,
        threshold=rung.level, simulated=now.simulated,
        things=_things(now.city, fall),
        text=f"{fall.before:.3g} → {fall.now:.3g} {unit} ({days})",
    )  # fmt: skip


def _things(city: City, fall: Fall) -> list[Thing]:
    row = District.objects.filter(city=city, level=LEVEL, key=fall.key).first()
    return [Thing("district", str(row.pk), fall.name)] if row else []
