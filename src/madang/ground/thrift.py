"""Gives memory back to the system: processes live on for months, mostly idle, after one large work."""

from __future__ import annotations

import ctypes
import gc
import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import ParamSpec, TypeVar

Given = ParamSpec("Given")
Result = TypeVar("Result")


def trim() -> None:
    """Give back what has been freed; it takes a tenth of a second, in which nothing else is done.

    glibc keeps freed pages of each thread's arena to itself; the job that makes a demo city left
    several hundred MB behind.
    """
    gc.collect()
    if sys.platform == "linux":
        give = getattr(ctypes.CDLL(None), "malloc_trim", None)  # not every C library has it
        if give is not None:
            give(0)


def settle() -> None:
    """trim(), and look no more for rings among what is there, for it stays: a look through a large state
    stops every thread for a fifth of a second, whenever much else has been made."""
    trim()
    gc.freeze()


def apart(work: Callable[Given, Result], *given: Given.args, **words: Given.kwargs) -> Result:
    """The work's result, done in a process of its own: what it loads and needs on the way leaves with it.

    The work is a module's function; it, what it is given and its result are pickled. It takes seconds to
    load Django anew.
    """
    with ProcessPoolExecutor(1, get_context("spawn"), _prepare) as pool:
        return pool.submit(work, *given, **words).result()


def _prepare() -> None:
    import django

    django.setup()
