"""How the kernel's inner loops are compiled: kept on disk, run without the interpreter's lock."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba

Function = TypeVar("Function", bound=Callable[..., Any])

COUNTS_REFERENCES: dict[str, Any] = {"_nrt": True}
BORROWS: dict[str, Any] = {"_nrt": False}
"""The loops make no array, and who calls them holds theirs: counting references to them at every call,
atomically as numba does, took half of the kernel's time. numba refuses a function that makes one."""


def compiled(function: Function) -> Function:
    """function compiled by numba; no fastmath, so that results are the same on every run."""
    return _made(function, BORROWS)


def inlined(function: Function) -> Function:
    """As compiled, and put into who calls it: handing all arrays over costs more than the work."""
    return _made(function, BORROWS | {"forceinline": True})


def compiled_with_arrays(function: Function) -> Function:
    """As compiled, for what makes arrays of its own."""
    return _made(function, COUNTS_REFERENCES)


def _made(function: Function, options: dict[str, Any]) -> Function:
    try:
        made = numba.njit(nogil=True, cache=True, fastmath=False, **options)(function)
    except RuntimeError:  # whoever may write no cache compiles anew in each process
        made = numba.njit(nogil=True, fastmath=False, **options)(function)
    return cast(Function, made)
