"""The city on the console: its layers, and places, roads and districts to be found and looked at."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Max, Min, QuerySet, Sum
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Length
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from madang.ground.city.kinds import LEVELS, PLACES
from madang.ground.city.models import City, District, Place, RoadLink
from madang.ground.city.queries import near
from madang.ground.city.queries.summaries import districts
from madang.ground.city.queries.whereabouts import districts_of
from madang.ground.city.spelling import SPELL, spelled
from madang.ground.measure import Measure
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
    Nearby,
    SearchProvider,
    Section,
    Shape,
    Thing,
    Tiles,
    register,
)
from madang.ground.web.search import Words

# icon, colour and shape of each kind of place; kinds not named here are plain circles
PLACE_LOOKS: dict[str, tuple[str, Colour, Shape]] = {
    "hospital": ("cross", "pink", "cross"),
    "fire-station": ("flame", "violet", "shield"),
    "police": ("shield", "blue", "shield"),
    "school": ("school", "green", "square"),
    "kindergarten": ("school", "lime", "square"),
    "university": ("graduation-cap", "green", "hexagon"),
    "child-zone": ("school", "lime", "diamond"),
    "station": ("train-front", "cyan", "hexagon"),
    "bus-stop": ("bus", "slate", "circle"),
    "car-park": ("square-parking", "slate", "square"),
    "park": ("tree-pine", "green", "circle"),
    "office": ("landmark", "sand", "square"),
    "library": ("book-open", "sand", "circle"),
    "market": ("shopping-basket", "sand", "diamond"),
    "landmark": ("star", "sand", "hexagon"),
    "shelter": ("tent", "teal", "triangle"),
    "shade": ("umbrella", "teal", "circle"),
    "senior-facility": ("heart-handshake", "teal", "square"),
    "bell": ("bell-ring", "violet", "circle"),
    "speed-camera": ("gauge", "grey", "diamond"),
    "underpass": ("arrow-down-to-line", "cyan", "drop"),
}
MOST_DETAILS = 12


def register_all() -> None:
    register(*_layers(), *_things())


def _layers() -> list[Layer]:
    looks = tuple(_place_look(key, str_title) for key, str_title in PLACES.items())
    columns = (Column("name", gettext_lazy("Name")), Column("address", gettext_lazy("Address")))
    name, area = columns[0], Column("area_m2", gettext_lazy("Area"), "m²")
    street = (
        name,
        Column("lanes", gettext_lazy("Lanes")),
        Column("speed_kmh", gettext_lazy("Speed limit"), "km/h"),
        Column("length_m", gettext_lazy("Length"), "m"),
    )
    high = Column("height_m", gettext_lazy("Height"), "m")
    ground: tuple[tuple[str, Any, str, str, tuple[Column, ...]], ...] = (
        ("districts", gettext_lazy("Districts"), "map", "district", (name, area)),
        ("roads", gettext_lazy("Roads"), "route", "road", street),
        ("buildings", gettext_lazy("Buildings"), "building-2", "", (name, high, area)),
        ("parks", gettext_lazy("Parks"), "tree-pine", "", (name, area)),
        ("water", gettext_lazy("Water"), "droplets", "", (name, area)),
        ("rails", gettext_lazy("Railways"), "train-front", "", (name,)),
    )
    return [
        Layer(
            "places",
            gettext_lazy("Places"),
            "places",
            Features("console/points/places", csv="layers/places.csv"),
            looks,
            by="kind",
            thing="place",
            icon="map-pin",
            columns=columns,
            from_zoom=13,
            clustered=False,
        ),
        *(
            Layer(
                key,
                title,
                "city",
                Tiles(
                    key,
                    f"console/points/{key}",
                    "name" if key == "roads" else "",
                    f"layers/{key}.csv",
                ),
                (Look("", title, "slate", icon=icon),),
                thing=thing,
                icon=icon,
                columns=told,
                shown=True,
                order=order,
            )
            for order, (key, title, icon, thing, told) in enumerate(ground, 10)
        ),
    ]


def _place_look(key: str, title: Any) -> Look:
    icon, colour, shape = PLACE_LOOKS.get(key, ("map-pin", "slate", "circle"))
    return Look(key, title, colour, shape, icon)


def _things() -> list[Any]:
    return [
        Inspector(("place",), place),
        Inspector(("road",), road),
        Inspector(("district",), district),
        SearchProvider("places", gettext_lazy("Places"), find_places, order=20),
        SearchProvider("roads", gettext_lazy("Roads"), find_roads, order=30),
        SearchProvider("districts", gettext_lazy("Districts"), find_districts, order=10),
        Nearby("places", gettext_lazy("Places"), near_places, icon="map-pin", order=40),
        Contribution("where", where),
    ]


def find_places(asking: Asking, words: Words, limit: int) -> Iterable[Hit]:
    rows = words.among(Place.objects.filter(city=asking.city), "name", "address")
    for row in rows.order_by(Length("name"), "name")[: limit * 2]:
        yield _place_hit(row, words.rank(row.name))


def near_places(asking: Asking, x: float, y: float, metres: float, limit: int) -> Iterable[Hit]:
    for found in near.nearest(Place, asking.city, x, y, limit):
        if found.metres <= metres:
            yield _place_hit(found.row, 0, found.metres)


def _place_hit(row: Place, rank: float, metres: float | None = None) -> Hit:
    kind = str(PLACES.get(row.kind, row.kind))
    icon = PLACE_LOOKS.get(row.kind, ("map-pin",))[0]
    said = " · ".join(word for word in (kind if row.name else "", row.address) if word)
    return Hit(
        "place",
        str(row.pk),
        row.name or kind,
        said,
        icon,
        row.lon,
        row.lat,
        rank,
        metres,
    )


def place(asking: Asking, kind: str, pk: str) -> Thing | None:
    row = _one(Place.objects.filter(city=asking.city).select_related("data_set"), pk)
    if row is None:
        return None
    title = str(PLACES.get(row.kind, row.kind))
    own = [(name, value) for name, value in row.details.items() if value not in ("", None)]
    facts = (
        Fact(_("Address"), row.address or None),
        *(Fact(name, str(value)) for name, value in own[:MOST_DETAILS]),
        Fact(_("Source"), row.data_set.name(asking.language)),
        Fact(_("As of"), row.data_set.as_of.isoformat() if row.data_set.as_of else None),
    )
    icon = PLACE_LOOKS.get(row.kind, ("map-pin",))[0]
    return Thing(
        "place",
        pk,
        row.name or title,
        title,
        icon,
        row.lon,
        row.lat,
        facts,
        simulated=row.data_set.simulated,
    )


def find_roads(asking: Asking, words: Words, limit: int) -> Iterable[Hit]:
    """By the name that the data give, or as the asker's language spells it."""
    named = RoadLink.objects.filter(city=asking.city).exclude(name="")
    rows = words.among(named, "name") | named.filter(name__in=_read_as(named, asking, words))
    for row in rows.order_by("name", "-length_m").distinct("name")[:limit]:
        lon, lat = (row.west + row.east) / 2, (row.south + row.north) / 2
        title = spelled(row.name, asking.language) or row.name
        rank = min(words.rank(row.name), words.rank(title))
        yield Hit(
            "road", row.name, title, _road_words(row.name, title), "route", lon, lat, rank, zoom=15
        )


