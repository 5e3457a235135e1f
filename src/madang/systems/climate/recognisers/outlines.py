"""Outlines into surfaces: land cover maps, forest maps, biotope maps and buildings, painted as cells.

Outlines are painted as they are read, a batch at a time; what is held is the surface, not the file.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely
from django.utils.translation import gettext_lazy as _
from numpy.typing import NDArray

from madang.ground.city.models import City
from madang.ground.city.projection import reproject
from madang.ground.city.public import (
    Column,
    Reading,
    Recogniser,
    Record,
    Refused,
    Rejected,
    Row,
    Sheet,
    Source,
)
from madang.systems.climate import rasters
from madang.systems.climate.domain import surfaces
from madang.systems.climate.engine.grid import Flags, Grid
from madang.systems.climate.engine.painting import paint
from madang.systems.climate.engine.refusal import Refusal
from madang.systems.climate.models import Layer, Roof
from madang.systems.climate.recognisers.rasters import NAMES, box_of, refuse_unknown
from madang.systems.climate.recognisers.words import PREFIX, as_reasons

CELL = 5.0  # metres, where nothing says otherwise
BATCH = 2_000
STOREY = 3.0  # metres
AREAS = (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON)
FOREST: Mapping[str, int] = {
    "1": 321, "침엽수림": 321, "2": 311, "활엽수림": 311, "3": 331, "혼효림": 331, "4": 311,
    "죽림": 311,
}  # fmt: skip
ROOFS: Mapping[str, int] = {
    "10": Roof.CONCRETE, "(철근)콘크리트": Roof.CONCRETE, "철근콘크리트": Roof.CONCRETE,
    "콘크리트": Roof.CONCRETE, "평지붕": Roof.CONCRETE, "20": Roof.TILE, "기와": Roof.TILE,
    "30": Roof.SLATE, "슬레이트": Roof.SLATE, "옥상녹화": Roof.PLANTED, "90": Roof.OTHER,
    "기타지붕": Roof.OTHER,
}  # fmt: skip


GRADES = {
    word: grade
    for grade, words in enumerate(("Ⅰ I 1 1.0", "Ⅱ II 2 2.0", "Ⅲ III 3 3.0", "Ⅳ IV 4 4.0", "Ⅴ V 5 5.0"), 1)
    for word in words.split()
}  # fmt: skip


@dataclass
class Canvas:
    """Cells that outlines are painted on, and the outlines that wait for it."""

    city: City
    grid: Grid
    values: NDArray[Any]
    touched: NDArray[np.uint8]
    shapes: list[Any] = field(default_factory=list)
    numbers: list[float] = field(default_factory=list)
    outside: int = 0

    def add(self, shape: Any, number: float) -> None:
        self.shapes.append(shape)
        self.numbers.append(number)
        if len(self.shapes) >= BATCH:
            self.paint()

    def paint(self) -> None:
        if not self.shapes:
            return
        drawn = reproject(np.array(self.shapes, object), "EPSG:4326", self.city.crs)
        west, south, east, north = shapely.bounds(drawn).T
        grid = self.grid
        right, bottom = grid.west + grid.columns * grid.cell, grid.north - grid.rows * grid.cell
        here = (east > grid.west) & (west < right) & (north > bottom) & (south < grid.north)
        self.outside += int((~here).sum())
        paint(grid, drawn[here], np.array(self.numbers)[here], self.values)
        paint(grid, drawn[here], np.ones(int(here.sum())), self.touched)
        self.shapes.clear()
        self.numbers.clear()

    @property
    def known(self) -> Flags:
        return self.touched > 0


@dataclass(frozen=True)
class Painted(Recogniser):
    """Outlines of which each has a number; together they are one surface of layer."""

    layer: Layer = Layer.LAND
    nothing: float = -9999.0

    def begin(self, reading: Reading) -> None:
        with as_reasons():
            grid = self.grid(reading.city)
        kind = np.uint16 if self.layer == Layer.LAND else np.float32
        reading.kept["canvas"] = Canvas(
            reading.city, grid, np.zeros(grid.shape, kind), np.zeros(grid.shape, np.uint8)
        )

    def grid(self, city: City) -> Grid:
        return surfaces.grid(surfaces.newest(city, Layer.LAND))

    @abstractmethod
    def number(self, row: Row) -> float | None:
        """What the cells of a row hold; None where the row says nothing of them."""

    def records(self, row: Row) -> Iterable[Record]:
        if row.geometry is None:
            raise Rejected("no-shape")
        if shapely.get_type_id(row.geometry) not in AREAS:
            raise Rejected("wrong-shape", found=row.geometry.geom_type, expected="Polygon")
        number = self.number(row)
        row.day("day")
        if number is not None:
            row.reading.kept["canvas"].add(row.geometry, number)
        return ()

    def finish(self, reading: Reading) -> Iterator[Record]:
        canvas: Canvas = reading.kept["canvas"]
        canvas.paint()
        if canvas.outside:
            reading.notice(f"{PREFIX}outside-surface", count=canvas.outside)
        if not canvas.known.any():
            raise Refused(f"{PREFIX}no-outlines-here", extent=canvas.grid.described())
        with as_reasons():
            yield from self.surfaces(reading, canvas)

    def surfaces(self, reading: Reading, canvas: Canvas) -> Iterator[Record]:
        yield self.kept(reading.city, canvas, canvas.known)

    def kept(self, city: City, canvas: Canvas, known: Flags) -> Record:
        nothing = 0.0 if self.layer == Layer.LAND else self.nothing
        found = rasters.Layer(canvas.grid, canvas.values, known, nothing)
        surfaces.check(city, found, self.layer, str(self.title))
        if self.layer == Layer.LAND:
            refuse_unknown(city, found)
        return surfaces.as_record(city, found, self.layer, rasters.pack(found))


@dataclass(frozen=True)
class LandCover(Painted):
    """토지피복지도 세분류. On the cells the city has already, or cells of 5 m over its box."""

    def grid(self, city: City) -> Grid:
        try:
            return super().grid(city)
        except Refusal:
            return over(city)

    def number(self, row: Row) -> float | None:
        code = row.needed("code")
        if not (code.isdigit() and len(code) == 3):
            raise Rejected(f"{PREFIX}bad-class", column=row.header("code"), value=code[:40])
        return float(code)


def over(city: City) -> Grid:
    """Cells of 5 m over the city's box; Refusal where the city has none."""
    box = box_of(city)
    if box is None:
        raise Refusal("no-box")
    west, north = np.floor(box[0] / CELL) * CELL, np.ceil(box[3] / CELL) * CELL
    rows, columns = np.ceil((north - box[1]) / CELL), np.ceil((box[2] - west) / CELL)
    epsg = int(city.crs.rpartition(":")[2])
    return Grid(int(rows), int(columns), CELL, float(west), float(north), epsg)


