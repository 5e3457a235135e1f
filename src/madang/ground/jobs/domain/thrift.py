"""Gives the memory of a large job back: the process lives on for months, mostly idle."""

from __future__ import annotations

import asyncio
import ctypes
import gc
import sys
from collections.abc import Awaitable, Callable
from typing import Any

from procrastinate import JobContext


async def give_back(
    call_next: Callable[[], Awaitable[Any]], context: JobContext, worker: object
) -> Any:
    """Middleware of the worker: what a job freed goes back to the system once it has ended.

    glibc keeps freed pages of each thread's arena to itself; the job that makes a demo city left
    several hundred MB behind.
    """
    del context, worker
    try:
        return await call_next()
    finally:
        await asyncio.to_thread(_trim)


def _trim() -> None:
    gc.collect()
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # not every C library has it
        if trim is not None:
            trim(0)