def _read_as(rows: QuerySet[RoadLink], asking: Asking, words: Words) -> list[str]:
    """The Korean names that read, in the asker's language, as the words that were typed."""
    if asking.language not in SPELL:
        return []
    names = rows.order_by().values_list("name", flat=True).distinct()
    return [name for name in names if _reads(spelled(name, asking.language), words)]


def _reads(title: str, words: Words) -> bool:
    """Whether each word that was typed stands in a spelled name; hyphens and spaces do not count."""
    bare = title.lower().replace("-", "").replace(" ", "")
    parts = [part.replace("-", "") for part in words.parts]
    return bool(bare) and any(parts) and all(part in bare for part in parts)


def _road_words(name: str, title: str) -> str:
    """What stands under a road's title: that it is one, and its own name if the title spells it."""
    return str(_("Road")) if title == name else f"{_('Road')} · {name}"


def road(asking: Asking, kind: str, pk: str) -> Thing | None:
    links = RoadLink.objects.filter(city=asking.city, name=pk)
    longest = links.order_by("-length_m").select_related("data_set").first()
    if longest is None:
        return None
    figures = links.aggregate(
        length=Sum("length_m"), low=Min("speed_kmh"), high=Max("speed_kmh"), lanes=Max("lanes")
    )
    facts = (
        Fact(_("Length, both directions"), Measure(value=round(figures["length"]), unit="m")),
        Fact(_("Speed limit"), _span(figures["low"], figures["high"], "km/h")),
        Fact(_("Lanes, at most"), None if figures["lanes"] is None else str(figures["lanes"])),
        Fact(_("Links"), str(links.count())),
        Fact(_("Source"), longest.data_set.name(asking.language)),
    )
    lon, lat = (longest.west + longest.east) / 2, (longest.south + longest.north) / 2
    simulated = longest.data_set.simulated
    title = spelled(pk, asking.language) or pk
    words = _road_words(pk, title)
    return Thing("road", pk, title, words, "route", lon, lat, facts, simulated=simulated)


