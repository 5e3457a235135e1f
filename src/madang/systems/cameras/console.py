"""Camera sites on the console: a layer by purpose, found by number and address."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from madang.ground.city.public import nearest
from madang.ground.measure import Measure
from madang.ground.web.console import (
    Asking,
    Colour,
    Column,
    Fact,
    Features,
    Hit,
    Inspector,
    Layer,
    Look,
    Nearby,
    SearchProvider,
    Shape,
    Thing,
    Way,
    register,
)
from madang.ground.web.search import Words
from madang.systems.cameras.models import Purpose, Site
from madang.systems.cameras.rights import acts_open

PURPOSES: dict[Purpose, tuple[Any, Colour, Shape]] = {
    Purpose.CRIME: (gettext_lazy("Crime prevention"), "blue", "circle"),
    Purpose.SCHOOL_ZONE: (gettext_lazy("School zone"), "lime", "diamond"),
    Purpose.ENFORCEMENT: (gettext_lazy("Traffic enforcement"), "violet", "triangle"),
    Purpose.TRAFFIC: (gettext_lazy("Traffic information"), "cyan", "triangle"),
    Purpose.DISASTER: (gettext_lazy("Disaster"), "teal", "drop"),
    Purpose.FACILITY: (gettext_lazy("Facility"), "sand", "square"),
    Purpose.PARK: (gettext_lazy("Park safety"), "green", "circle"),
    Purpose.WASTE: (gettext_lazy("Waste dumping"), "slate", "square"),
    Purpose.SEVERAL: (gettext_lazy("Several purposes"), "pink", "hexagon"),
    Purpose.OTHER: (gettext_lazy("Other"), "grey", "circle"),
}
LEAST_DIGITS = 3


def register_all() -> None:
    looks = tuple(
        Look(purpose.value, title, colour, shape, "cctv")
        for purpose, (title, colour, shape) in PURPOSES.items()
    )
    columns = (
        Column("key", gettext_lazy("Number")),
        Column("cameras", gettext_lazy("Cameras")),
        Column("road_address", gettext_lazy("Address")),
    )
    title = gettext_lazy("Camera sites")
    register(
        Layer(
            "cameras",
            title,
            "cameras",
            Features("console/points/cameras", csv="layers/cameras.csv"),
            looks,
            by="purpose",
            thing="camera",
            icon="cctv",
            columns=columns,
            amount="cameras",
            shown=True,
            clustered=True,
            order=10,
        ),
        Inspector(("camera",), site),
        SearchProvider("cameras", title, find, order=15),
        Nearby("cameras", title, near, icon="cctv", order=10),
        _way("net", gettext_lazy("Cameras around it"), "radar", _around, ("alarm", "incident")),
        _way("wall", gettext_lazy("On the wall"), "grid-2x2", _of_site, ("camera",)),
        _way("follow", gettext_lazy("Follow on the wall"), "video", _followed, ("moving",)),
    )


def _way(
    key: str, title: Any, icon: str, words: Callable[[Thing], str], kinds: tuple[str, ...]
) -> Way:
    """A way to the wall, which is one window of the browser."""

    def address(asking: Asking, thing: Thing) -> str:
        said = words(thing)
        return f"{reverse('cameras:wall', kwargs={'city': asking.city.key})}?{said}" if said else ""

    way = f"cameras.{key}"
    return Way(way, title, icon, address, kinds, "madang-wall", permission="cameras.watch")


def _around(thing: Thing) -> str:
    return "" if thing.lon is None or thing.lat is None else f"near={thing.lon},{thing.lat}"


def _of_site(thing: Thing) -> str:
    return f"site={thing.id}"


def _followed(thing: Thing) -> str:
    return f"follow={thing.live[1]}" if thing.live else ""


def find(asking: Asking, words: Words, limit: int) -> Iterable[Hit]:
    """By number (a whole one, or its end) or by address."""
    rows = Site.objects.filter(city=asking.city)
    if len(words.number) >= LEAST_DIGITS:
        yield from _numbered(rows, words.number, limit)
    for row in words.among(rows, "road_address", "lot_address").order_by("key")[:limit]:
        yield hit(row, 0.3 + words.rank(row.road_address or row.lot_address) / 2)


def _numbered(rows: QuerySet[Site], number: str, limit: int) -> Iterable[Hit]:
    wanted = Q(key=number) | Q(key__endswith=number)
    for row in rows.filter(wanted).order_by("key")[:limit]:
        yield hit(row, 0.0 if row.key == number else 0.05)


def near(asking: Asking, x: float, y: float, metres: float, limit: int) -> Iterable[Hit]:
    for found in nearest(Site, asking.city, x, y, limit):
        if found.metres <= metres:
            yield hit(found.row, 0, found.metres)


def hit(row: Site, rank: float, metres: float | None = None) -> Hit:
    said = f"{PURPOSES[Purpose(row.purpose)][0]} · {row.key}"
    return Hit(
        "camera", str(row.pk), _title(row), said, "cctv", row.lon, row.lat, rank, metres, zoom=17.5
    )


def _title(row: Site) -> str:
    """The address without the province and city that all of them share."""
    address = row.road_address or row.lot_address
    return " ".join(address.split()[2:]) or address or row.key


def site(asking: Asking, kind: str, pk: str) -> Thing | None:
    try:
        row = Site.objects.filter(city=asking.city, pk=pk).select_related("data_set").first()
    except ValueError:
        return None
    if row is None:
        return None
    megapixels = Measure(value=row.megapixels, unit="MP")
    facts = (
        Fact(_("Number"), row.key),
        Fact(_("Purpose"), PURPOSES[Purpose(row.purpose)][0]),
        Fact(_("Cameras"), str(row.cameras)),
        Fact(_("Resolution"), megapixels),
        Fact(_("Direction"), row.direction or None),
        Fact(_("Kept"), Measure(value=row.kept_days, unit="d")),
        Fact(_("Installed"), _month(row.installed)),
        Fact(_("Run by"), row.institution or None),
        Fact(_("Telephone"), row.phone or None),
        Fact(_("Road address"), row.road_address or None),
        Fact(_("Lot address"), row.lot_address or None),
        Fact(_("As of"), row.as_of.isoformat() if row.as_of else None),
        Fact(_("Source"), row.data_set.name(asking.language)),
        *_may(asking, row),
    )
    return Thing(
        "camera",
        pk,
        _title(row),
        str(PURPOSES[Purpose(row.purpose)][0]),
        "cctv",
        row.lon,
        row.lat,
        facts,
        url=reverse("cameras:site", kwargs={"city": asking.city.key, "pk": row.pk}),
        simulated=row.data_set.simulated,
    )


def _may(asking: Asking, row: Site) -> tuple[Fact, ...]:
    """What whoever asks may do with it now; nothing is said to those whose work has no cameras."""
    if not asking.may("people.reason"):
        return ()
    acts = [str(act.label) for act in acts_open(asking.user.pk, asking.city, row)]
    nothing = _("Nothing: no scope, grant or emergency access opens it.")
    return (Fact(_("You may"), ", ".join(acts) or nothing),)


def _month(day: date | None) -> str | None:
    return None if day is None else f"{day:%Y-%m}"
