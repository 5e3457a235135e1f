"""Carbon and heat computed: numpy and numba over the city's cells, no files, no clock, no database."""

from __future__ import annotations

import numpy as np
import shapely


def warm() -> None:
    """Compile the inner loops on the types they are used with."""
    from madang.systems.climate.engine import (
        carbon,
        comfort,
        compatible,
        cooling,
        corrected,
        grid,
        painting,
        radiation,
        sampling,
        zones,
    )

    shape = (16, 16)
    layer, mask = np.full(shape, 0.5, np.float32), np.ones(shape, np.bool_)
    climate = cooling.Climate(28.0, 3.0, mixing=15.0, park_cooling=15.0)
    compatible.heat(compatible.Layers(layer, layer, layer, layer, mask, mask, mask), climate, 5.0)
    labels = np.zeros(shape, np.int32)
    for block in (1, 2):
        city = corrected.City(layer.copy(), mask.copy(), mask, climate, 5.0, block)
        blocks = np.zeros(city.known.shape, np.int32)
        city.watch(city.tallied(blocks, 1, np.ones(blocks.shape, np.float32)))
        window = grid.Window(4, 6, 4, 6)
        city.edit(window, layer[window.of].copy(), ~mask[window.of])
        first = np.zeros((1, 1), np.intp)
        city.temperature_at(first, first)
        _ = city.temperature
    zones.statistics(layer, mask, labels, 1)
    places = np.zeros(shape, np.uint8)
    nodes, at = np.zeros((17, 17)), np.zeros(shape, np.intp)
    sampling.look_up(nodes, nodes, shape, at, at.copy(), mask.copy(), shape, (0, 0), 0, 1)
    for each in (layer, mask, places):
        sampling.gather(each, at, at, each.copy(), 0, 1)
    sampling.place(layer, 0.0, 1.0, False, 0.0, places.copy(), 0, 1)
    zones.histogram(places, labels, 1)
    carbon._compare(places, places, np.zeros((2, 256), np.int64), 0, 1)
    ring = np.array([(0.0, 0.0), (9.0, 0.0), (9.0, 9.0)])
    grid.Grid(4, 4, 5.0, 0.0, 20.0, 5186).within([ring])
    square = np.array([shapely.Polygon(ring)])
    for kind in (np.uint8, np.uint16, np.int32, np.float32):
        painting.paint(grid.Grid(4, 4, 5.0, 0.0, 20.0, 5186), square, np.ones(1, kind),
                       np.zeros((4, 4), kind))  # fmt: skip
    sun = radiation.Sun(180, 45, 800, 100)
    radiation.sunlit(layer, 5.0, sun)
    radiation.sky_view(layer, 5.0)
    comfort.utci(layer, layer, 1.0, 50.0)
