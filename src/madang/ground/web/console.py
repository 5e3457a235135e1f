"""What each system puts on the console: layers, panels, inspectors, search, things near, shortcuts.

A system registers in its AppConfig.ready() and needs no TypeScript for it: the console draws a layer from
its source and its looks, and shows a thing from the facts and sections that its inspector returns. What
a person may not see is left out by the server, entry by entry: permission is the name of a right, and
None means that everybody may see it, visitors too.

Colours are words of the console's palette, which has one value for dark and one for light. The alarm
colours (red, orange, yellow) are no words of it: they are kept for alarms.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, TypeVar

from madang.ground.measure import Measure
from madang.ground.web.registry import Text

Colour = Literal["blue", "cyan", "teal", "green", "lime", "violet", "pink", "sand", "slate", "grey"]
Shape = Literal["circle", "square", "diamond", "triangle", "hexagon", "cross", "shield", "drop"]
Group = Literal["city", "places", "cameras", "devices", "moving", "environment", "plans", "traffic"]


@dataclass(frozen=True)
class Asking:
    """Who asks, and where: the city (with its id, key and CRS), the account, the language.

    may answers whether a right is held here; a visitor's is asked as a visitor, whoever is signed in.
    """

    city: Any
    user: Any
    language: str
    may: Callable[[str], bool]


@dataclass(frozen=True)
class Look:
    """How a value of a layer is drawn and what it is called: colour and shape say the same twice.

    What moves is drawn smaller while it is quiet: it waits, and nobody has to look at it. A line says it
    by its width (pixels) and by how it is broken: dash are lengths in widths, drawn and left out in turn.
    """

    key: str
    title: Text
    colour: Colour
    shape: Shape = "circle"
    icon: str = ""
    quiet: bool = False
    width: float = 0
    dash: tuple[float, ...] = ()


@dataclass(frozen=True)
class Column:
    """One column of a layer's table: a property of its features and what it is called."""

    key: str
    title: Text
    unit: str = ""


@dataclass(frozen=True)
class Tiles:
    """A source layer of the city's vector tiles; items is a point for each thing of it, under the city's API.

    id is the property by which the inspector knows what was clicked; "" is drawn and not clicked.
    """

    layer: str
    items: str
    id: str = ""
    csv: str = ""


@dataclass(frozen=True)
class Features:
    """GeoJSON points, or lines, under the city's API, asked again every refresh seconds (0: once).

    Each has the property `id`. csv is the same as a file, if there is one.
    """

    items: str
    refresh: float = 0
    csv: str = ""


@dataclass(frozen=True)
class Live:
    """Things of a kind of the live socket; icons are by kind of device, before those of the looks.

    by "state" chooses the look by the state that things say of themselves (the first look is for a
    state that is not known), by "kind" that of the kind of device.
    """

    kind: str
    icons: Mapping[str, str] = field(default_factory=dict)


Source = Tiles | Features | Live


@dataclass(frozen=True)
class Layer:
    """One thing that can be shown and hidden on the map, and read as a table.

    by is the property whose value chooses the look; "" draws all with the first look. looks may be a
    question, where they are a city's own data. thing is the kind of what is drawn, for the inspector;
    from_zoom the zoom from which it is drawn, label the property that is written beside it. What moves
    and has an order under 50 is drawn large from every zoom.
    """

    key: str
    title: Text
    group: Group
    source: Source
    looks: tuple[Look, ...] | Callable[[Asking], tuple[Look, ...]]
    by: str = ""
    thing: str = ""
    icon: str = "circle"
    columns: tuple[Column, ...] = ()
    shown: bool = False
    clustered: bool = False
    lines: bool = False
    """drawn as lines, which its Features then are"""
    from_zoom: float = 0
    label: str = ""
    amount: str = ""
    """the property that says how many stand there (the cameras of a site); "" is one each"""
    order: int = 100
    permission: str | None = None


@dataclass(frozen=True)
class Fact:
    """One line about a thing. value None is unknown, and is said to be; link leads to a page of it."""

    title: Text
    value: str | Text | Measure | datetime | None
    link: str = ""


@dataclass(frozen=True)
class Section:
    """One part of what is shown of a thing. url is the page with all of it; chart the series to draw."""

    title: Text
    facts: tuple[Fact, ...] = ()
    url: str = ""
    chart: str = ""


