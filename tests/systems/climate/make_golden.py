"""Make the golden outputs of `golden/` with the real InVEST 3.20.2, in an environment of its own:

    apt-get install libgdal-dev
    python3 -m venv invest && . invest/bin/activate
    pip install 'setuptools>=77,<81' wheel cython==3.1.4 'numpy<2.3' setuptools_scm babel
    pip install --no-build-isolation gdal==3.6.2
    pip install --no-build-isolation pygeoprocessing==2.4.11
    pip install --no-build-isolation natcap.invest==3.20.2
    python make_golden.py golden

Inputs are kept beside outputs, so that the tests depend on no random generator's history.
"""

from __future__ import annotations

import csv
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import natcap.invest.carbon
import natcap.invest.urban_cooling_model as cooling
import numpy as np
import pygeoprocessing
from osgeo import ogr, osr

NODATA = 255
CORNER = (200_000.0, 520_000.0)
# lucode, shade, kc, albedo, green_area, building_intensity, then four pools in t C/ha
CLASSES = (
    (1, 0.00, 0.35, 0.20, 0, 0.80, 0.0, 0.0, 20.0, 0.0),
    (2, 0.05, 0.40, 0.12, 0, 0.10, 0.0, 0.0, 18.0, 0.0),
    (3, 0.95, 1.00, 0.16, 1, 0.00, 71.5, 19.3, 64.0, 5.2),
    (4, 0.10, 0.85, 0.22, 1, 0.00, 2.1, 3.4, 41.0, 0.3),
    (5, 0.00, 1.05, 0.07, 0, 0.00, 0.0, 0.0, 0.0, 0.0),
    (6, 0.10, 0.85, 0.22, 1, 0.00, 1.1, 3.4, 41.0, 0.3),  # one t/ha less than 4
)
COLUMNS = ("lucode", "shade", "kc", "albedo", "green_area", "building_intensity")
POOLS = ("c_above", "c_below", "c_soil", "c_dead")


@dataclass(frozen=True)
class Case:
    """One run: land cover, evapotranspiration, cells, and InVEST's figures."""

    land: np.ndarray
    eto: np.ndarray
    cell: float
    figures: dict[str, float] = field(default_factory=dict)


def cases() -> dict[str, Case]:
    random = np.random.default_rng(20)
    shape = (36, 44)
    classes = np.array([1, 2, 3, 4, 5], np.uint8)
    mixed = random.choice(classes, shape, p=[0.4, 0.3, 0.1, 0.15, 0.05])
    eto = (4 + random.random(shape)).astype(np.float32)
    holes = mixed.copy()
    holes[:9, :13] = holes[30:, 20:27] = holes[14, 7] = NODATA
    holes[20:, 43] = NODATA
    unknown = eto.copy()
    unknown[3:6, 20:24] = -1
    return {
        "random": Case(mixed, eto, 50.0, {"t_air_average_radius": 260, "distance": 140}),
        "nodata": Case(holes, unknown, 40.0, {"t_air_average_radius": 150, "distance": 170}),
        "ties": Case(ties(shape), np.full(shape, 5, np.float32), 50.0,
                     {"t_air_average_radius": 200, "distance": 150}),
        "uneven": Case(random.choice(classes[:4], (29, 51)), (3 + random.random((29, 51))).astype(
            np.float32), 7.3, {"t_air_average_radius": 33.0, "distance": 81.0,
                               "weights": (0.5, 0.3, 0.4)}),
        "built-up": Case(np.where(random.random(shape) < 0.97, 1, 2).astype(np.uint8), eto, 25.0,
                         {"t_air_average_radius": 100, "distance": 75}),
        "no-buildings": Case(random.choice(classes[2:], shape), eto, 30.0,
                             {"t_air_average_radius": 90, "distance": 100}),
    }  # fmt: skip


