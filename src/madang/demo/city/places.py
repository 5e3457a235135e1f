"""Where people go and who helps them: schools, hospitals, stations of fire and police, stops, shelters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from madang.demo.city import lines
from madang.demo.city.addresses import Addresses
from madang.demo.city.blocks import Blocks
from madang.demo.city.buildings import Buildings
from madang.demo.city.chance import chance
from madang.demo.city.grades import LANE, Grade
from madang.demo.city.names import Names, english, japanese
from madang.demo.city.outline import Outline
from madang.demo.city.raster import Floats
from madang.demo.city.roads import Roads
from madang.demo.city.skeleton import Skeleton
from madang.demo.city.things import Place

SCHOOL_ZONE = 300.0  # metres around a school's gate
# (kind, ending of the name, how many, uses of the ground it stands on, details)
PUBLIC: tuple[tuple[str, str, int, tuple[str, ...], dict[str, object]], ...] = (
    ("school", "초등학교", 100, ("campus",), {"level": "elementary"}),
    ("school", "중학교", 57, ("campus",), {"level": "middle"}),
    ("school", "고등학교", 44, ("campus",), {"level": "high"}),
    ("university", "대학교", 4, ("campus",), {}),
    ("kindergarten", "유치원", 170, ("houses", "apartments"), {}),
    ("library", "도서관", 21, ("commerce", "houses"), {}),
    ("market", "전통시장", 20, ("commerce",), {}),
    ("car-park", "공영주차장", 70, ("commerce", "houses"), {}),
    ("senior-facility", "경로당", 490, ("houses", "apartments"), {}),
)
HOSPITALS: tuple[tuple[str, int, bool, tuple[int, int]], ...] = (
    ("대학교병원", 2, True, (800, 1200)),
    ("종합병원", 4, True, (250, 600)),
    ("병원", 16, False, (40, 200)),
)
STATIONS: tuple[tuple[str, str, int, str], ...] = (
    ("fire-station", "소방서", 2, "headquarters"),
    ("fire-station", "119안전센터", 12, "centre"),
    ("police", "경찰서", 3, "headquarters"),
    ("police", "지구대", 14, "precinct"),
    ("police", "파출소", 12, "box"),
)
SHELTERS, SHADES, SPEED_CAMERAS, BUS_STOPS = 380, 460, 120, 1180


@dataclass
class Ground:
    """What places are put on."""

    seed: int
    scale: float
    outline: Outline
    skeleton: Skeleton
    blocks: Blocks
    built: Buildings
    roads: Roads
    names: Names
    addresses: Addresses


def places(ground: Ground) -> list[Place]:
    """All places, in the order of their kinds."""
    known = [
        *_parks(ground),
        *_public(ground),
        *_hospitals(ground),
        *_stations(ground),
        *_offices(ground),
        *_railway_stations(ground),
    ]
    found = [
        *known,
        *_bus_stops(ground, known),
        *_at_buildings(ground),
        *_speed_cameras(ground),
        *_underpasses(ground),
    ]
    return [*found, *_school_zones(ground, found)]


def some(count: int, scale: float) -> int:
    return max(1, round(count * scale))


def spread(
    random: np.random.Generator, points: Floats, count: int, taken: Floats | None = None
) -> NDArray[np.intp]:
    """Numbers of `count` points that lie far from one another: of a handful by chance the farthest."""
    count = min(count, len(points))
    away = np.full(len(points), np.inf)
    if taken is not None and len(taken):
        away = np.hypot(*(points[:, None] - taken[None]).transpose(2, 0, 1)).min(axis=1)
    chosen: list[int] = []
    for _ in range(count):
        tried = random.integers(0, len(points), 14)
        best = int(tried[np.argmax(away[tried])])
        if away[best] == 0:
            best = int(np.argmax(away))
        chosen.append(best)
        away = np.minimum(away, np.hypot(*(points - points[best]).T))
    return np.array(chosen, dtype=np.intp)


def _place(
    ground: Ground,
    key: str,
    kind: str,
    name: str,
    point: Floats,
    polygon: shapely.Geometry | None = None,
    details: Mapping[str, object] | None = None,
) -> Place:
    x, y = (round(float(value), 2) for value in point)
    spelled = {"en": english(name), "ja": japanese(name)}
    address = ground.addresses.of(x, y)
    return Place(key, kind, name, x, y, address, polygon, {**(details or {}), **spelled})


def _inside(polygons: NDArray[np.object_]) -> Floats:
    return np.asarray(shapely.get_coordinates(shapely.point_on_surface(polygons)))


def _parks(ground: Ground) -> list[Place]:
    polygons = ground.blocks.polygons[ground.blocks.uses == "park"]
    found = []
    for number, (polygon, point) in enumerate(zip(polygons, _inside(polygons), strict=True), 1):
        small = polygon.area < 5000
        name = ground.names.root("park") + ("어린이공원" if small else "공원")
        details: dict[str, object] = {"area_m2": round(polygon.area)}
        found.append(_place(ground, f"PARK-{number:04}", "park", name, point, polygon, details))
    return found


def _public(ground: Ground) -> list[Place]:
    random = chance(ground.seed, "public")
    found: list[Place] = []
    used = np.zeros(len(ground.blocks.polygons), dtype=bool)
    for kind, ending, count, uses, details in PUBLIC:
        free = np.flatnonzero(np.isin(ground.blocks.uses, uses) & ~used)
        points = _inside(ground.blocks.polygons[free])
        wanted = min(some(count, ground.scale), len(free))
        for number, chosen in enumerate(spread(random, points, wanted), 1):
            block = free[chosen]
            used[block] = True
            polygon = ground.blocks.polygons[block] if uses == ("campus",) else None
            name = ground.names.root(ending) + ending
            key = f"{kind.upper()}-{ending_key(details, kind)}{number:04}"
            found.append(_place(ground, key, kind, name, points[chosen], polygon, dict(details)))
    return found


def ending_key(details: dict[str, object], kind: str) -> str:
    return f"{str(details['level'])[0].upper()}" if kind == "school" else ""


def _hospitals(ground: Ground) -> list[Place]:
    random = chance(ground.seed, "hospitals")
    at = ground.built.uses == "commerce"
    points = _inside(ground.built.polygons[at])
    found: list[Place] = []
    for ending, count, emergency, beds in HOSPITALS:
        taken = np.array([(place.x, place.y) for place in found])
        for chosen in spread(random, points, some(count, ground.scale), taken):
            name = ground.names.root("hospital") + ending
            details: dict[str, object] = {
                "emergency_room": emergency,
                "beds": int(random.integers(*beds)),
            }
            key = f"HOSPITAL-{len(found) + 1:03}"
            found.append(_place(ground, key, "hospital", name, points[chosen], details=details))
    return found


def _stations(ground: Ground) -> list[Place]:
    """Fire and police stand where people live, far from one another, next to a main road."""
    random = chance(ground.seed, "stations")
    large = np.isin(ground.roads.grade[: ground.roads.main], (Grade.BOULEVARD, Grade.MAIN))
    ends = ground.roads.lines[: ground.roads.main]
    beside = np.array(
        [lines.middle(lines.right_of(ends[link], 30.0)) for link in np.flatnonzero(large)]
    )
    beside = beside[_on_land(ground, beside)]
    dongs = ground.outline.dong_of(beside)
    found: list[Place] = []
    for kind, ending, count, level in STATIONS:
        taken = np.array([(place.x, place.y) for place in found if place.kind == kind])
        for chosen in spread(random, beside, some(count, ground.scale), taken):
            dong = _short(ground.outline.dongs[dongs[chosen]].name)
            name = _free_name(dong + ending, {place.name for place in found}, ending, ground)
            key = f"{'FIRE' if kind == 'fire-station' else 'POLICE'}-{len(found) + 1:03}"
            found.append(_place(ground, key, kind, name, beside[chosen], details={"level": level}))
    return found


def _short(dong: str) -> str:
    """파장동 is called 파장 in other names; 지동 stays 지동."""
    return dong.removesuffix("동") if len(dong) > 2 else dong


def _free_name(name: str, given: set[str], ending: str, ground: Ground) -> str:
    return name if name not in given else ground.names.root("station") + ending


def _on_land(ground: Ground, points: Floats) -> NDArray[np.bool_]:
    """Which points lie on a block, where something can stand."""
    tree = shapely.STRtree(ground.blocks.polygons)
    point, _ = tree.query(shapely.points(points), predicate="within")
    found = np.zeros(len(points), dtype=bool)
    found[point] = True
    return found


def _offices(ground: Ground) -> list[Place]:
    """The city hall, an office for every gu and one for every dong that people live in."""
    middles = _inside(ground.blocks.polygons[ground.blocks.uses == "commerce"])
    nearest = shapely.STRtree(shapely.points(middles)).nearest
    centre = shapely.Point(ground.skeleton.centre[0] + 900, ground.skeleton.centre[1] - 1000)
    wanted: list[tuple[str, str, shapely.Point]] = [("마당시청", "city", centre)]
    gus = sorted({(dong.gu_code, dong.gu_name) for dong in ground.outline.dongs})
    for code, name in gus:
        whole = shapely.union_all([d.polygon for d in ground.outline.dongs if d.gu_code == code])
        wanted.append((f"{name}청", "gu", whole.centroid))
    for dong in ground.outline.dongs:
        if dong.polygon.area > 250_000:
            wanted.append(
                (f"{dong.name} 행정복지센터", "dong", dong.polygon.representative_point())
            )
    return [
        _place(
            ground,
            f"OFFICE-{number:03}",
            "office",
            name,
            middles[nearest(near)],
            details={"level": level},
        )
        for number, (name, level, near) in enumerate(wanted, 1)
    ]


def _railway_stations(ground: Ground) -> list[Place]:
    found: list[Place] = []
    for line, gap in zip(ground.skeleton.railways, (2100.0, 1250.0), strict=True):
        along = lines.length(line)
        for at in np.arange(gap / 2, along, gap * max(1.0, ground.scale**-0.5)):
            name = ground.names.root("railway") + "역"
            point = shapely.get_coordinates(shapely.LineString(line).interpolate(at))[0]
            below = line is not ground.skeleton.railways[0]
            key, details = f"STATION-{len(found) + 1:03}", {"underground": below}
            found.append(_place(ground, key, "station", name, point, details=details))
    return found


def _bus_stops(ground: Ground, known: list[Place]) -> list[Place]:
    """Stops stand on the right of main roads, on both sides, called after what is near."""
    random = chance(ground.seed, "bus stops")
    roads = ground.roads
    usable = np.isin(roads.grade, (Grade.TRUNK, Grade.BOULEVARD, Grade.MAIN, Grade.SIDE))
    links = np.flatnonzero(usable & (roads.structure == "ground") & (roads.lengths() > 120))
    points = np.array([_curb(roads, link) for link in links])
    name = NearNames(ground, known)
    found = []
    for number, at in enumerate(spread(random, points, some(BUS_STOPS, ground.scale)), 1):
        called = name.of(points[at], roads.name[links[at]])
        found.append(_place(ground, f"BUS-{number:05}", "bus-stop", called, points[at]))
    return found


def _curb(roads: Roads, link: np.intp) -> Floats:
    """The pavement's edge 90 metres after the link begins, or half way."""
    beside = lines.right_of(roads.lines[link], roads.lanes[link] * LANE / 2 + 2.5)
    along = lines.length(beside)
    return np.asarray(lines.part(beside, 0, min(90.0, along / 2))[-1])


