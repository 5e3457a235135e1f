"""The main roads of the city: traced, joined into a network, and built over what is in their way."""

from __future__ import annotations

import numpy as np

from madang.demo.city.chance import chance
from madang.demo.city.grades import Grade
from madang.demo.city.network import Network, network, renumbered
from madang.demo.city.outline import Outline
from madang.demo.city.pattern import Pattern, finer
from madang.demo.city.skeleton import Skeleton
from madang.demo.city.structures import with_structures
from madang.demo.city.terrain import Terrain
from madang.demo.city.tracing import Barrier, Tracer


def main_roads(
    seed: int,
    scale: float,
    outline: Outline,
    skeleton: Skeleton,
    terrain: Terrain,
    pattern: Pattern,
) -> Network:
    """The network of everything above local streets; with scale the streets come closer together."""
    closer = float(np.sqrt(scale))
    fine = finer(pattern, 2)
    barriers = [
        Barrier([stream.line for stream in terrain.streams], 300 / closer),
        Barrier([skeleton.railways[0]], 560 / closer),
        Barrier(skeleton.motorways, 620 / closer),
    ]
    tracer = Tracer(fine, barriers, chance(seed, "streets"))
    for line in skeleton.trunks:
        tracer.keep(line, Grade.TRUNK)
    for line in skeleton.boulevards:
        tracer.keep(line, Grade.BOULEVARD)
    density = fine.density
    main = (1400 - 750 * density) / closer
    tracer.fill(main, fine.closed | (density < 0.15), Grade.MAIN, 1200 / closer, 0.0)
    side = (575 - 340 * density) / closer
    tracer.fill(side, fine.closed | (density < 0.28), Grade.SIDE, 300 / closer, 0.4)
    net = network(tracer.streets, outline.border)
    built = with_structures(seed, net, skeleton, terrain)
    return renumbered(built.nodes, built.edges)
