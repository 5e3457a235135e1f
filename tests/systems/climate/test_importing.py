"""Surfaces, parcels and trees from files, known by what is in them; what is wrong is said with its place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pytest
import rasterio
import shapely
from rasterio.transform import from_origin

from fixtures import surfaces as small
from madang.ground.city.domain.imports import begin, bring
from madang.ground.city.domain.many import steps
from madang.ground.city.domain.undo import undo
from madang.ground.city.models import City, Import
from madang.ground.city.public import Refused
from madang.ground.city.reading.files import look_into
from madang.ground.city.reasons import say, say_note
from madang.systems.climate.domain import scenarios, surfaces
from madang.systems.climate.engine.grid import Grid
from madang.systems.climate.models import Layer, Parcel, Roof, Surface, Tree

pytestmark = pytest.mark.one_server

GRID = small.GRID
WEST, NORTH = GRID.west, GRID.north


@pytest.fixture
def city(db: None, tmp_path: Path) -> City:
    return small.city(tmp_path)


def imported(city: City, path: Path) -> Import:
    """What came of the only sheet of path."""
    with look_into([path]) as found:
        [step] = steps(found)
        if step.sheet is None or step.refused:
            raise step.refused or AssertionError("no sheet")
        return bring(begin(city, step.sheet, small.ACTOR), step.sheet, small.ACTOR)


def raster(path: Path, values: np.ndarray, grid: Grid = GRID, **words: Any) -> Path:
    tags = words.pop("tags", {})
    form = {"crs": f"EPSG:{grid.crs}", "nodata": None, **words}
    with rasterio.open(
        path, "w", driver="GTiff", width=grid.columns, height=grid.rows, count=(values.ndim == 3 and 2)
        or 1, dtype=values.dtype,
        transform=from_origin(grid.west, grid.north, grid.cell, grid.cell), **form,
    ) as target:  # fmt: skip
        target.write(values if values.ndim == 3 else values[None])
        target.update_tags(**tags)
        if values.ndim == 3:
            target.descriptions = ("red", "nir")
    return path


def outlines(path: Path, shapes: list[Any], crs: str | None = "EPSG:5186", **columns: Any) -> Path:
    pyogrio.raw.write(
        path, shapely.to_wkb(np.array(shapes, object)),
        [np.array(values) for values in columns.values()], list(columns),
        geometry_type="Polygon", crs=crs,
    )  # fmt: skip
    return path


def square(column: int, row: int, side: int) -> shapely.Polygon:
    """Cells of GRID from a column and a row on."""
    x, y = WEST + column * GRID.cell, NORTH - row * GRID.cell
    return shapely.box(x, y - side * GRID.cell, x + side * GRID.cell, y)


def refusal(brought: Import) -> str:
    assert brought.state == Import.State.REFUSED
    assert brought.problem is not None
    sentence = say_note(brought.problem)
    assert "%(" not in sentence
    return sentence


def test_a_raster_is_known_by_a_word_in_it_taken_and_undone(city: City, tmp_path: Path) -> None:
    path = raster(
        tmp_path / "a.bin", np.full(GRID.shape, 0.2, np.float32), tags={"LAYER": "알베도"}
    )
    brought = imported(city, path)
    assert (brought.state, brought.new, brought.recogniser) == (
        "applied", 1, "climate-albedo-raster")  # fmt: skip
    kept = surfaces.unpack(surfaces.newest(city, Layer.ALBEDO))
    assert kept.grid == GRID
    assert kept.values[3, 4] == np.float32(0.2)
    again = imported(city, path)
    assert (again.new, again.same) == (0, 1)
    undo(brought, small.ACTOR)
    assert not Surface.objects.filter(city=city, layer=Layer.ALBEDO).exists()


def test_a_raster_of_a_province_is_cut_to_the_city_and_never_read_whole(
    city: City, tmp_path: Path
) -> None:
    """65,536 cells a side of one byte are 4 GB; the file is sparse, and only the city's part is read."""
    side = 65_536
    path = tmp_path / "province.tif"
    wide = from_origin(WEST - 50_000, NORTH + 50_000, 5, 5)
    with rasterio.open(
        path, "w", driver="GTiff", width=side, height=side, count=1, dtype="uint8", crs="EPSG:5186",
        transform=wide, nodata=255, tiled=True, blockxsize=256, blockysize=256, SPARSE_OK=True,
        BIGTIFF="YES",
    ) as target:  # fmt: skip
        target.update_tags(LAYER="shade")
        cells = np.zeros(GRID.shape, np.uint8)
        cells[:, :7] = 1
        target.write(cells, 1, window=rasterio.windows.Window(10_000, 10_000, *GRID.shape[::-1]))
    brought = imported(city, path)
    assert brought.state == "applied", brought.problem
    kept = surfaces.unpack(surfaces.newest(city, Layer.SHADE))
    assert kept.grid == GRID
    assert kept.values[:, :7].all()
    assert not kept.values[:, 7:].any()


