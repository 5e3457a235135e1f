"""Carbon and heat: Suwon's box at 5 m beside InVEST 3.20.2, edits, carbon, and the box at 1 m.

INVEST=/path/to/python, of an environment that has natcap.invest 3.20.2, runs the peer on the same
files in the same run; without it the comparison is left out and said to be. tests/systems/climate/
make_golden.py says how such an environment is made.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from scipy.ndimage import gaussian_filter, zoom

from bench.report import figure, heading, percentile

SEED = 1
SHAPE = (2_600, 2_800)  # Suwon's box at 5 m
CELL = 5.0
FINE = (13_000, 14_000)  # the same at 1 m
EDITS = 100
ROOFS = 20_000
WARM = 3
GIVEN = {"reference": 28.5, "heat": 3.7, "mixing": 500.0, "parks": 450.0}
CLASSES = (  # lucode, shade, kc, albedo, green_area
    (1, 0.00, 0.35, 0.20, 0),
    (2, 0.05, 0.40, 0.12, 0),
    (3, 0.95, 1.00, 0.16, 1),
    (4, 0.10, 0.85, 0.22, 1),
    (5, 0.00, 1.05, 0.07, 0),
)
NODATA = 255


def main() -> None:
    heading("climate", seed=SEED, cells=SHAPE, metres=CELL, edits=EDITS,
            load=round(os.getloadavg()[0], 1))  # fmt: skip
    for name in sys.argv[1:] or list(PARTS):
        if os.environ.get("BENCH_CLIMATE_PART") == name or name != "fine":
            PARTS[name]()
        else:  # in a process of its own, for its peak of memory
            subprocess.run([sys.executable, "-m", "bench.climate", name], check=True,
                           env={**os.environ, "BENCH_CLIMATE_PART": name})  # fmt: skip


def surfaces() -> tuple[Any, Any]:
    """Land cover in patches (parks, water, streets between buildings) within a round city, and ETo."""
    random = np.random.default_rng(SEED)
    coarse = random.standard_normal((SHAPE[0] // 20 + 1, SHAPE[1] // 20 + 1))
    patches = zoom(gaussian_filter(coarse, 1.5), 20, order=1)[: SHAPE[0], : SHAPE[1]]
    fine = random.random(SHAPE, np.float32)
    land = np.where(fine < 0.45, 1, 2).astype(np.uint8)
    land[patches + 0.1 * fine > 0.28] = 3
    land[(patches > 0.15) & (patches <= 0.25)] = 4
    land[patches < -0.55] = 5
    rows, columns = np.ogrid[-1 : 1 : SHAPE[0] * 1j, -1 : 1 : SHAPE[1] * 1j]
    land[rows**2 + columns**2 > 1] = NODATA
    eto = (4.5 + zoom(coarse, 20, order=1)[: SHAPE[0], : SHAPE[1]] / 10).astype(np.float32)
    return land, eto


def files(folder: Path) -> None:
    """The same files for both sides."""
    import pyogrio
    import rasterio
    import shapely
    from rasterio.transform import from_origin

    land, eto = surfaces()
    west, north = 194_000.0, 529_000.0
    for name, values, nodata in (("land", land, NODATA), ("eto", eto, -1)):
        with rasterio.open(
            folder / f"{name}.tif", "w", driver="GTiff", width=SHAPE[1], height=SHAPE[0], count=1,
            dtype=values.dtype, crs="EPSG:5186", nodata=nodata, tiled=True, compress="LZW",
            transform=from_origin(west, north, CELL, CELL),
        ) as target:  # fmt: skip
            target.write(values, 1)
    boxes = [
        shapely.box(west + x * w, north - (y + 1) * h, west + (x + 1) * w, north - y * h)
        for w, h in [(SHAPE[1] * CELL / 11, SHAPE[0] * CELL / 4)]
        for y in range(4)
        for x in range(11)
    ]
    names = np.array([f"zone {n}" for n in range(len(boxes))], object)
    pyogrio.raw.write(
        folder / "zones.gpkg", shapely.to_wkb(boxes), [names], ["name"],
        geometry_type="Polygon", crs="EPSG:5186", driver="GPKG",
    )  # fmt: skip
    lines = ["lucode,shade,kc,albedo,green_area,building_intensity"]
    lines += [",".join(map(str, (*row, 0.5))) for row in CLASSES]
    (folder / "classes.csv").write_text("\n".join(lines) + "\n")
    (folder / "given.json").write_text(json.dumps(GIVEN))


def invest() -> None:
    """Files to files, cold, imports included on both sides; then in memory, against the same run."""
    peer = os.environ.get("INVEST")
    with tempfile.TemporaryDirectory(prefix="madang-bench-") as name:
        folder = Path(name)
        files(folder)
        subprocess.run([sys.executable, "-m", "bench.climate_files", name], check=True)  # kernels
        ours = min(_run([sys.executable, "-m", "bench.climate_files", name]) for _ in range(WARM))
        memory = min(_in_memory(folder) for _ in range(WARM))
        if not peer:
            print("# INVEST is not set: no peer was measured", flush=True)
            figure("heat of Suwon's box at 5 m, files to files, cold", ours, "s")
            figure("heat of Suwon's box at 5 m, in memory", memory, "s")
            return
        theirs = _run([peer, str(Path(__file__).with_name("climate_invest.py")), name])
        said = f"InVEST 3.20.2: {theirs:.0f} s"
        figure("heat of Suwon's box at 5 m, files to files, cold", ours, "s", said, theirs / ours)
        figure("heat of Suwon's box at 5 m, in memory", memory, "s",
               f"{said}, files to files", theirs / memory)  # fmt: skip
        _apart(folder)


def _apart(folder: Path) -> None:
    from madang.systems.climate import rasters

    [path] = (folder / "invest").rglob("T_air.tif")
    ours, theirs = rasters.read(folder / "ours" / "T_air.tif"), rasters.read(path)
    assert np.array_equal(ours.mask, theirs.mask)
    apart = np.abs(ours.values.astype(float) - theirs.values.astype(float))[ours.mask]
    figure("temperature of the air, farthest from InVEST's", float(apart.max()), "°C",
           "1e-4 °C allowed", float(apart.max()) / 1e-4)  # fmt: skip


def _in_memory(folder: Path) -> float:
    from bench.climate_files import looked_up
    from madang.systems.climate import rasters
    from madang.systems.climate.engine import compatible, memory
    from madang.systems.climate.engine.cooling import Climate

    memory.keep()
    land, eto = rasters.read(folder / "land.tif"), rasters.read(folder / "eto.tif")
    layers = looked_up(land, eto, folder / "classes.csv")
    climate = Climate(GIVEN["reference"], GIVEN["heat"], GIVEN["mixing"], GIVEN["parks"])
    began = time.perf_counter()
    compatible.heat(layers, climate, CELL)
    return time.perf_counter() - began


def edits() -> None:
    """Edits of up to a hectare at 5 m, sums by 44 zones and people included; then all anew."""
    city = _city(SHAPE, 1)
    _edit_figures(city, CELL, "5 m", 50)
    edited = city.temperature.copy()
    began = time.perf_counter()
    city.recompute()
    figure("all of it anew in memory", time.perf_counter() - began, "s")
    apart = float(np.abs(edited - city.temperature).max())
    figure(
        f"after {EDITS} edits, from a full recompute", apart, "°C", "0.01 °C allowed", apart / 0.01
    )


def fine() -> None:
    """The box at 1 m: build, edits, peak of memory."""
    began = time.perf_counter()
    city = _city(FINE, 5)
    build = time.perf_counter() - began - city.made
    figure("build at 1 m (13,000 x 14,000)", build, "s", "30 s allowed", build / 30)
    _edit_figures(city, 1.0, "1 m", 100)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    figure("peak of memory at 1 m", peak, "GB", "6 GB allowed", peak / 6)


def _city(shape: tuple[int, int], block: int) -> Any:
    from madang.systems.climate.engine.cooling import Climate
    from madang.systems.climate.engine.corrected import City

    began = time.perf_counter()
    land = surfaces()[0]
    land = land if block == 1 else np.repeat(np.repeat(land, block, 0), block, 1)
    capacity = np.array([0, 0.11, 0.13, 0.79, 0.27, 0.22] + [0] * 250, np.float32)[land]
    green, mask = (land == 3) | (land == 4), land != NODATA
    made = time.perf_counter() - began
    climate = Climate(GIVEN["reference"], GIVEN["heat"], GIVEN["mixing"], GIVEN["parks"])
    city = City(capacity, green, mask, climate, CELL / block, block)
    city.made = made  # type: ignore[attr-defined]
    rows, columns = SHAPE
    zones = np.arange(rows)[:, None] * 4 // rows * 11 + np.arange(columns)[None] * 11 // columns
    city.watch(city.tallied(zones.astype(np.int32), 44, np.full(SHAPE, 0.2, np.float32)))
    return city


def _edit_figures(city: Any, cell: float, said: str, allowed: float) -> None:
    from madang.systems.climate.engine.grid import Window

    random, times = np.random.default_rng(SEED), []
    most = int(100 / cell)
    for n in range(EDITS + WARM):
        height, width = random.integers(max(1, most // 5), most + 1, 2).tolist()
        top = int(random.integers(0, city.mask.shape[0] - height))
        left = int(random.integers(0, city.mask.shape[1] - width))
        window = Window(top, top + height, left, left + width)
        green = np.full(window.shape, random.random() < 0.7)
        capacity = np.where(green, np.float32(0.85), np.float32(0.15))
        began = time.perf_counter()
        city.edit(window, capacity, green)
        if n >= WARM:
            times.append((time.perf_counter() - began) * 1000)
    p95 = percentile(times, 0.95)
    figure(f"edit of up to 1 ha at {said}, p95", p95, "ms", f"{allowed} ms allowed", p95 / allowed)
    figure(f"edit of up to 1 ha at {said}, median", percentile(times, 0.5), "ms")


def change() -> None:
    """What a new land cover does to the city's carbon."""
    from datetime import date

    from madang.systems.climate.engine import carbon
    from madang.systems.climate.engine.tables import POOLS, Coefficient, LandClass, Table

    table = Table(
        LandClass(code, str(code), {
            name: Coefficient(10.0 * code, "the benchmark", date(2026, 1, 1)) for name in POOLS
        }) for code in range(1, 6)
    )  # fmt: skip
    before = table.places(surfaces()[0], NODATA)
    random = np.random.default_rng(SEED)
    after = np.where((random.random(SHAPE) < 0.02) & (before != NODATA), np.uint8(2), before)
    times = [_timed(lambda: carbon.change(before, after, table, 0.0025)) for _ in range(40)]
    p95 = percentile(times[WARM:], 0.95)
    figure("the whole city's change of carbon at 5 m, p95", p95, "ms", "20 ms allowed", p95 / 20)


