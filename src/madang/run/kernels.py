"""Compile the numerical kernels ahead of their first use: numba keeps them beside their modules.

A room's `engine` package that has kernels offers a function `warm()` which calls each once on the types
it is used with.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent


def warm_all() -> list[str]:
    """Warm every engine; the names of those that had something to warm."""
    warmed = []
    for name in engines():
        warm = getattr(importlib.import_module(name), "warm", None)
        if warm is not None:
            warm()
            warmed.append(name)
    return warmed


def engines() -> Iterator[str]:
    """The names of the rooms' engine packages."""
    for path in sorted(PACKAGE.rglob("engine/__init__.py")):
        parts = path.parent.relative_to(PACKAGE.parent).parts
        yield ".".join(parts)
