"""Plans that come as files (GeoJSON, GeoPackage, zipped shapefile): read, shown, drawn whole or not at all.

A feature is a thing to do: its geometry says where, its columns what (COLUMNS). One that cannot be is
told with its number and why, and then nothing of the file is drawn until that is put right.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
import shapely
from django.db import transaction
from django.utils import timezone

from madang.ground.city.models import City
from madang.ground.city.projection import reproject
from madang.ground.city.reading.crs import decide
from madang.ground.city.reading.files import look_into
from madang.ground.city.reading.sheets import Sheet, SourceRow
from madang.ground.city.reasons import Because, storable
from madang.ground.trail.public import Actor
from madang.systems.climate.domain import catalogue, measures, scenarios
from madang.systems.climate.domain.scenarios import Drawn
from madang.systems.climate.engine.refusal import Refusal
from madang.systems.climate.models import ClassRow, Edit, Kind, PlanFile, Scenario

MOST_FEATURES = 20_000
MOST_POINTS = 300_000
KEPT = timedelta(days=14)
TILE = 500.0  # metres: trees given as points are drawn together within such a square
Square = tuple[str, tuple[tuple[str, Any], ...], int, int]  # trees alike within a tile: row, column

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "kind": ("kind", "종류", "사업유형", "구분"),
    "species": ("species", "수목명", "수종", "수종명"),
    "spacing": ("spacing", "식재간격", "간격"),
    "dbh": ("dbh", "흉고직경"),
    "yearly": ("yearly", "연생장"),
    "crown": ("crown", "수관폭"),
    "roof": ("roof", "녹화유형"),
    "share": ("share", "비율", "녹화율"),
    "code": ("code", "분류코드", "L3_CODE"),
    "unit_cost": ("unit_cost", "단가"),
}
KINDS: Mapping[str, tuple[str, ...]] = {
    Kind.TREES: ("trees", "가로수", "수목", "식재"),
    Kind.ROOF: ("roof", "옥상녹화"),
    Kind.COOL: ("cool", "쿨루프", "차열"),
    Kind.LAND: ("land", "토지피복", "공원", "녹지", "포장"),
}
ROOFS: Mapping[str, tuple[str, ...]] = {
    "light": ("경량", "경량형"), "mixed": ("혼합", "혼합형"), "heavy": ("중량", "중량형"),
}  # fmt: skip
SPECIES: Mapping[str, tuple[str, ...]] = {
    "zelkova": ("느티나무",), "ginkgo": ("은행나무",), "cherry": ("왕벚나무", "벚나무"),
    "fringe": ("이팝나무",), "plane": ("양버즘나무", "버즘나무", "플라타너스"),
    "maple": ("단풍나무",), "metasequoia": ("메타세쿼이아", "메타세콰이아"), "pine": ("소나무",),
}  # fmt: skip
OF_KIND: Mapping[str, tuple[str, ...]] = {
    Kind.TREES: ("species", "spacing", "dbh", "yearly", "crown", "unit_cost"),
    Kind.ROOF: ("roof", "share", "unit_cost"),
    Kind.COOL: ("share", "unit_cost"),
    Kind.LAND: ("unit_cost",),
}


@dataclass
class Contents:
    """What a file holds: things to draw, and features that cannot be with (number, code, words)."""

    drawn: list[Drawn] = field(default_factory=list)
    of: list[str] = field(default_factory=list)  # the feature's number of each of drawn
    rejected: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    features: int = 0


def bring(plan: Scenario, path: Path, name: str, crs: str, actor: Actor) -> PlanFile:
    """Read a file and keep what it would do; Refusal or the city's Refused where it cannot be read."""
    found = read(plan, path, name, crs)
    PlanFile.objects.filter(city=plan.city, brought__lt=timezone.now() - KEPT).delete()
    drawn = [
        {"kind": each.kind, "rings": [list(map(list, ring)) for ring in each.rings],
         "code": each.code, "what": dict(each.what)}
        for each in found.drawn
    ]  # fmt: skip
    return PlanFile.objects.create(
        city=plan.city, scenario=plan, name=name[:200], drawn=drawn, rejected=found.rejected,
        digest=hashlib.sha256(path.read_bytes()).hexdigest(), features=found.features,
        account=actor.account,
    )  # fmt: skip


