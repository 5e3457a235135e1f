"""An alarm where an indicator falls: one for each gu, by dated thresholds of its dongs that the city set."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext, ngettext, override
from django.utils.translation import gettext_lazy as _

from madang.ground.cases.domain.linking import Thing
from madang.ground.cases.domain.raising import Cause, Finding, Spot, clear_alarm, raise_alarm
from madang.ground.cases.kinds import AlarmKind, Severity, register
from madang.ground.cases.models import Alarm, AlarmState, Threshold
from madang.ground.cases.quantities import Quantity
from madang.ground.cases.quantities import register as register_quantities
from madang.ground.cases.queries import thresholds_at
from madang.ground.city.models import City, District
from madang.ground.measure import Measure
from madang.ground.trail.public import Actor
from madang.systems.climate.domain.falls import LEVEL, WATCHED, Fall, follow, states
from madang.systems.climate.engine.units import CO2
from madang.systems.climate.models import Reckoning

DISTRICT, KIND = "district", "climate_fall"  # what a threshold is of; the alarm that it raises
CLIMATE = Actor(name="climate")


@dataclass(frozen=True)
class Area:
    """What an alarm is of: a gu, or the city where nobody knows the gu; its dongs by key."""

    cause: str
    name: str
    key: str = ""
    dongs: dict[str, District] = field(default_factory=dict)


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
    """Raise and clear alarms for the reckoning of digest beside the states that the city was in before."""
    now = Reckoning.objects.filter(city=city, level=LEVEL, digest=digest).first()
    found = states(now) if now else []
    for quantity in WATCHED if found else ():
        for area in areas(city):
            _judge(city, found, quantity, area)


def areas(city: City) -> list[Area]:
    """The city's gu with their dongs; the city itself for dongs of which nobody knows the gu."""
    rows = District.objects.filter(city=city)
    found = {row.key: Area(f"district:{row.key}", row.name("ko"), row.key)
             for row in rows.filter(level="gu").order_by("key")}  # fmt: skip
    whole = Area("city", city.name("ko"))
    for row in rows.filter(level=LEVEL).order_by("key"):
        found.get(row.parent_key or "", whole).dongs[row.key] = row
    return [area for area in (*found.values(), whole) if area.dongs]


def _judge(city: City, found: Sequence[Reckoning], quantity: str, area: Area) -> None:
    """One alarm of an area follows its dongs; a closed one is a person's word on all up to its last state."""

    @cache
    def rungs(now: Reckoning) -> tuple[Threshold, ...]:
        rows = thresholds_at(city.pk, now.made)
        return tuple(row for row in rows if (row.device_kind, row.quantity) == (DISTRICT, quantity))

    cause = f"{area.cause}:{quantity}"
    known = Alarm.objects.filter(city=city, cause=cause).order_by("-raised")
    alarm = known.exclude(state=AlarmState.CLOSED).first()
    since = _since(found, alarm)
    fallen = follow(since or found[-2:], quantity, area.dongs, rungs)
    if fallen:
        worst = sorted(fallen.values(), key=lambda fall: -fall.percent)
        finding = _finding(found[-1], quantity, area, worst)
        kind = alarm.kind if alarm else _gravest(worst).alarm_kind
        _raise(city, Cause(kind, cause), alarm or known.first(), finding)
    elif alarm and since and _all_there(alarm):
        with override("ko"):
            text = gettext("Back below the level to clear at; land cover of %s") % _day(found[-1])
        clear_alarm(CLIMATE, city.pk, Cause(alarm.kind, cause), timezone.now(), text)


def _since(found: Sequence[Reckoning], alarm: Alarm | None) -> Sequence[Reckoning]:
    """The states from that before an open alarm's fall on (none where it is not known); else the last two."""
    if alarm is None:
        return found[-2:]
    earlier = sum(row.made < alarm.happened for row in found)
    return found[earlier - 1 :] if earlier else []


def _all_there(alarm: Alarm) -> bool:
    """Whether the city still has every district of the alarm: nobody knows that one which is gone is back."""
    wanted = alarm.links.filter(thing_kind=DISTRICT).values_list("thing_id", flat=True)
    known = District.objects.filter(city=alarm.city).values_list("pk", flat=True)
    return set(wanted) <= {str(pk) for pk in known}


