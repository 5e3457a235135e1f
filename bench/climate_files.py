"""Heat from files to files, as a city would run it: what bench.climate starts cold, in its own process."""

from __future__ import annotations

import csv
import json
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from madang.systems.climate import rasters

if TYPE_CHECKING:
    import shapely

    from madang.systems.climate.engine import compatible, grid
    from madang.systems.climate.engine.compatible import Layers


def main(folder: Path) -> None:
    """Files are unpacked while the rest of the program loads, and packed beside one another."""
    with ThreadPoolExecutor(3) as crew:
        reading = [crew.submit(rasters.read, folder / f"{name}.tif") for name in ("land", "eto")]
        from madang.systems.climate.engine import compatible, memory
        from madang.systems.climate.engine.cooling import Climate

        memory.keep()
        given = json.loads((folder / "given.json").read_text())
        climate = Climate(given["reference"], given["heat"], given["mixing"], given["parks"])
        land, eto = (each.result() for each in reading)
        land.grid.agree(eto.grid, "eto")
        layers = looked_up(land, eto, folder / "classes.csv")
        found = compatible.heat(layers, climate, land.grid.cell)
        out = folder / "ours"
        out.mkdir(exist_ok=True)
        writing = [
            crew.submit(rasters.write, out / f"{name}.tif", land.grid, values, found.mask)
            for name, values in (
                ("cc", found.capacity), ("hm", found.mitigation), ("T_air", found.temperature),
            )
        ]  # fmt: skip
        tabulate(found, land.grid, folder / "zones.gpkg", out / "zones.csv")
        for each in writing:
            each.result()


def looked_up(land: rasters.Layer, eto: rasters.Layer, classes: Path) -> Layers:
    from madang.systems.climate.engine.compatible import Layers

    table = np.zeros((256, 5), np.float32)
    with classes.open() as file:
        for row in csv.reader(file):
            if row[0].isdigit():
                table[int(row[0])] = [float(cell) for cell in row[:5]]
    shade, kc, albedo, green = (table[:, n][land.values] for n in range(1, 5))
    known = land.mask & eto.mask
    return Layers(shade, albedo, kc, eto.values.astype(np.float32), green > 0, known, land.mask)


def tabulate(found: compatible.Heat, here: grid.Grid, path: Path, out: Path) -> None:
    import pyogrio
    import shapely

    from madang.systems.climate.engine import grid, zones

    _, _, shapes, [names] = pyogrio.raw.read(path, columns=["name"])
    polygons = {
        str(name): [np.asarray(ring) for ring in rings(shape)]
        for name, shape in zip(names, shapely.from_wkb(shapes), strict=True)
    }
    labels, order = grid.labels(here, polygons)
    columns = [
        zones.statistics(values, found.mask, labels, len(order)).means
        for values in (found.capacity, found.temperature)
    ]
    with out.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["zone", "mean cc", "mean °C"])
        writer.writerows(zip(order, *columns, strict=True))


def rings(shape: shapely.Geometry) -> list[np.ndarray]:
    import shapely

    parts = shapely.get_parts(shape)
    return [shapely.get_coordinates(ring) for part in parts for ring in shapely.get_rings(part)]


if __name__ == "__main__":
    main(Path(sys.argv[1]))