@transaction.atomic
def apply(file: UUID, plan: UUID, seen: int, actor: Actor) -> list[Edit]:
    """Draw all that the file holds, or nothing; seen is the version that was looked at."""
    row = PlanFile.objects.select_for_update().filter(pk=file, scenario=plan).first()
    if row is None:
        raise Refusal("no-file")
    if row.rejected:
        raise Refusal("file-has-faults", count=len(row.rejected))
    edits = scenarios.draw(plan, seen, things(row), actor)
    row.delete()
    return edits


def things(row: PlanFile) -> list[Drawn]:
    return [Drawn(one["kind"], one["rings"], one["code"], one["what"]) for one in row.drawn]


def read(plan: Scenario, path: Path, name: str, crs: str = "") -> Contents:
    """Everything in a file, judged as if it were drawn on the plan."""
    names = {
        title: code
        for code, title in ClassRow.objects.filter(table=plan.table_id).values_list("code", "name")
    }
    found = Contents()
    points: dict[Square, list[list[tuple[float, float]]]] = {}
    with look_into([path], name) as files:
        maps = [sheet for each in files for sheet in each.sheets if sheet.kind == "map"]
        for sheet in maps:
            layer = f"{sheet.name} " if len(maps) > 1 else ""
            for row in _rows(sheet, plan.city, crs, found):
                _take(row, layer, names, found, points)
        if not maps:
            raise next((each.refused for each in files if each.refused), Refusal("no-map"))
    for (kind, what, _row, _column), lines in points.items():
        found.drawn.append(Drawn(kind, lines, None, dict(what)))
        found.of.append("–")
    _judge(plan, found)
    return found


def _rows(sheet: Sheet, city: City, crs: str, found: Contents) -> Iterator[SourceRow]:
    """The features in metres of the city."""
    rows = list(islice(sheet.rows(), MOST_FEATURES + 1))
    if len(rows) > MOST_FEATURES:
        raise Refusal("too-many-edits", count=f"{MOST_FEATURES}+", limit=MOST_FEATURES)
    shaped = [row for row in rows if row.problem is None and row.geometry is not None]
    shapes = shapely.force_2d(np.array([row.geometry for row in shaped], dtype=object))
    count = int(shapely.get_num_coordinates(shapes).sum()) if len(shapes) else 0
    if count > MOST_POINTS:
        raise Refusal("too-many-points", count=count, limit=MOST_POINTS)
    system, _notes = decide(sheet.crs, crs or None, shapely.get_coordinates(shapes)[:1_000], city)
    if len(shapes):
        for row, shape in zip(shaped, reproject(shapes, system, city.crs), strict=True):
            row.geometry = shape
    found.features += len(rows)
    yield from rows


def _take(
    row: SourceRow,
    layer: str,
    names: Mapping[str, int],
    found: Contents,
    points: dict[Square, list[list[tuple[float, float]]]],
) -> None:
    number = f"{layer}{row.number}"
    try:
        if row.problem is not None:
            raise row.problem
        words = _words(row.values)
        kind = _kind(words, row.geometry)
        what = _what(kind, words)
        code = _code(words, names) if kind == Kind.LAND else None
        if kind == Kind.TREES and _is_points(row.geometry):
            measures.read(kind, what)
            at = shapely.get_coordinates(row.geometry)
            if not np.isfinite(at).all():
                raise Refusal("no-line")
            for x, y in at.tolist():
                key = (kind, tuple(what.items()), math.floor(y / TILE), math.floor(x / TILE))
                points.setdefault(key, []).append([(x, y), (x, y)])
            return
        for rings in _rings(kind, row.geometry):
            found.drawn.append(Drawn(kind, rings, code, what))
            found.of.append(number)
    except Refusal as refusal:
        _reject(found, number, refusal.code, refusal.words)
    except Because as reason:
        _reject(found, number, reason.code, reason.figures)


def _reject(found: Contents, number: str, code: str, words: Mapping[str, object]) -> None:
    kept = {name: storable(str(value)) for name, value in words.items()}
    found.rejected.append((number, code, kept))


