"""Traffic on the console: levels of service of roads, signals with their phases, detectors."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from madang.ground.measure import Measure, Provenance
from madang.ground.sensing.console import drawn_elsewhere
from madang.ground.web.console import (
    Asking,
    Colour,
    Column,
    Contribution,
    Fact,
    Features,
    Hit,
    Inspector,
    Layer,
    Look,
    Panel,
    SearchProvider,
    Section,
    Shape,
    Thing,
    Tool,
    register,
)
from madang.ground.web.figures import number_text, unit_text
from madang.ground.web.search import Words
from madang.systems.traffic import field_console, queries
from madang.systems.traffic.domain.levels import KNOWN
from madang.systems.traffic.domain.phases import signals_now
from madang.systems.traffic.domain.reported import reported
from madang.systems.traffic.domain.streets_now import Detector, Road, Streets, streets_now

RIGHT = "traffic.see"
WORST = 8
LINES: dict[str, tuple[Colour, float, tuple[float, ...]]] = {
    # the more a street is held up the wider its line, and from D on it is broken, ever shorter
    "A": ("green", 2.0, ()),
    "B": ("lime", 2.5, ()),
    "C": ("teal", 3.0, ()),
    "D": ("cyan", 3.5, (6, 1)),
    "E": ("blue", 4.5, (3, 1)),
    "F": ("violet", 5.5, (2, 0.8)),
    "FF": ("pink", 6.5, (1.2, 0.6)),
    "FFF": ("pink", 8.0, (0.5, 0.5)),
}
PHASES: tuple[tuple[Colour, Shape], ...] = (
    ("blue", "circle"), ("teal", "diamond"), ("violet", "triangle"), ("pink", "square"),
    ("lime", "hexagon"), ("cyan", "drop"), ("sand", "shield"), ("green", "cross"),
)  # fmt: skip


def register_all() -> None:
    drawn_elsewhere(queries.VEHICLES)
    field_console.register_all()
    register(
        _links(),
        _signals(),
        _detectors(),
        Inspector(("street",), road_thing, RIGHT),
        Inspector(("signal",), signal_thing, RIGHT),
        Contribution("traffic", detector_sections, ("device",), RIGHT),
        SearchProvider("signals", gettext_lazy("Signals"), find, order=40, permission=RIGHT),
        Panel("traffic", gettext_lazy("Traffic"), "traffic-cone", sections, 15, 60, RIGHT),
        Tool("window", gettext_lazy("Microscopic window"), "microscope", 10, "traffic.window"),
    )


def _links() -> Layer:
    known = tuple(
        Look(level, level, colour, width=width, dash=dash)
        for level, (colour, width, dash) in LINES.items()
    )
    unknown = Look("", gettext_lazy("Unknown"), "grey", width=1.5, dash=(1, 2))
    return Layer(
        "street",
        gettext_lazy("Level of service"),
        "traffic",
        Features("traffic/links", refresh=30),
        (*known, unknown),
        by="level",
        thing="street",
        icon="traffic-cone",
        columns=(
            Column("name", gettext_lazy("Road and crossing")),
            Column("delay", gettext_lazy("Control delay"), "s"),
            Column("volume", gettext_lazy("Volume"), "/h"),
            Column("ratio", gettext_lazy("Volume / capacity")),
            Column("speed", gettext_lazy("Speed"), "km/h"),
            Column("age", gettext_lazy("Heard")),
        ),
        lines=True,
        label="level",
        order=10,
        permission=RIGHT,
    )


def _signals() -> Layer:
    looks = tuple(
        Look(f"φ{number}", f"φ{number}", colour, shape, "traffic-cone")
        for number, (colour, shape) in enumerate(PHASES, 1)
    )
    clearing = Look("clearing", gettext_lazy("Being cleared (amber, all red)"), "grey", "circle")
    return Layer(
        "signals",
        gettext_lazy("Signals"),
        "traffic",
        Features("traffic/signals", refresh=4),
        (*looks, clearing),
        by="shows",
        thing="signal",
        icon="timer",
        columns=(
            Column("name", gettext_lazy("Crossing")),
            Column("phase", gettext_lazy("Phase")),
            Column("left", gettext_lazy("Until it changes"), "s"),
            Column("plan", gettext_lazy("Signal plan")),
            Column("known", gettext_lazy("Known from")),
            Column("age", gettext_lazy("Heard")),
            Column("cycle", gettext_lazy("Cycle"), "s"),
            Column("level", gettext_lazy("Level of service")),
            Column("approaches", gettext_lazy("Approaches counted")),
        ),
        from_zoom=12.0,
        label="said",
        order=20,
        permission=RIGHT,
    )


def _detectors() -> Layer:
    looks = (
        Look("fresh", gettext_lazy("Counts"), "cyan", "square", "gauge"),
        Look("old", gettext_lazy("Heard more than three minutes ago"), "sand", "diamond", "gauge"),
        Look("unheard", gettext_lazy("Silent"), "grey", "cross", "gauge"),
    )
    return Layer(
        "detectors",
        gettext_lazy("Vehicle detectors"),
        "traffic",
        Features("traffic/detectors", refresh=20),
        looks,
        by="state",
        thing="device",
        icon="gauge",
        columns=(
            Column("name", gettext_lazy("Name")),
            Column("key", gettext_lazy("Number")),
            Column("road", gettext_lazy("Road")),
            Column("volume", gettext_lazy("Volume"), "/h"),
            Column("speed", gettext_lazy("Speed"), "km/h"),
            Column("occupancy", gettext_lazy("Occupancy"), "%"),
            Column("age", gettext_lazy("Heard")),
        ),
        clustered=True,
        label="said",
        order=30,
        permission=RIGHT,
    )


def road_thing(asking: Asking, kind: str, pk: str) -> Thing | None:
    """A road that leads to a signal, by its key in the network."""
    found = streets_now(asking.city, timezone.now())
    road = next((one for one in found.roads if one.key == pk), None) if found else None
    if found is None or road is None:
        return None
    line = found.held.lines[road.edge]
    lon, lat = line[len(line) // 2]
    controller = found.network.signals.controllers[road.signal]
    ahead = controller.name or controller.number
    return Thing(
        "street", pk, road.name or pk, _("towards %(crossing)s") % {"crossing": ahead},
        "traffic-cone", lon, lat, tuple(_road_facts(found, road)),
        (
            *_course("link", pk),
            *_overs(one for one in found.detectors if one.edge == road.edge),
            _why(found),
        ),
        simulated=road.simulated,
    )  # fmt: skip


def _road_facts(found: Streets, road: Road) -> Iterable[Fact]:
    yield Fact(_("Level of service"), road.level or None)
    yield Fact(_("Control delay"), _of(road, road.delay, "s", _("KHCM, from volume and plan")))
    yield Fact(_("Volume"), _of(road, road.volume, "/h", _("mean of 15 minutes")))
    yield Fact(_("Volume / capacity"), _of(road, road.ratio, "1", _("saturation flow and green")))
    yield Fact(_("Speed"), _of(road, road.speed, "km/h", ""))
    yield Fact(_("Occupancy"), _of(road, road.occupancy, "%", ""))
    yield Fact(_("Heard"), road.heard)
    yield Fact(_("Lanes"), str(road.lanes))
    share = Measure(value=round(100 * road.green), unit="%", method=_("share of the cycle"))
    yield Fact(_("Green share"), share)
    yield Fact(_("Cycle"), Measure(value=road.cycle, unit="s"))


def _of(road: Road, value: float | None, unit: str, method: str) -> Measure:
    """A number of a road's detectors; simulated as they are."""
    known: Provenance = "simulated" if road.simulated else "estimated"
    digits = 2 if unit == "1" else 1
    return Measure(
        value=None if value is None else round(value, digits),
        unit=unit,
        time=road.heard if value is not None else None,
        method=method,
        provenance=known if value is not None else "unknown",
    )


