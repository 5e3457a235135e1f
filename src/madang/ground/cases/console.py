"""Alarms on the console: everything about one, with its timeline."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from madang.ground.cases.kinds import Severity, alarm_title
from madang.ground.cases.models import Alarm, AlarmState, Step, TimelineEntry
from madang.ground.cases.wording import STEPS, THINGS
from madang.ground.measure import Measure
from madang.ground.web.console import Asking, Fact, Inspector, Section, Thing, register

RIGHT = "live.alarms"
MOST_LINES = 30
RAISING = (Step.RAISED, Step.ESCALATED, Step.RETURNED)
# a note that no account wrote is a system's, which found more of it, or less
FOUND = Q(step__in=RAISING) | Q(step=Step.NOTED, actor=None)


def register_all() -> None:
    register(Inspector(("alarm",), alarm, RIGHT))


def alarm(asking: Asking, kind: str, pk: str) -> Thing | None:
    try:
        row = Alarm.objects.filter(city=asking.city, pk=pk).first()
    except (ValueError, ValidationError):
        return None
    if row is None:
        return None
    facts = (
        Fact(_("Severity"), str(Severity(row.severity).label)),
        Fact(_("State"), _state(row)),
        Fact(_("What"), row.subject),
        Fact(_("Where"), row.place or None),
        *((Fact(_("Basis"), basis),) if (basis := _basis(row)) else ()),
        *((Fact(_("Measured"), _measure(row.measure)),) if row.measure else ()),
        Fact(_("Raised"), row.raised),
        Fact(_("Repeated"), str(row.repeats)),
        *((Fact(_("Cause gone"), row.cleared),) if row.cleared else ()),
    )
    return Thing(
        "alarm",
        pk,
        str(alarm_title(row.kind)),
        row.subject,
        "bell",
        row.lon,
        row.lat,
        facts,
        (*_links(row), _timeline(row)),
        url=reverse("cases:alarm", kwargs={"city": asking.city.key, "pk": pk}),
        simulated=row.simulated,
        districts=tuple(row.links.filter(thing_kind="district").values_list("thing_id", flat=True)),
    )


def _state(row: Alarm) -> str:
    if row.state == AlarmState.OPEN:
        return _("Waits for somebody")
    if row.state == AlarmState.ACKNOWLEDGED:
        return _("Taken by %s") % row.acknowledged_by_name
    return _("Closed by %s") % row.closed_by_name


def _measure(said: dict[str, Any]) -> Measure:
    """The measure that raised an alarm; what is kept beside it (the threshold) left out."""
    return Measure.model_validate(
        {name: value for name, value in said.items() if name in Measure.model_fields}
    )


def _links(row: Alarm) -> tuple[Section, ...]:
    links = [
        Fact(THINGS.get(link.thing_kind, link.thing_kind), link.label) for link in row.links.all()
    ]
    return (Section(_("Has to do with"), tuple(links)),) if links else ()


def _basis(row: Alarm) -> str:
    """What was said when it was raised, or when it came back or was another last."""
    lines = TimelineEntry.objects.filter(FOUND, alarm=row).exclude(text="")
    return lines.order_by("-number").values_list("text", flat=True).first() or ""


def _is_basis(one: TimelineEntry) -> bool:
    """What the newest of them says stands above all of it."""
    return one.step in RAISING or (one.step == Step.NOTED and one.actor is None)


def _timeline(row: Alarm) -> Section:
    lines = TimelineEntry.objects.filter(alarm=row).order_by("-number")[:MOST_LINES]
    return Section(
        _("Timeline"),
        tuple(
            Fact(
                " · ".join(
                    filter(
                        None,
                        (
                            str(STEPS.get(one.step, one.step)),
                            one.actor_name,
                            "" if _is_basis(one) else one.text,
                        ),
                    )
                ),
                one.time,
            )
            for one in lines
        ),
    )