class NearNames:
    """What people would call a spot: after a place or a crossing near by, else after the street."""

    REACH = 240.0

    def __init__(self, ground: Ground, known: list[Place]) -> None:
        named = [(place.x, place.y, place.name) for place in known if self._known(place)]
        roads = ground.roads
        named += [(*roads.nodes[at], name) for at, name in enumerate(roads.node_name) if name]
        self._names = [name for *_, name in named]
        self._tree = shapely.STRtree(shapely.points([(x, y) for x, y, _ in named]))

    def of(self, point: Floats, street: str) -> str:
        near = self._tree.query_nearest(
            shapely.Point(point), max_distance=self.REACH, all_matches=False
        )
        return self._names[int(near[0])] if len(near) else f"{street}입구"

    @staticmethod
    def _known(place: Place) -> bool:
        small = place.kind == "park" and place.name.endswith("어린이공원")
        kinds = (
            "school",
            "park",
            "hospital",
            "station",
            "office",
            "market",
            "library",
            "university",
        )
        return place.kind in kinds and not small


def _at_buildings(ground: Ground) -> list[Place]:
    random = chance(ground.seed, "shelters")
    points = _inside(ground.built.polygons)
    homes = points[np.isin(ground.built.uses, ("houses", "commerce"))]
    found = []
    for number, chosen in enumerate(spread(random, homes, some(SHELTERS, ground.scale)), 1):
        name = ground.names.root("shelter") + "무더위쉼터"
        details: dict[str, object] = {"capacity": int(random.integers(12, 120))}
        key = f"SHELTER-{number:04}"
        found.append(_place(ground, key, "shelter", name, homes[chosen], details=details))
    crossings = ground.roads.nodes[ground.roads.node_kind == "crossing"]
    for number in range(some(SHADES, ground.scale)):
        corner = crossings[int(random.integers(len(crossings)))] + random.choice([-14, 14], 2)
        street = ground.addresses.street(*corner)
        found.append(_place(ground, f"SHADE-{number + 1:04}", "shade", f"{street} 그늘막", corner))
    return found