@dataclass(frozen=True)
class ForestMap(Painted):
    """임상도: which of the land cover's woods are of needles, of leaves, or of both."""

    def number(self, row: Row) -> float | None:
        word = row.needed("kind").removesuffix(".0")
        return float(FOREST[word]) if word in FOREST else None

    def surfaces(self, reading: Reading, canvas: Canvas) -> Iterator[Record]:
        land = surfaces.unpack(surfaces.newest(reading.city, Layer.LAND))
        told = canvas.known & land.mask
        canvas.values[~told] = np.asarray(land.values, np.uint16)[~told]
        yield self.kept(reading.city, canvas, land.mask)


@dataclass(frozen=True)
class Buildings(Painted):
    """건축물대장 on building outlines: heights, else storeys; and roofs where the file has them."""

    def fit(self, sheet: Sheet) -> int:
        found = self.columns(sheet)
        told = sum(name in found for name in ("height", "storeys"))
        return told + ("roof" in found) if sheet.kind == "map" and told else 0

    def begin(self, reading: Reading) -> None:
        super().begin(reading)
        canvas: Canvas = reading.kept["canvas"]
        cells = np.zeros(canvas.grid.shape, np.uint8)
        reading.kept["roofs"] = Canvas(reading.city, canvas.grid, cells, np.zeros_like(cells))

    def number(self, row: Row) -> float | None:
        height = row.number("height") or 0.0
        storeys = row.number("storeys") or 0.0
        if not (0 <= height <= 2_000 and 0 <= storeys <= 300):
            name = "height" if not 0 <= height <= 2_000 else "storeys"
            value = row.text(name)[:40]
            raise Rejected(f"{PREFIX}bad-height", column=row.header(name), value=value)
        if not height and not storeys:
            raise Rejected("missing", column=row.header("height"))
        if not height:
            row.reading.notice(f"{PREFIX}storeys")
        roof = ROOFS.get(row.text("roof").replace(" ", ""))
        if roof:
            row.reading.kept["roofs"].add(row.geometry, roof)
        return height or storeys * STOREY

    def surfaces(self, reading: Reading, canvas: Canvas) -> Iterator[Record]:
        land = surfaces.unpack(surfaces.newest(reading.city, Layer.LAND)).mask
        yield self.kept(reading.city, canvas, land)
        roofs: Canvas = reading.kept["roofs"]
        roofs.paint()
        if roofs.known.any():
            found = rasters.Layer(roofs.grid, roofs.values, land, 255)
            file = rasters.pack(found)
            yield surfaces.as_record(reading.city, found, Layer.ROOF, file)