def _span(low: int | None, high: int | None, unit: str) -> str | None:
    if low is None or high is None:
        return None
    return f"{low} {unit}" if low == high else f"{low}–{high} {unit}"


def find_districts(asking: Asking, words: Words, limit: int) -> Iterable[Hit]:
    language = asking.language
    named = District.objects.filter(city=asking.city).alias(
        ko=KeyTextTransform("ko", "names"), own=KeyTextTransform(language, "names")
    )
    read = [
        row.pk
        for row in named.only("pk", "names")
        if language in SPELL and _reads(row.name(language), words)
    ]
    rows = words.among(named, "ko", "own") | named.filter(pk__in=read)
    for row in rows.order_by("level", "key")[:limit]:
        name = row.name(language)
        zoom = 13.0 if row.level == "gu" else 14.5
        rank = max(0.0, words.rank(name) - 0.05)
        level = _level(row.level)
        pk = str(row.pk)
        yield Hit("district", pk, name, level, "map", row.lon, row.lat, rank, zoom=zoom)


def _level(key: str) -> str:
    return str(LEVELS.get(key, key))


def district(asking: Asking, kind: str, pk: str) -> Thing | None:
    row = _one(District.objects.filter(city=asking.city).select_related("data_set"), pk)
    if row is None:
        return None
    found = next((each for each in districts(asking.city) if each.district.pk == row.pk), None)
    as_of = found.as_of if found else None
    simulated = row.data_set.simulated
    facts = (
        Fact(_("Residents"), _count(found.residents if found else None)),
        Fact(_("Households"), _count(found.households if found else None)),
        Fact(_("As of"), as_of.isoformat() if as_of else None),
        Fact(_("Area"), Measure(value=round(row.area_m2 / 1e6, 2), unit="km2")),
        Fact(_("Code"), row.key),
        Fact(_("Source"), row.data_set.name(asking.language)),
    )
    name = row.name(asking.language)
    level = _level(row.level)
    return Thing("district", pk, name, level, "map", row.lon, row.lat, facts, simulated=simulated)


def _count(number: int | None) -> str | None:
    return None if number is None else f"{number:,}"


def where(asking: Asking, thing: Thing) -> Iterable[Section]:
    """The districts that a thing lies in."""
    if thing.lon is None or thing.lat is None or thing.kind == "district":
        return
    facts = []
    for level in ("gu", "dong"):
        found = districts_of(asking.city, level).at(thing.lon, thing.lat)
        if found:
            facts.append(Fact(_level(level), found.name(asking.language)))
    if facts:
        place = f"{thing.lat:.5f}, {thing.lon:.5f}"
        yield Section(_("Where"), (*facts, Fact(_("Coordinates"), place)))


def _one(rows: QuerySet[Any], pk: str) -> Any:
    try:
        return rows.filter(pk=pk).first()
    except (ValueError, TypeError):
        return None


def labels(city: City, language: str) -> list[dict[str, Any]]:
    """The names of the city's districts, each at a point inside, for the map."""
    rows = District.objects.filter(city=city).only("key", "level", "names", "lon", "lat")
    return [
        {
            "id": str(row.pk),
            "key": row.key,
            "level": row.level,
            "name": row.name(language),
            "lon": row.lon,
            "lat": row.lat,
        }
        for row in rows
    ]
