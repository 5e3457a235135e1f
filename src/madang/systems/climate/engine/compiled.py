"""How the engine's inner loops are compiled and shared among the cores.

Loops release the interpreter's lock and are called on ranges of rows from a pool of threads. numba's
own parallel loops are not used: their thread pool neither survives the split of a process nor takes
calls from two threads at once, and Madang's processes do both.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from typing import Any, TypeVar, cast

Function = TypeVar("Function", bound=Callable[..., Any])

LEAST_ROWS = 64  # fewer are not worth a thread

_pools: dict[int, ThreadPoolExecutor] = {}


def compiled(function: Function) -> Function:
    """function compiled by numba when it is first called, run without the interpreter's lock."""
    return cast(Function, Kernel(function))


class Kernel:
    """A loop that numba compiles with its first call, so that who never calls it never loads numba."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function

    def __call__(self, *values: Any) -> Any:
        return self.machine_code(*values)

    @cached_property
    def machine_code(self) -> Any:
        from madang.ground.kernels import kernel

        self._make_ready_what_it_calls()
        return kernel(self.function)

    def _make_ready_what_it_calls(self) -> None:
        """numba looks through a function's module for what it calls, and knows only what it made."""
        names = self.function.__globals__
        for name in self.function.__code__.co_names:
            if isinstance(called := names.get(name), Kernel):
                names[name] = called.machine_code


def cores() -> int:
    return len(os.sched_getaffinity(0))


def over_rows(rows: int, work: Callable[[int, int], None]) -> None:
    """Call work(first, end) on ranges that together are 0..rows, as many at once as there are cores."""
    parts = max(1, min(cores(), rows // LEAST_ROWS))
    if parts == 1:
        work(0, rows)
        return
    edges = [rows * part // parts for part in range(parts + 1)]
    rest = [_pool().submit(work, edges[n], edges[n + 1]) for n in range(1, parts)]
    work(edges[0], edges[1])
    for each in rest:
        each.result()


def _pool() -> ThreadPoolExecutor:
    """The pool of this process: one made before a split has no threads after it."""
    here = os.getpid()
    if here not in _pools:
        _pools.clear()
        _pools[here] = ThreadPoolExecutor(cores(), thread_name_prefix="climate")
    return _pools[here]
