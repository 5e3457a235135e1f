"""What files of carbon and heat are known by: cells by words in the file and by values, outlines and
trees by their columns. Never by a file's name.
"""

from __future__ import annotations

from madang.ground.city.public import learn_reasons, register_recogniser
from madang.systems.climate.recognisers import outlines, parcels, rasters, trees
from madang.systems.climate.recognisers.words import REASONS


def register_all() -> None:
    learn_reasons(REASONS)
    for each in (*rasters.ALL, *outlines.ALL, parcels.PARCELS, trees.INVENTORY):
        register_recogniser(each)