def _judge(plan: Scenario, found: Contents) -> None:
    """What could not be drawn is rejected with the number of its feature."""
    kept = []
    for number, drawn in zip(found.of, found.drawn, strict=True):
        try:
            scenarios.checked(plan, drawn)
        except Refusal as refusal:
            _reject(found, number, refusal.code, refusal.words)
        else:
            kept.append(drawn)
    found.drawn = kept
    if len(kept) > scenarios.MOST_AT_ONCE:
        raise Refusal("too-many-edits", count=len(kept), limit=scenarios.MOST_AT_ONCE)


def _words(values: Mapping[str, Any]) -> dict[str, str]:
    """The columns that mean something here, by our names; empty cells are left out."""
    given = {str(name).strip().lower(): value for name, value in values.items()}
    found: dict[str, str] = {}
    for name, titles in COLUMNS.items():
        for title in titles:
            value = given.get(title.lower())
            empty = value is None or (isinstance(value, float) and math.isnan(value))
            if not empty and str(value).strip():
                found.setdefault(name, str(value).strip())
    return found


def _kind(words: Mapping[str, str], geometry: Any) -> str:
    """As the column says, else as the other columns do."""
    if "kind" in words:
        return _known(words["kind"], KINDS, "unknown-kind", "kind")
    if "species" in words or "Line" in geometry.geom_type:
        return Kind.TREES
    if "roof" in words:
        return Kind.ROOF
    if "code" in words:
        return Kind.LAND
    raise Refusal("no-kind", columns=", ".join(COLUMNS["kind"]), known=", ".join(KINDS))


def _what(kind: str, words: Mapping[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name in OF_KIND[kind]:
        if name not in words:
            continue
        if name == "species":
            found[name] = _known(words[name], _species(), "unknown-species", "species")
        elif name == "roof":
            found[name] = _known(words[name], ROOFS, "unknown-roof", "roof")
        else:
            found[name] = _number(name, words[name])
    if kind == Kind.TREES and "species" not in found:
        raise Refusal("no-species", columns=", ".join(COLUMNS["species"]))
    if kind == Kind.ROOF and "roof" not in found:
        raise Refusal("no-roof-type", columns=", ".join(COLUMNS["roof"]))
    return found


def _species() -> Mapping[str, tuple[str, ...]]:
    return {key: SPECIES.get(key, ()) for key in catalogue.SPECIES}


def _known(word: str, known: Mapping[str, tuple[str, ...]], code: str, name: str) -> str:
    for key, words in known.items():
        if word.lower() == key or word.replace(" ", "") in words:
            return str(key)
    raise Refusal(code, **{name: word[:60]}, known=", ".join(known))


def _number(name: str, word: str) -> float:
    try:
        value = float(word.replace(",", ""))
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise Refusal("no-number", column=" / ".join(COLUMNS[name]), value=word[:60])
    return value


def _code(words: Mapping[str, str], names: Mapping[str, int]) -> int:
    """A class by its number or by its name in the plan's table."""
    word = words.get("code")
    if word is None:
        raise Refusal("no-class", columns=", ".join(COLUMNS["code"]))
    if word in names:
        return names[word]
    value = _number("code", word)
    if not value.is_integer():
        raise Refusal("no-number", column=" / ".join(COLUMNS["code"]), value=word[:60])
    return int(value)


def _is_points(geometry: Any) -> bool:
    return geometry is not None and geometry.geom_type in ("Point", "MultiPoint")


def _rings(kind: str, geometry: Any) -> Iterator[Sequence[Sequence[tuple[float, float]]]]:
    """Of each part what an edit is drawn with: lines, or a polygon's rings without their last point."""
    wanted = (
        ("LineString", "MultiLineString") if kind == Kind.TREES else ("Polygon", "MultiPolygon")
    )
    if geometry is None or geometry.is_empty or geometry.geom_type not in wanted:
        found = "–" if geometry is None else geometry.geom_type
        raise Refusal("other-geometry", found=found, expected=" / ".join(wanted), kind=kind)
    parts = shapely.get_parts(geometry).tolist()
    if kind == Kind.TREES:
        yield [shapely.get_coordinates(part).tolist() for part in parts]
        return
    for part in parts:
        yield [shapely.get_coordinates(ring)[:-1].tolist() for ring in shapely.get_rings(part)]
