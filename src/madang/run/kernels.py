"""Compile the numerical kernels ahead of their first use: numba keeps them beside their modules.

A room's `engine` package that has kernels offers a function `warm()` which calls each once on the types
it is used with.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent


def warm_all() -> list[str]:
    """Warm the engines, each in a process of its own; the names of those that had something to warm."""
    with ProcessPoolExecutor(mp_context=get_context("fork")) as pool:
        names = list(engines())
        return [name for name, warmed in zip(names, pool.map(_warm, names), strict=True) if warmed]


def _warm(name: str) -> bool:
    warm = getattr(importlib.import_module(name), "warm", None)
    if warm is not None:
        warm()
    return warm is not None


def engines() -> Iterator[str]:
    """The names of the rooms' engine packages."""
    for path in sorted(PACKAGE.rglob("engine/__init__.py")):
        parts = path.parent.relative_to(PACKAGE.parent).parts
        yield ".".join(parts)