def ties(shape: tuple[int, int]) -> np.ndarray:
    """Parks of exactly 8 cells of 50 m, which are 2 ha, of 7 and of 9; also at the very edge."""
    land = np.ones(shape, np.uint8)
    for row, column, cells in ((6, 6, 8), (6, 20, 7), (6, 34, 9), (20, 12, 8), (27, 30, 8),
                               (0, 43, 4), (33, 0, 8)):  # fmt: skip
        for n in range(cells):
            land[min(35, row + n // 3), min(43, column + n % 3)] = 3
    return land


def main(folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    for name, case in cases().items():
        with tempfile.TemporaryDirectory() as work:
            found = run(case, Path(work))
        figures = {**case.figures}
        weights = figures.pop("weights", (0.6, 0.2, 0.2))
        np.savez_compressed(
            folder / f"{name}.npz", land=case.land, eto=case.eto, cell=case.cell,
            mixing=figures["t_air_average_radius"], distance=figures["distance"],
            weights=np.array(weights), classes=np.array(CLASSES), **found,
        )  # fmt: skip
        print(name, {key: value.shape for key, value in found.items()})
    with tempfile.TemporaryDirectory() as work:
        np.savez_compressed(folder / "carbon.npz", **carbon(Path(work)))


def run(case: Case, work: Path) -> dict[str, np.ndarray]:
    weights = case.figures.get("weights", (0.6, 0.2, 0.2))
    raster(case.land, NODATA, case.cell, work / "land.tif")
    raster(case.eto, -1, case.cell, work / "eto.tif")
    aoi(case, work / "aoi.gpkg")
    table(work / "classes.csv", (*COLUMNS, *POOLS))
    given = {
        "workspace_dir": str(work / "out"),
        "results_suffix": "",
        "lulc_raster_path": str(work / "land.tif"),
        "ref_eto_raster_path": str(work / "eto.tif"),
        "aoi_vector_path": str(work / "aoi.gpkg"),
        "biophysical_table_path": str(work / "classes.csv"),
        "green_area_cooling_distance": case.figures["distance"],
        "t_air_average_radius": case.figures["t_air_average_radius"],
        "t_ref": 28.5,
        "uhi_max": 3.7,
        "avg_rel_humidity": 62.0,
        "do_energy_valuation": False,
        "do_productivity_valuation": True,
        "cc_weight_shade": weights[0],
        "cc_weight_albedo": weights[1],
        "cc_weight_eti": weights[2],
        "n_workers": -1,
    }
    cooling.execute({**given, "cc_method": "factors"})
    day = {name: read(work, name) for name in ("hm", "T_air", "wbgt")}
    if case.cell != 50.0:
        return day
    cooling.execute({**given, "cc_method": "intensity"})
    return {**day, "night": read(work, "T_air")}


def read(work: Path, name: str) -> np.ndarray:
    [path] = [p for p in (work / "out").rglob("*.tif") if p.stem.lower() == name.lower()]
    nodata = pygeoprocessing.get_raster_info(str(path))["nodata"][0]
    values = pygeoprocessing.raster_to_numpy_array(str(path)).astype(np.float64)
    return np.where(np.isclose(values, nodata), np.nan, values).astype(np.float32)


def raster(values: np.ndarray, nodata: float, cell: float, path: Path) -> None:
    reference = osr.SpatialReference()
    reference.ImportFromEPSG(5186)
    pygeoprocessing.numpy_array_to_raster(
        values, nodata, (cell, -cell), CORNER, reference.ExportToWkt(), str(path)
    )


def aoi(case: Case, path: Path) -> None:
    """The whole raster as one area."""
    reference = osr.SpatialReference()
    reference.ImportFromEPSG(5186)
    west, north = CORNER
    rows, columns = case.land.shape
    east, south = west + columns * case.cell, north - rows * case.cell
    source = ogr.GetDriverByName("GPKG").CreateDataSource(str(path))
    layer = source.CreateLayer("aoi", reference, ogr.wkbPolygon)
    shape = ogr.Feature(layer.GetLayerDefn())
    ring = ", ".join(f"{x} {y}" for x, y in ((west, south), (east, south), (east, north),
                                             (west, north), (west, south)))  # fmt: skip
    shape.SetGeometry(ogr.CreateGeometryFromWkt(f"POLYGON (({ring}))"))
    layer.CreateFeature(shape)
    source = None


def table(path: Path, columns: tuple[str, ...]) -> None:
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(CLASSES)


def carbon(work: Path) -> dict[str, np.ndarray]:
    random = np.random.default_rng(4)
    before = random.choice(np.array([1, 2, 3, 4, 6], np.uint8), (30, 30))
    after = np.where(random.random(before.shape) < 0.3, 4, before).astype(np.uint8)
    after[before == 4] = np.where(random.random((before == 4).sum()) < 0.5, 6, 4)  # 1 t/ha less
    before[:4, :4] = NODATA
    raster(before, NODATA, 10.0, work / "before.tif")
    raster(after, NODATA, 10.0, work / "after.tif")
    with (work / "pools.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("lucode", *POOLS))
        writer.writerows((row[0], *row[6:]) for row in CLASSES)
    natcap.invest.carbon.execute({
        "workspace_dir": str(work / "out"), "results_suffix": "", "calc_sequestration": True,
        "lulc_bas_path": str(work / "before.tif"), "lulc_alt_path": str(work / "after.tif"),
        "carbon_pools_path": str(work / "pools.csv"), "do_valuation": False, "n_workers": -1,
        "lulc_bas_year": None, "lulc_alt_year": None, "price_per_metric_ton_of_c": None,
        "discount_rate": None, "rate_change": None,
    })  # fmt: skip
    names = ("c_storage_bas", "c_storage_alt", "c_change_bas_alt")
    return {
        "before": before, "after": after, "cell": np.array(10.0), "classes": np.array(CLASSES),
        **{name: read(work, name) for name in names},
    }  # fmt: skip


if __name__ == "__main__":
    main(Path(sys.argv[1]))
