"""A city's class tables, surfaces and plans, from files to what each dong has."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import UUID

import numpy as np
import pytest
import shapely
from click.testing import CliRunner
from django.db import IntegrityError, connection, transaction

from fixtures.database import TestDatabase
from madang.ground.city.models import City, District
from madang.ground.city.public import Record, Source, make_city, to_degrees, write
from madang.ground.trail.models import Entry
from madang.ground.trail.public import Actor
from madang.systems.climate import rasters
from madang.systems.climate.commands import climate as command
from madang.systems.climate.domain import scenarios, surfaces, tables
from madang.systems.climate.domain.premises import Premises
from madang.systems.climate.engine.grid import Grid
from madang.systems.climate.engine.refusal import Refusal
from madang.systems.climate.engine.tables import NAMES, POOLS
from madang.systems.climate.models import ClassRow, Edit, Layer, Scenario, Surface
from madang.systems.climate.queries import by_district
from madang.systems.climate.sentences import said

ACTOR = Actor(name="test")
GRID = Grid(40, 60, 10.0, 200_000.0, 520_000.0, 5186)
MADE = Source("climate-land", {"ko": "토지피복"}, "a test", simulated=True)
CLIMATE = Premises(28.0, 3.0, mixing=50.0, park_cooling=40.0)
SQUARE = [[(200_100, 519_900), (200_200, 519_900), (200_200, 519_800), (200_100, 519_800)]]


def table(**changed: str) -> bytes:
    """Two classes: 1 is paved, 2 a wood; every pool of the wood holds 10 t C/ha."""
    lines = ["code,name,coefficient,value,source,as_of"]
    for code, share in ((1, 0.1), (2, 0.9)):
        for name in NAMES:
            value = (
                (code - 1) * 10 if name in POOLS else int(code == 2) if name == "green" else share
            )
            line = f"{code},class {code},{name},{value},a test,2026-01-01"
            lines.append(changed.get(f"{name}{code}", line))
    return "\n".join(lines).encode()


def put(folder: Path, values: np.ndarray, name: str = "layer.tif", grid: Grid = GRID) -> Path:
    import rasterio
    from rasterio.transform import from_origin

    path = folder / name
    with rasterio.open(
        path, "w", driver="GTiff", width=grid.columns, height=grid.rows, count=1,
        dtype=values.dtype, crs=f"EPSG:{grid.crs}", nodata=0,
        transform=from_origin(grid.west, grid.north, grid.cell, grid.cell),
    ) as target:  # fmt: skip
        target.write(values, 1)
    return path


def outlines(city: City) -> None:
    """Two dong side by side, each half of the grid."""
    records = []
    for key, west in (("4111100", 200_000), ("4111200", 200_300)):
        x, y = np.array([(west, 519_600), (west + 300, 519_600), (west + 300, 520_000),
                         (west, 520_000)]).T  # fmt: skip
        shape = shapely.Polygon(np.column_stack(to_degrees(x, y, city.crs)))
        values = {"level": "dong", "names": {"ko": f"{key}동"}, "parent_key": None}
        records.append(Record(District, key, values, shape))
    write(city, Source("outlines", {"ko": "경계"}), records, ACTOR)


@pytest.fixture
def city(db: None, tmp_path: Path) -> City:
    return planted(tmp_path)


def planted(folder: Path) -> City:
    here = make_city("yard", {"ko": "마당"}, ACTOR)
    outlines(here)
    here.refresh_from_db()
    tables.bring(here, "classes", table(), ACTOR)
    land = np.ones(GRID.shape, np.uint8)
    land[:, 30:] = 2
    land[:5, :5] = 0  # not known
    surfaces.bring(here, put(folder, land), Layer.LAND, MADE, ACTOR)
    return here


def test_each_dong_has_what_its_cells_have(city: City, tmp_path: Path) -> None:
    paved, wood = by_district(city, CLIMATE)
    assert (paved.cells, wood.cells) == (40 * 30 - 25, 40 * 30)
    assert paved.carbon == 0
    assert wood.pools == dict.fromkeys(POOLS, 120.0)
    assert wood.co2 == pytest.approx(480 * 44 / 12)
    assert wood.simulated
    assert paved.temperature is None  # no evapotranspiration yet: unknown, not 0
    water = np.full(GRID.shape, 5, np.float32)
    surfaces.bring(city, put(tmp_path, water, "eto.tif"), Layer.EVAPOTRANSPIRATION,
                   Source("climate-eto", {"ko": "증발산"}), ACTOR)  # fmt: skip
    paved, wood = by_district(city, CLIMATE)
    assert paved.temperature is not None
    assert wood.temperature is not None
    assert 28 < wood.temperature < paved.temperature < 31


def test_a_plan_changes_its_dong_and_undone_leaves_it_as_it_was(city: City) -> None:
    plan = scenarios.make(city, "숲", ACTOR)
    before = by_district(city, CLIMATE, scenario=plan)
    edit = scenarios.paint(plan.pk, 0, SQUARE, 2, ACTOR)
    plan.refresh_from_db()
    greened, wood = by_district(city, CLIMATE, scenario=plan)
    assert greened.carbon == pytest.approx(40.0)  # one hectare of wood
    assert wood == before[1]
    scenarios.undo(plan.pk, plan.version, edit.pk, ACTOR)
    assert by_district(city, CLIMATE, scenario=plan) == before
    acts = Entry.objects.filter(action="climate.scenario_edited")
    assert acts.count() == 2


def test_the_very_same_file_again_changes_nothing(city: City, tmp_path: Path) -> None:
    before = Surface.objects.get()
    again = surfaces.bring(city, tmp_path / "layer.tif", Layer.LAND, MADE, ACTOR)
    assert again == before


@pytest.mark.parametrize(
    ("code", "grid", "value"),
    [
        ("other-crs", Grid(40, 60, 10.0, 200_000.0, 520_000.0, 5179), 0.5),
        ("outside-city", Grid(40, 60, 10.0, 900_000.0, 520_000.0, 5186), 0.5),
        ("other-cell", Grid(40, 60, 9.0, 200_000.0, 520_000.0, 5186), 0.5),
        ("other-extent", Grid(40, 60, 10.0, 200_010.0, 520_000.0, 5186), 0.5),
        ("out-of-range", GRID, -2.0),
        ("not-finite", GRID, float("inf")),
    ],
)
def test_a_layer_that_does_not_fit_is_refused_and_nothing_is_kept(
    city: City, tmp_path: Path, code: str, grid: Grid, value: float
) -> None:
    path = put(tmp_path, np.full(grid.shape, value, np.float32), "albedo.tif", grid)
    with pytest.raises(Refusal) as refused:
        surfaces.bring(city, path, Layer.ALBEDO, Source("climate-albedo", {}), ACTOR)
    assert refused.value.code == code
    assert "albedo.tif" in said(refused.value)
    assert "—" not in said(refused.value)
    assert not Surface.objects.filter(layer=Layer.ALBEDO).exists()


@pytest.mark.parametrize(
    ("code", "line"),
    [
        ("no-source", "2,wood,kc,0.9, ,2026-01-01"),
        ("table-cell", "2,wood,kc,much,a test,2026-01-01"),
        ("table-cell", "2,wood,kc,0.9,a test,spring"),
        ("coefficient-out-of-range", "2,wood,kc,-1,a test,2026-01-01"),
        ("unknown-coefficient", "2,wood,magic,1,a test,2026-01-01"),
    ],
)
def test_a_table_with_a_wrong_line_is_refused_whole(city: City, code: str, line: str) -> None:
    before = ClassRow.objects.count()
    with pytest.raises(Refusal) as refused:
        tables.bring(city, "again", table(kc2=line), ACTOR)
    assert refused.value.code == code
    assert "—" not in said(refused.value)
    assert ClassRow.objects.count() == before


def test_the_database_itself_refuses_a_coefficient_without_a_source(city: City) -> None:
    row = ClassRow.objects.first()
    assert row is not None
    row.source = "  "
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save()


@pytest.mark.parametrize(
    ("code", "rings"),
    [
        ("crossing", [[(200_100, 519_900), (200_200, 519_800), (200_200, 519_900),
                       (200_100, 519_800)]]),
        ("outside-grid", [[(0, 0), (9, 0), (9, 9)]]),
        ("no-polygon", [[(200_100, 519_900), (200_200, 519_900)]]),
        ("no-cell-inside", [[(200_101, 519_899), (200_102, 519_899), (200_102, 519_898)]]),
    ],
)  # fmt: skip
def test_a_polygon_that_cannot_be_is_refused_and_the_plan_stays(
    city: City, code: str, rings: list[list[tuple[float, float]]]
) -> None:
    plan = scenarios.make(city, "숲", ACTOR)
    with pytest.raises(Refusal) as refused:
        scenarios.paint(plan.pk, 0, rings, 2, ACTOR)
    assert refused.value.code == code
    plan.refresh_from_db()
    assert plan.version == 0
    assert not Edit.objects.exists()


def test_two_people_draw_at_once_and_no_edit_is_lost(
    django_database: TestDatabase, tmp_path: Path
) -> None:
    """Of eight that saw the same version one is taken; the others are told, look again, and are."""
    plan = scenarios.make(planted(tmp_path), "함께", ACTOR)

    def draw(number: int) -> bool:
        """Once each time that somebody else was faster, which is seven times at most."""
        try:
            seen = (Scenario.objects.get(pk=plan.pk).version for _ in range(8))
            return any(_painted(plan.pk, version, number) for version in seen)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(draw, range(8)))
    plan.refresh_from_db()
    assert plan.version == 8
    drawn = Edit.objects.filter(scenario=plan).order_by("number")
    assert [edit.number for edit in drawn] == list(range(1, 9))
    assert {edit.account_name for edit in drawn} == {f"person {n}" for n in range(8)}


def _painted(plan: UUID, seen: int, number: int) -> bool:
    try:
        scenarios.paint(plan, seen, SQUARE, 2, Actor(name=f"person {number}"))
    except Refusal as refusal:
        if refusal.code != "moved-on":
            raise
        return False
    return True


def test_the_command_tells_each_dong_or_what_is_wrong(city: City, tmp_path: Path) -> None:
    given = ["indicators", "--city", "yard", "--reference", "28", "--urban-heat", "3"]
    found = CliRunner().invoke(command, given)
    assert found.exit_code == 0, found.output
    assert "4111200,4111200동,1200,12.0000" in found.output
    words = tmp_path / "words.tif"
    words.write_text("not a raster")
    refused = CliRunner().invoke(
        command, ["surface", str(words), "--city", "yard", "--layer", "shade", "--source", "x"]
    )
    assert refused.exit_code == 1
    assert "words.tif" in refused.output
    assert rasters.read(tmp_path / "layer.tif").grid == GRID