def _course(thing: str, key: str) -> Iterable[Section]:
    yield Section(_("Volume of the day"), chart=f"traffic/course/volume/{thing}/{key}")
    yield Section(_("Control delay of the day"), chart=f"traffic/course/delay/{thing}/{key}")


def _overs(detectors: Iterable[Detector]) -> Iterable[Section]:
    facts = tuple(Fact(one.device.key, one.device.name or None) for one in detectors)
    if facts:
        yield Section(_("Detectors over it"), facts)


def _why(found: Streets) -> Section:
    table = found.table
    limits = ", ".join(
        f"{level} ≤ {top:g}" for level, top in zip(KNOWN, table.limits, strict=False)
    )
    return Section(
        _("How the level is found"),
        (
            Fact(_("Table"), table.source),
            Fact(_("In force since"), table.since.isoformat()),
            Fact(_("Seconds a vehicle"), f"{limits}, {KNOWN[-1]}"),
        ),
    )


def signal_thing(asking: Asking, kind: str, pk: str) -> Thing | None:
    """A signal, by the key of its controller in the network."""
    from madang.systems.traffic.web import drawn

    now = timezone.now()
    found = streets_now(asking.city, now)
    if found is None:
        return None
    keys = [controller.key for controller in found.network.signals.controllers]
    if pk not in keys:
        return None
    signal = keys.index(pk)
    lon, lat = drawn.place_of(found.network, signal, asking.city)
    roads = found.at_signal(signal)
    local = now.astimezone(ZoneInfo(asking.city.time_zone))
    report = reported(asking.city, found.network, now)
    one = list(signals_now(found.network, local, report))[signal]
    delay = drawn.crossing_delay(roads)
    counted = sum(road.delay is not None for road in roads)
    facts = (
        Fact(_("Number"), one.number),
        Fact(_("Level of service"), found.table.level(delay) or None),
        Fact(_("Control delay"), _delay(delay, roads)),
        Fact(_("Approaches counted"), f"{counted} / {len(roads)}"),
        Fact(_("Phase"), f"{one.names} / {one.phases}"),
        Fact(_("Until it changes"), field_console.left(one, now)),
        Fact(_("Signal plan"), f"{one.plan} / {one.plans}"),
        *field_console.other_plan(one),
        Fact(_("Cycle"), Measure(value=one.cycle_s, unit="s")),
        Fact(_("Offset"), Measure(value=one.offset_s, unit="s")),
        *field_console.known_from(one, report.get(signal), now),
    )
    return Thing(
        "signal", pk, one.name or one.number, _("Signal"), "timer", lon, lat, facts,
        (
            Section(_("Approaches"), tuple(_approaches(roads))),
            *field_console.turned(asking.city, found.network, signal, now),
            *_course("signal", pk), _why(found),
        ),
        simulated=any(road.simulated for road in roads),
    )  # fmt: skip


