"""One demo city made in a process of its own: `python -m bench.city_of_scale SCALE SEED`."""

from __future__ import annotations

import resource
import sys
import time

from bench.report import figure


def main() -> None:
    from madang.demo.city.generate import generate

    scale, seed = float(sys.argv[1]), int(sys.argv[2])
    began, worked = time.perf_counter(), time.process_time()
    made = generate(seed, scale)
    what = f"demo city of scale {scale:g} generated ({len(made.roads.begin):,} links)"
    figure(what, time.perf_counter() - began, "s")
    figure(f"{what}, processor time", time.process_time() - worked, "s")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    figure(f"{what}, peak memory", peak, "MB")


if __name__ == "__main__":
    main()
