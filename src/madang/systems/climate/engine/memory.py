"""What the C library does with the memory of large arrays that nobody needs any more."""

from __future__ import annotations

import ctypes

# of glibc's malloc.h
TRIM_THRESHOLD, MMAP_MAX, ARENA_MAX = -1, -4, -8
KEPT = 512 * 1024**2  # bytes at most


def keep() -> None:
    """Take the next array from what the one before left behind, not from the system page by page.

    Over a city that is a third of the processor's time. For processes that reckon and end: what is kept
    is nobody else's. Where the C library knows no such thing, nothing is done.
    """
    tune = getattr(ctypes.CDLL(None), "mallopt", None)
    if tune is None:
        return
    for what, value in ((TRIM_THRESHOLD, KEPT), (MMAP_MAX, 0), (ARENA_MAX, 1)):
        tune(what, value)
