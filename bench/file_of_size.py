"""One file imported in a process of its own: `python -m bench.file_of_size KIND PATH`, with MADANG_HOME."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from bench.large_files import KINDS
from bench.report import figure

ALLOWED_MB = 500


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "madang.run.django_settings")
    import django

    django.setup()
    from madang.ground.city.domain.imports import begin, bring
    from madang.ground.city.domain.many import steps
    from madang.ground.city.public import make_city
    from madang.ground.city.reading.files import look_into
    from madang.ground.trail.public import Actor

    kind, path = sys.argv[1], Path(sys.argv[2])
    actor = Actor(name="bench")
    city = make_city(f"large-{kind}", {"ko": kind}, actor)
    began, worked = time.perf_counter(), time.process_time()
    with look_into([path]) as found:
        [step] = steps(found)
        if step.sheet is None or step.refused:
            state, rows = f"refused: {step.refused}", 0
        else:
            done = bring(begin(city, step.sheet, actor), step.sheet, actor)
            state, rows = f"{done.state} {done.problem or ''}", done.read
    took = time.perf_counter() - began
    what = f"{path.stat().st_size / 1e6:,.0f} MB of {KINDS[kind][0]}"
    figure(f"{what} ({rows:,} rows, {state.strip()})", took, "s")
    figure(f"{what}, processor time of the importer", time.process_time() - worked, "s")
    peak = peak_mb()
    figure(f"{what}, most memory of the importer", peak, "MB", "500 MB allowed", peak / ALLOWED_MB)


def peak_mb() -> float:
    """The most memory this process ever had resident, mapped files and all."""
    status = Path("/proc/self/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


if __name__ == "__main__":
    main()