def optimiser() -> None:
    """A tenth of what 20,000 roofs would cost, with the city's heat in memory as it is."""
    from madang.systems.climate.engine.choosing import Goals, Measures, choose, exposure

    city, random = _city(SHAPE, 1), np.random.default_rng(SEED)
    began = time.perf_counter()
    field = exposure(city, np.full(SHAPE, 0.2, np.float32))
    at = tuple(random.integers(0, side, ROOFS) for side in SHAPE)
    area = random.uniform(99, 992, ROOFS)
    cooler = np.maximum(0.45 - city.mitigation[at], 0) * area / CELL**2
    gives = np.stack([field[at] * cooler, area * 0.0014], axis=1)
    districts = city._zones[at].astype(np.int64)
    measures = Measures(area * random.uniform(0.15, 0.25, ROOFS), gives, districts)
    goals = Goals(np.array([1.0, 5.0]), np.array([0.7, 1.0]))
    found = choose(measures, goals, float(measures.cost.sum() / 10))
    took = time.perf_counter() - began
    figure(f"choice among {ROOFS:,} roofs under a budget", took, "s", "30 s allowed", took / 30)
    figure("of the best possible, at most missing", found.gap * 100, "%")


def _run(words: list[str]) -> float:
    began = time.perf_counter()
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - began


def _timed(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return (time.perf_counter() - began) * 1000


PARTS: dict[str, Callable[[], None]] = {
    "invest": invest,
    "edits": edits,
    "change": change,
    "optimiser": optimiser,
    "fine": fine,
}

if __name__ == "__main__":
    main()
