"""How a benchmark says what it found: the machine, then one JSON line for each figure."""

from __future__ import annotations

import json
import os
import platform
from pathlib import Path


def heading(title: str, **sizes: object) -> None:
    """Name the benchmark, the machine, the seeds and the sizes."""
    words = {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
    }
    print(f"# {title}")
    print(json.dumps({**words, **sizes}, ensure_ascii=False), flush=True)


def figure(name: str, value: float, unit: str, peer: str = "", ratio: float | None = None) -> None:
    """One figure. peer says what it is compared with, ratio is ours over the peer's."""
    words = {
        "figure": name,
        "value": _short(value),
        "unit": unit,
        "peer": peer or None,
        "ratio": None if ratio is None else _short(ratio),
    }
    print(json.dumps(words, ensure_ascii=False), flush=True)


def percentile(values: list[float], share: float) -> float:
    """The value below which share of values lie (nearest rank)."""
    ranked = sorted(values)
    return ranked[min(len(ranked) - 1, int(share * len(ranked)))]


def _short(value: float) -> float:
    return float(f"{value:.4g}")


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor()