def _delay(delay: float | None, roads: list[Road]) -> Measure:
    heard = max((road.heard for road in roads if road.heard), default=None)
    known: Provenance = "simulated" if any(road.simulated for road in roads) else "estimated"
    return Measure(
        value=None if delay is None else round(delay, 1),
        unit="s",
        time=heard if delay is not None else None,
        method=_("by the volumes of its approaches"),
        provenance=known if delay is not None else "unknown",
    )


def _approaches(roads: list[Road]) -> Iterable[Fact]:
    for road in roads:
        said = None
        if road.delay is not None and road.volume is not None:
            said = f"{road.level} · {road.delay:.0f} {unit_text('s')} · {road.volume:.0f} /h"
        yield Fact(f"{road.name or _('Road')} ({road.key})", said)


def detector_sections(asking: Asking, thing: Thing) -> Iterable[Section]:
    """What a detector's road is like now."""
    if not queries.detectors(asking.city).filter(pk=thing.id).exists():
        return
    found = streets_now(asking.city, timezone.now())
    if found is None:
        return
    edges = {one.edge for one in found.detectors if str(one.device.pk) == thing.id}
    for road in found.roads:
        if road.edge in edges:
            yield Section(_("The road it looks at"), tuple(_road_facts(found, road))[:4])


def find(asking: Asking, words: Words, limit: int) -> Iterable[Hit]:
    """Signals by the number and the name of their crossing."""
    rows = queries.crossings(asking.city)
    found = list(words.among(rows, "name", "controller").order_by("controller")[:limit])
    if not found:
        return
    from madang.systems.traffic.web import drawn

    streets = streets_now(asking.city, timezone.now())
    keys = {c.key: n for n, c in enumerate(streets.network.signals.controllers)} if streets else {}
    for row in found:
        if streets and row.node in keys:
            lon, lat = drawn.place_of(streets.network, keys[row.node], asking.city)
            title = row.name or row.controller
            said = f"{_('Signal')} · {row.controller}"
            rank = words.rank(title)
            yield Hit("signal", row.node, title, said, "timer", lon, lat, rank, zoom=16.5)


def sections(asking: Asking) -> Iterable[Section]:
    """The panel: how many roads have which level, and where traffic is held up most."""
    found = streets_now(asking.city, timezone.now())
    if found is None:
        yield Section(
            _("Levels of service"), (Fact(_("Street network"), _("none has been brought")),)
        )
        return
    counts = Counter(road.level for road in found.roads)
    levels = [(level, level) for level in KNOWN] + [("", _("Unknown"))]
    facts = tuple(
        Fact(title, _("%(n)s roads") % {"n": number_text(counts[level], 0)})
        for level, title in levels
        if counts[level]
    )
    yield Section(_("Levels of service"), facts)
    worst = sorted((r for r in found.roads if r.delay is not None), key=_how_bad)[:WORST]
    yield Section(_("Held up most"), tuple(_one_of_worst(found, road) for road in worst))
    yield Section(_("Detectors"), tuple(_heard(found)))
    yield _why(found)


def _how_bad(road: Road) -> float:
    return -(road.delay or 0.0)


def _one_of_worst(found: Streets, road: Road) -> Fact:
    controller = found.network.signals.controllers[road.signal]
    title = f"{road.name} → {controller.name or controller.number} ({road.key})"
    return Fact(title, f"{road.level} · {road.delay or 0:.0f} {unit_text('s')}")


def _heard(found: Streets) -> Iterable[Fact]:
    heard = [one for one in found.detectors if one.heard]
    yield Fact(_("Heard in 15 minutes"), f"{len(heard)} / {len(found.detectors)}")
    newest: datetime | None = max((one.heard for one in heard if one.heard), default=None)
    yield Fact(_("Newest"), newest)