@pytest.mark.parametrize(
    ("words", "grid", "value", "said"),
    [
        ({"tags": {"LAYER": "albedo"}}, Grid(80, 120, 5.0, WEST, NORTH, 5179), 0.5, "EPSG:5186"),
        ({"tags": {"LAYER": "albedo"}}, Grid(80, 120, 4.0, WEST, NORTH, 5186), 0.5, "5.0"),
        ({"tags": {"LAYER": "albedo"}}, Grid(70, 120, 5.0, WEST, NORTH, 5186), 0.5, "70 x 120"),
        ({"tags": {"LAYER": "albedo"}}, Grid(80, 120, 5.0, WEST + 2, NORTH, 5186), 0.5, "200002"),
        ({"tags": {"LAYER": "albedo"}, "crs": None}, GRID, 0.5, "gdal_edit.py -a_srs"),
        ({"tags": {"LAYER": "height"}}, GRID, -4.0, "-4"),
        ({"tags": {"LAYER": "albedo"}}, GRID, np.inf, "albedo"),
        ({"tags": {"LAYER": "albedo"}}, GRID, np.nan, "albedo"),
        ({"tags": {"LAYER": "albedo"}, "nodata": 0.5}, GRID, 0.5, "no-data"),
        ({}, GRID, 0.5, "LAYER=albedo"),
    ],
)
def test_a_raster_that_does_not_fit_is_refused_whole(
    city: City, tmp_path: Path, words: dict[str, Any], grid: Grid, value: float, said: str
) -> None:
    before = Surface.objects.count()
    path = raster(tmp_path / "albedo.tif", np.full(grid.shape, value, np.float32), grid, **words)
    from django.utils import translation

    with translation.override("en"):
        assert said in refusal(imported(city, path))
    assert Surface.objects.count() == before


def test_some_cells_that_are_no_number_are_noted_as_unknown(city: City, tmp_path: Path) -> None:
    cells = np.full(GRID.shape, 0.2, np.float32)
    cells[:2, :3] = np.nan
    brought = imported(city, raster(tmp_path / "a.tif", cells, tags={"LAYER": "albedo"}))
    assert {"code": "climate-not-a-number-cells", "count": 6} in brought.notes
    assert surfaces.newest(city, Layer.ALBEDO).known == GRID.rows * GRID.columns - 6


@pytest.mark.parametrize("cut", [10, 4_000])
def test_a_raster_that_breaks_off_is_refused(city: City, tmp_path: Path, cut: int) -> None:
    random = np.random.default_rng(1).random(GRID.shape).astype(np.float32)
    path = raster(tmp_path / "a.tif", random, tags={"LAYER": "albedo"})
    path.write_bytes(path.read_bytes()[:cut])
    with look_into([path]) as found:
        [step] = steps(found)
    if step.sheet is None:
        assert step.refused is not None
        assert step.refused.code == "broken"
    else:
        refusal(imported(city, path))
    assert not Surface.objects.filter(layer=Layer.ALBEDO).exists()


def test_classes_without_coefficients_are_named(city: City, tmp_path: Path) -> None:
    codes = np.full(GRID.shape, 111, np.uint16)
    codes[:10] = 311
    brought = imported(city, raster(tmp_path / "a.tif", codes))
    assert brought.recogniser == "climate-land-raster"
    assert "111" in refusal(brought)


def test_an_image_gives_red_and_infrared(city: City, tmp_path: Path) -> None:
    image = np.stack([np.full(GRID.shape, 30, np.uint8), np.full(GRID.shape, 90, np.uint8)])
    brought = imported(city, raster(tmp_path / "a.tif", image))
    assert (brought.state, brought.new) == ("applied", 2)
    assert surfaces.unpack(surfaces.newest(city, Layer.INFRARED)).values[0, 0] == 90


def test_buildings_become_heights_and_roofs(city: City, tmp_path: Path) -> None:
    path = outlines(
        tmp_path / "b.gpkg", [square(10, 10, 4), square(30, 10, 2), square(50, 10, 2)],
        높이=[12.5, 0.0, -3.0], 지상층수=[4, 3, 1], 지붕코드명=["(철근)콘크리트", "기와", ""],
    )  # fmt: skip
    brought = imported(city, path)
    assert brought.state == "applied", brought.problem
    heights = surfaces.unpack(surfaces.newest(city, Layer.HEIGHT))
    assert heights.values[11, 11] == 12.5
    assert heights.values[10, 30] == 9.0
    assert heights.values[0, 0] == 0
    roofs = surfaces.unpack(surfaces.newest(city, Layer.ROOF)).values
    assert (roofs[11, 11], roofs[11, 31]) == (Roof.CONCRETE, Roof.TILE)
    [wrong] = brought.rejections.all()
    assert (wrong.number, wrong.reason) == (3, "climate-bad-height")
    assert "-3" in say(wrong.reason, wrong.figures)