def _raise(city: City, cause: Cause, alarm: Alarm | None, finding: Finding) -> None:
    """Unless just this was said already, or a person closed the alarm of this state."""
    if alarm is not None and alarm.state == AlarmState.CLOSED:
        if alarm.last_happened >= finding.happened:
            return
    elif alarm is not None and alarm.cleared is None and alarm.subject == finding.subject:
        return
    raise_alarm(CLIMATE, city.pk, cause, finding)


def _gravest(fallen: Sequence[Fall]) -> Threshold:
    """The gravest threshold that is still reached; the lightest of them while all are on their way back."""
    found = [fall.reached or fall.rungs[-1] for fall in fallen]
    return max(found, key=lambda row: row.severity)


def _finding(now: Reckoning, quantity: str, area: Area, worst: Sequence[Fall]) -> Finding:
    rung, rows = _gravest(worst), [area.dongs[fall.key] for fall in worst]
    measure = Measure(
        value=round(worst[0].percent, 2), unit="%", time=now.made, method=str(now.inputs["method"]),
        provenance="simulated" if now.simulated else "estimated",
    )  # fmt: skip
    with override("ko"):  # what is kept is kept in the city's first language
        subject, text = _subject(quantity, area, worst), _text(quantity, worst, now)
    return Finding(
        happened=now.made, subject=subject,
        spot=Spot(area.name, area.key, rows[0].lon, rows[0].lat, rows[0].x, rows[0].y),
        severity=Severity(rung.severity), measure=measure, threshold=rung.level,
        simulated=now.simulated, text=text,
        things=[Thing(DISTRICT, str(row.pk), row.name("ko")) for row in rows],
    )  # fmt: skip


def _subject(quantity: str, area: Area, worst: Sequence[Fall]) -> str:
    """Where, of what and how much."""
    each = WATCHED[quantity]
    said = ngettext(
        "%(where)s · %(what)s: −%(lost)s in %(dongs)s dong, most in %(worst)s (%(percent)s %% less)",
        "%(where)s · %(what)s: −%(lost)s in %(dongs)s dongs, most in %(worst)s (%(percent)s %% less)",
        len(worst),
    )
    return said % {
        "where": area.name, "what": each.title, "dongs": len(worst), "worst": worst[0].name,
        "lost": _amount(sum(fall.lost for fall in worst), each.whole),
        "percent": f"{worst[0].percent:.3g}",
    }  # fmt: skip


def _text(quantity: str, worst: Sequence[Fall], now: Reckoning) -> str:
    """How much in all and between which days, and each dong in a line."""
    lost = sum(fall.lost for fall in worst)
    first = min((fall.since for fall in worst), key=lambda row: row.made)
    carbon = f" ({_amount(lost * CO2, 'tCO₂')})" if WATCHED[quantity].whole == "tC" else ""
    head = f"−{_amount(lost, WATCHED[quantity].whole)}{carbon}; {_between(first, now)}"
    return "\n".join([head, *(_line(quantity, fall, first) for fall in worst)])


def _line(quantity: str, fall: Fall, first: Reckoning) -> str:
    """A dong from what to what: "Green-dong 42.3 → 33 % (22 % less, −12 ha)"."""
    each = WATCHED[quantity]
    was, is_now = (f"{value * each.times:.3g}" for value in (fall.before, fall.now))
    words = {"percent": f"{fall.percent:.3g}", "lost": _amount(fall.lost, each.whole)}
    said = gettext("(%(percent)s %% less, −%(lost)s)") % words
    later = "" if fall.since.pk == first.pk else " " + gettext("since %s") % _day(fall.since)
    return f"{fall.name} {was} → {is_now}\N{NO-BREAK SPACE}{each.unit} {said}{later}"


def _amount(value: float, unit: str) -> str:
    figure = f"{value:,.0f}" if abs(value) >= 10 else f"{value:.2g}"
    return f"{figure}\N{NO-BREAK SPACE}{unit}"


def _between(before: Reckoning, now: Reckoning) -> str:
    """Between which days."""
    if before.inputs.get("land") == now.inputs.get("land"):
        words = {"earlier": f"{before.made:%Y-%m-%d}", "later": f"{now.made:%Y-%m-%d}"}
        return gettext("other trees, reckoned %(earlier)s → %(later)s") % words
    words = {"earlier": _day(before), "later": _day(now)}
    return gettext("land cover of %(earlier)s → %(later)s") % words


def _day(row: Reckoning) -> str:
    """Of which day a land cover is; one that does not say, when it was reckoned."""
    day = row.inputs.get("land_day")
    return str(day) if day else gettext("no day (reckoned %s)") % f"{row.made:%Y-%m-%d}"