@dataclass(frozen=True)
class Thing:
    """Everything the inspector shows of one thing. lon and lat are where it is, None where unknown."""

    kind: str
    id: str
    title: str
    subtitle: str = ""
    icon: str = "circle"
    lon: float | None = None
    lat: float | None = None
    facts: tuple[Fact, ...] = ()
    sections: tuple[Section, ...] = ()
    url: str = ""
    simulated: bool = False
    live: tuple[str, int] | None = None
    """the live kind and number under which it moves, if it does"""
    districts: tuple[str, ...] = ()
    """ids of the city's districts that it is about: the map shows them with it"""


@dataclass(frozen=True)
class Hit:
    """One thing found. better is 0 (exact) to 1; metres is how far it is, where that was asked."""

    kind: str
    id: str
    title: str
    subtitle: str = ""
    icon: str = "circle"
    lon: float | None = None
    lat: float | None = None
    rank: float = 0.5
    metres: float | None = None
    zoom: float | None = None


@dataclass(frozen=True)
class Inspector:
    """Describes things of kinds; None when there is no such thing in the city, or it may not be seen."""

    kinds: tuple[str, ...]
    describe: Callable[[Asking, str, str], Thing | None]
    permission: str | None = None


@dataclass(frozen=True)
class Contribution:
    """What another system knows about things of kinds (() is all): further sections."""

    key: str
    sections: Callable[[Asking, Thing], Iterable[Section]]
    kinds: tuple[str, ...] = ()
    permission: str | None = None


@dataclass(frozen=True)
class SearchProvider:
    """Finds things by words; must answer in milliseconds, with at most limit hits."""

    key: str
    title: Text
    find: Callable[[Asking, Any, int], Iterable[Hit]]
    order: int = 100
    permission: str | None = None


@dataclass(frozen=True)
class Nearby:
    """Finds the things nearest to x, y (metres of the city's CRS) within metres, nearest first."""

    key: str
    title: Text
    find: Callable[[Asking, float, float, float, int], Iterable[Hit]]
    icon: str = "circle"
    order: int = 100
    permission: str | None = None


@dataclass(frozen=True)
class Panel:
    """A panel of a system at the side of the map: sections, asked again every refresh seconds."""

    key: str
    title: Text
    icon: str
    sections: Callable[[Asking], Iterable[Section]]
    refresh: float = 10
    order: int = 100
    permission: str | None = None


@dataclass(frozen=True)
class Shortcut:
    """A key that opens a panel, shows or hides a layer, or goes to a page of the city."""

    key: str
    title: Text
    panel: str = ""
    layer: str = ""
    page: str = ""
    permission: str | None = None


@dataclass(frozen=True)
class Way:
    """A page that opens from things of kinds, one press from where they are shown.

    address is "" where there is no such page for the thing; window names the browser's window that it
    opens in, so that a second press takes the same one.
    """

    key: str
    title: Text
    icon: str
    address: Callable[[Asking, Thing], str]
    kinds: tuple[str, ...]
    window: str = ""
    order: int = 100
    permission: str | None = None


@dataclass(frozen=True)
class Tool:
    """Something that the console's own script can do with a point of the map, by its key there."""

    key: str
    title: Text
    icon: str
    order: int = 100
    permission: str | None = None


Entry = Layer | Inspector | Contribution | SearchProvider | Nearby | Panel | Shortcut | Way | Tool
Kind = TypeVar(
    "Kind", Layer, Inspector, Contribution, SearchProvider, Nearby, Panel, Shortcut, Way, Tool
)


_entries: dict[tuple[type[Entry], str], Entry] = {}


def register(*entries: Entry) -> None:
    """Add entries to the console; the same key again replaces the entry."""
    for entry in entries:
        key = " ".join(entry.kinds) if isinstance(entry, Inspector) else entry.key
        _entries[type(entry), key] = entry


def entries(kind: type[Kind], may: Callable[[str], bool]) -> list[Kind]:
    """The entries of a kind that may be seen, in their order."""
    found = [entry for entry in _entries.values() if isinstance(entry, kind)]
    seen = [entry for entry in found if entry.permission is None or may(entry.permission)]
    return sorted(seen, key=_order)


def inspector(thing: str, may: Callable[[str], bool]) -> Inspector | None:
    """Who describes things of a kind."""
    return next((one for one in entries(Inspector, may) if thing in one.kinds), None)


def ways(asking: Asking, thing: Thing) -> list[tuple[Way, str]]:
    """The pages that open from thing for whoever asks, with their addresses."""
    found = [
        (way, way.address(asking, thing))
        for way in entries(Way, asking.may)
        if thing.kind in way.kinds
    ]
    return [(way, address) for way, address in found if address]


def _order(entry: Entry) -> tuple[int, str]:
    return getattr(entry, "order", 100), getattr(entry, "key", "")