def _speed_cameras(ground: Ground) -> list[Place]:
    random = chance(ground.seed, "speed cameras")
    large = np.isin(ground.roads.grade, (Grade.TRUNK, Grade.BOULEVARD, Grade.MAIN))
    links = np.flatnonzero(large & (ground.roads.structure == "ground"))
    points = np.array([lines.middle(ground.roads.lines[link]) for link in links])
    found = []
    for number, at in enumerate(spread(random, points, some(SPEED_CAMERAS, ground.scale)), 1):
        link = links[at]
        details: dict[str, object] = {"limit_kmh": int(ground.roads.speed_kmh[link])}
        name = f"{ground.roads.name[link]} 무인단속카메라"
        found.append(
            _place(ground, f"SPEED-{number:04}", "speed-camera", name, points[at], details=details)
        )
    return found


def _underpasses(ground: Ground) -> list[Place]:
    """Every underpass once, though two links run through it."""
    found: list[Place] = []
    seen: set[tuple[int, int]] = set()
    for link in np.flatnonzero(ground.roads.structure == "underpass"):
        ends = sorted((int(ground.roads.begin[link]), int(ground.roads.end[link])))
        if (ends[0], ends[1]) in seen:
            continue
        seen.add((ends[0], ends[1]))
        point = ground.roads.nodes[ends].mean(axis=0)
        name = ground.names.root("underpass") + "지하차도"
        details: dict[str, object] = {"length_m": round(lines.length(ground.roads.lines[link]))}
        key = f"UNDERPASS-{len(found) + 1:03}"
        found.append(_place(ground, key, "underpass", name, point, details=details))
    return found


def _school_zones(ground: Ground, found: list[Place]) -> list[Place]:
    """300 metres around every elementary school and every third kindergarten."""
    zones = []
    for number, school in enumerate(filter(_has_zone, found), 1):
        point = shapely.Point(school.x, school.y)
        area = point.buffer(SCHOOL_ZONE, quad_segs=12).intersection(ground.outline.border)
        name = f"{school.name} 어린이보호구역"
        details = {"school": school.key, "radius_m": SCHOOL_ZONE, "speed_kmh": 30}
        zones.append(
            Place(
                f"ZONE-{number:04}",
                "child-zone",
                name,
                school.x,
                school.y,
                school.address,
                area,
                details,
            )
        )
    return zones


def _has_zone(place: Place) -> bool:
    third = place.kind == "kindergarten" and int(place.key[-4:]) % 3 == 0
    return third or place.details.get("level") == "elementary"