@dataclass(frozen=True)
class BiotopeMap(Painted):
    """도시생태현황지도: how much each biotope is worth, from I (best) to V."""

    def number(self, row: Row) -> float | None:
        word = row.needed("grade").upper().replace("등급", "").strip()
        if word in GRADES:
            return float(GRADES[word])
        if word in ("-", "0", "평가제외", "등급외"):
            return None
        raise Rejected("unknown-word", column=row.header("grade"), value=word[:40])


DAY = Column("day", ("기준일자", "데이터기준일자", "갱신일자"))


def _published(key: str, names: tuple[str, str, str], publisher: str) -> Source:
    words = dict(zip(("ko", "en", "ja"), names, strict=True))
    return Source(key, words, source=publisher, attribution=publisher)


LAND = LandCover(
    key="climate-land-map",
    title=_("Land cover map (finest classes)"),
    source=_published("climate-land", NAMES[Layer.LAND], "환경부 토지피복지도 세분류"),
    needs=(Column("code", ("L3_CODE", "세분류코드", "분류코드", "피복코드")),),
    may=(DAY,),
    kind="map",
    order=30,
    within=False,
)
FORESTS = ForestMap(
    key="climate-forest-map",
    title=_("Forest map"),
    source=_published("climate-forest", ("임상도", "Forest map", "林相図"), "산림청 임상도"),
    needs=(
        Column("kind", ("FRTP_CD", "FRTP_NM", "임상코드", "임상")),
        Column("age", ("AGCLS_CD", "AGCLS_NM", "영급코드", "영급")),
    ),
    may=(DAY,),
    kind="map",
    order=31,
    within=False,
)
BUILDINGS = Buildings(
    key="climate-buildings",
    title=_("Buildings with heights or storeys"),
    source=_published("climate-height", NAMES[Layer.HEIGHT], "건축물대장"),
    needs=(),
    may=(
        Column("height", ("높이(m)", "높이", "HEIGHT", "BLDG_HGT", "A16")),
        Column("storeys", ("지상층수", "GRO_FLO_CO", "GRND_FLR", "A26")),
        Column("roof", ("지붕코드", "지붕코드명", "지붕", "ROOF_CD")),
        DAY,
    ),
    kind="map",
    order=32,
    within=False,
    layer=Layer.HEIGHT,
)
BIOTOPES = BiotopeMap(
    key="climate-biotope-map",
    title=_("Biotope map"),
    source=_published(
        "climate-biotope", ("도시생태현황지도", "Biotope map", "都市生態現況図"), "도시생태현황지도"
    ),
    needs=(
        Column(
            "grade",
            (
                "비오톱유형평가등급",
                "비오톱유형등급",
                "유형평가등급",
                "유형평가",
                "개별비오톱평가등급",
            ),
        ),
    ),
    may=(DAY,),
    kind="map",
    order=32,
    within=False,
    layer=Layer.BIOTOPE,
)
ALL: tuple[Recogniser, ...] = (LAND, FORESTS, BUILDINGS, BIOTOPES)
