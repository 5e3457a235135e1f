"""What stands at crossings, on the console: reports of controllers, turning counts, section times."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from madang.ground.city.models import City
from madang.ground.measure import Measure
from madang.ground.sensing.console import drawn_elsewhere
from madang.ground.sensing.saying import Saying
from madang.ground.sensing.saying import register as say
from madang.ground.web.console import (
    Asking,
    Column,
    Contribution,
    Fact,
    Features,
    Layer,
    Look,
    Section,
    Thing,
    register,
)
from madang.systems.traffic import queries
from madang.systems.traffic.domain.phases import CLEARING, Now
from madang.systems.traffic.domain.reported import Reported
from madang.systems.traffic.domain.sections import CONGESTED, SLOW, sections
from madang.systems.traffic.domain.streets_now import streets_now
from madang.systems.traffic.domain.turnings import Turned, turnings
from madang.systems.traffic.engine.running import CLEARS

if TYPE_CHECKING:
    from madang.systems.traffic.engine.network import Network

RIGHT = "traffic.see"
FROM = (
    gettext_lazy("from the north"), gettext_lazy("from the north-east"),
    gettext_lazy("from the east"), gettext_lazy("from the south-east"),
    gettext_lazy("from the south"), gettext_lazy("from the south-west"),
    gettext_lazy("from the west"), gettext_lazy("from the north-west"),
)  # fmt: skip
WORDS = {
    "left": pgettext_lazy("turning counts", "left"),
    "through": pgettext_lazy("turning counts", "through"),
    "right": pgettext_lazy("turning counts", "right"),
}


def register_all() -> None:
    drawn_elsewhere(queries.TRAVEL_TIME, queries.CYCLE_SECOND, f"{queries.TURNED}through")
    say(
        Saying("phase", gettext_lazy("Phase"), {CLEARS: gettext_lazy("being cleared")}),
        Saying("plan", gettext_lazy("Signal plan"), {}),
    )
    register(_layer(), Contribution("sections", section_sections, ("device",), RIGHT))


def _layer() -> Layer:
    looks = (
        Look("smooth", gettext_lazy("Smooth"), "green", width=3.0),
        Look("slow", gettext_lazy("Slow"), "sand", width=4.5, dash=(4, 1)),
        Look("congested", gettext_lazy("Congested"), "pink", width=6.0, dash=(1.5, 0.7)),
        Look(
            "unheard", gettext_lazy("No time of the last half hour"), "grey", width=2.0, dash=(1, 2)
        ),
    )
    return Layer(
        "sections",
        gettext_lazy("Section travel times"),
        "traffic",
        Features("traffic/sections", refresh=30),
        looks,
        by="state",
        thing="device",
        icon="timer",
        columns=(
            Column("name", gettext_lazy("Section")),
            Column("seconds", gettext_lazy("Travel time"), "s"),
            Column("free", gettext_lazy("On an empty road"), "s"),
            Column("speed", gettext_lazy("Speed"), "km/h"),
            Column("matched", gettext_lazy("Vehicles matched")),
            Column("share", gettext_lazy("Match rate"), "%"),
            Column("age", gettext_lazy("Heard")),
        ),
        lines=True,
        label="said",
        order=25,
        permission=RIGHT,
    )


def section_sections(asking: Asking, thing: Thing) -> Iterable[Section]:
    """What a section between two readers takes now, beside what its device says of itself."""
    if not queries.sections(asking.city).filter(pk=thing.id).exists():
        return
    now = timezone.now()
    found = streets_now(asking.city, now)
    for one in sections(asking.city, found) if found else []:
        if str(one.device.pk) == thing.id:
            title = _("The section it measures")
            share = (
                round(100 * one.matched / one.read)
                if one.read and one.matched is not None
                else None
            )
            said = {"smooth": _("Smooth"), "slow": _("Slow"), "congested": _("Congested")}
            yield Section(
                title,
                (
                    Fact(_("State"), said.get(one.state)),
                    Fact(
                        _("Travel time"),
                        _measured(one.seconds, "s", one.heard, one.device.simulated),
                    ),
                    Fact(_("On an empty road"), Measure(value=round(one.free), unit="s")),
                    Fact(_("Speed"), _measured(one.speed, "km/h", one.heard, one.device.simulated)),
                    Fact(_("Length"), Measure(value=round(one.metres), unit="m")),
                    Fact(_("Vehicles matched"), _matched(one.matched, one.read, share)),
                    Fact(
                        _("How the state is found"),
                        _("slow below %(slow)g km/h, congested below %(congested)g")
                        % {"slow": SLOW, "congested": CONGESTED},
                    ),
                ),
            )


def _measured(value: float | None, unit: str, heard: datetime | None, simulated: bool) -> Measure:
    return Measure(
        value=None if value is None else round(value, 1),
        unit=unit,
        time=heard if value is not None else None,
        method=_("median of the vehicles matched"),
        provenance="unknown" if value is None else "simulated" if simulated else "measured",
    )


def _matched(matched: int | None, read: int | None, share: int | None) -> str | None:
    if matched is None or read is None:
        return None
    words = {"matched": matched, "read": read, "share": share or 0}
    return _("%(matched)d of %(read)d read in 15 minutes (%(share)d %%)") % words


def left(one: Now, now: datetime) -> Measure:
    """Seconds until the signal changes; of a reported clearance nobody knows."""
    unknown = one.heard is not None and one.phase == CLEARING
    return Measure(value=None if unknown else round(one.left_s), unit="s", time=now)


def other_plan(one: Now) -> Iterable[Fact]:
    """Said where the controller runs another plan than the table has now."""
    if one.plan != one.table:
        yield Fact(
            _("Plan by the table"), _("%(plan)s: the controller runs another") % {"plan": one.table}
        )


def known_from(one: Now, report: Reported | None, now: datetime) -> Iterable[Fact]:
    """Whether what is shown was reported, or only follows from the plan, and why."""
    if one.heard:
        yield Fact(_("Known from"), _("the report of the controller"))
        yield Fact(_("Heard"), one.heard)
    elif report is None:
        yield Fact(_("Known from"), _("the plan in force; the controller does not report"))
    elif report.fresh(now):
        yield Fact(
            _("Known from"), _("the plan in force; the controller's words do not fit its plans")
        )
    else:
        yield Fact(_("Known from"), _("the plan in force; the controller fell silent"))
        yield Fact(_("Heard"), report.since)


def turned(city: City, network: Network, signal: int, now: datetime) -> Iterable[Section]:
    """Turning counts of the last quarter of an hour and the last day, where a smart crossing counts."""
    found = turnings(city, network, signal, now)
    if found is None:
        return
    ids, names = network.edges.ids, network.edges.names
    for title, day in (
        (_("Turning counts of 15 minutes"), False),
        (_("Turning counts of the day"), True),
    ):
        facts = [
            Fact(
                f"{_from(one)} ({names[one.edge] or ids[one.edge]})",
                _turns(one.day if day else one.quarter),
            )
            for one in found.approaches
        ]
        yield Section(title, (*facts, Fact(_("Heard"), found.heard)))


def _from(one: Turned) -> str:
    return str(FROM[round(one.bearing / 45) % len(FROM)])


def _turns(counts: dict[str, int | None]) -> str | None:
    known = [f"{WORDS[way]}\u00a0{count:,}" for way, count in counts.items() if count is not None]
    return " · ".join(known) or None
