"""How the kernel's inner loops are compiled: kept on disk, run without the interpreter's lock."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba

Function = TypeVar("Function", bound=Callable[..., Any])


def compiled(function: Function) -> Function:
    """function compiled by numba; no fastmath, so that results are the same on every run."""
    return _made(function, inline=False)


def inlined(function: Function) -> Function:
    """As compiled, and put into who calls it: handing all arrays over costs more than the work."""
    return _made(function, inline=True)


def _made(function: Function, *, inline: bool) -> Function:
    try:
        made = numba.njit(nogil=True, cache=True, fastmath=False, forceinline=inline)(function)
    except RuntimeError:  # whoever may write no cache compiles anew in each process
        made = numba.njit(nogil=True, fastmath=False, forceinline=inline)(function)
    return cast(Function, made)