def test_a_land_cover_map_is_painted_and_a_crossing_outline_kept_apart(
    city: City, tmp_path: Path
) -> None:
    folder = tmp_path / "map"
    folder.mkdir()
    x, y = WEST + 100, NORTH - 100
    bow = shapely.Polygon([(x, y), (x + 60, y - 60), (x + 60, y), (x, y - 60)])
    path = outlines(folder / "land.shp", [square(0, 0, 80), bow], L3_CODE=["311", "xx"])
    city.refresh_from_db()
    from madang.systems.climate.domain.tables import bring as bring_table
    from madang.systems.climate.public import land_cover

    bring_table(city, "세분류", land_cover(), small.ACTOR)
    brought = imported(city, path)
    assert brought.state == "applied", brought.problem
    assert brought.rejected == 1
    land = surfaces.unpack(surfaces.newest(city, Layer.LAND))
    assert land.grid == GRID
    assert (land.values[:80, :80] == 311).all()
    assert land.mask.sum() == 80 * 80
    folder.joinpath("land.prj").unlink()  # its numbers fit the city in one system only
    again = imported(city, path)
    assert (again.state, again.same) == ("applied", 1)
    plan = scenarios.make(city, "숲", small.ACTOR)
    with pytest.raises(Refused):
        undo(brought, small.ACTOR)  # a plan stands on it
    assert plan.land.layer == Layer.LAND


def test_a_map_without_prj_that_lies_anywhere_is_refused(city: City, tmp_path: Path) -> None:
    folder = tmp_path / "map"
    folder.mkdir()
    path = outlines(
        folder / "x.shp", [shapely.box(5e6, 5e6, 5e6 + 9, 5e6 + 9)], None, L3_CODE=["311"]
    )
    before = Surface.objects.count()
    assert "--crs" in refusal(imported(city, path))
    assert Surface.objects.count() == before


def test_a_forest_map_says_which_woods_they_are(city: City, tmp_path: Path) -> None:
    from madang.systems.climate.domain.tables import bring as bring_table
    from madang.systems.climate.public import land_cover

    land = raster(tmp_path / "l.tif", np.where(np.arange(120) < 60, 111, 331) *
                  np.ones((80, 1), np.uint16))  # fmt: skip
    bring_table(city, "세분류", land_cover(), small.ACTOR)
    assert imported(city, land).state == "applied"
    path = outlines(tmp_path / "f.gpkg", [square(70, 0, 20)], FRTP_CD=["1"], AGCLS_CD=["3"])
    brought = imported(city, path)
    assert brought.state == "applied", brought.problem
    found = surfaces.unpack(surfaces.newest(city, Layer.LAND)).values
    assert (found[0, 0], found[0, 75], found[0, 100]) == (111, 321, 331)


def test_biotopes_and_parcels_are_taken(city: City, tmp_path: Path) -> None:
    grades = outlines(tmp_path / "g.gpkg", [square(0, 0, 9), square(9, 0, 9)],
                      비오톱유형평가등급=["I등급", "많음"])  # fmt: skip
    brought = imported(city, grades)
    assert (brought.state, brought.rejected) == ("applied", 1)
    assert surfaces.unpack(surfaces.newest(city, Layer.BIOTOPE)).values[0, 0] == 1
    pnu = "4111110100100010000"
    parcels = outlines(tmp_path / "p.gpkg", [square(0, 0, 9), square(9, 0, 9)],
                       PNU=[pnu, "12"], JIBUN=["1 대", "2 대"])  # fmt: skip
    brought = imported(city, parcels)
    assert (brought.state, brought.new, brought.rejected) == ("applied", 1, 1)
    kept = Parcel.objects.get(city=city)
    assert (kept.key, round(kept.area_m2)) == (pnu, 45 * 45)
    undo(brought, small.ACTOR)
    assert not Parcel.objects.exists()


@pytest.mark.parametrize("encoding", ["utf-8", "cp949"])
def test_trees_come_in_public_columns_and_unknown_kinds_are_kept_apart(
    city: City, tmp_path: Path, encoding: str
) -> None:
    lon, lat = small.to_degrees([WEST + 100], [NORTH - 100], city.crs)
    spot = f"{lat[0]:.6f},{lon[0]:.6f}"
    rows = [
        f"은행나무,24.5,{spot}",
        f"느티 나무,31,{spot}",
        f"용나무,20,{spot}",
        f"소나무,900,{spot}",
    ]
    path = tmp_path / "대장.txt"
    path.write_bytes("\r\n".join(["수목명,흉고직경,위도,경도", *rows]).encode(encoding))
    brought = imported(city, path)
    assert (brought.state, brought.new, brought.rejected) == ("applied", 2, 2)
    assert {tree.species for tree in Tree.objects.filter(city=city)} == {"은행나무", "느티나무"}
    unknown, trunk = brought.rejections.order_by("number")
    assert (unknown.reason, trunk.reason) == ("climate-unknown-tree", "climate-bad-trunk")
    assert "용나무" in say(unknown.reason, unknown.figures)
    undo(brought, small.ACTOR)
    assert not Tree.objects.exists()
