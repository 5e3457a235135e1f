"""Duty: what a long-running process of the platform is told, and what it tells.

Every such process is a function `main(duty: Duty) -> None`, plain or async, named in the table in
`madang.run.processes`. It says `duty.ready()` once it does its work, and returns soon after
`duty.stop` is set. If it returns earlier or raises, it is started again.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable


class Duty:
    """One process's time at work. number counts the processes of one name from 1."""

    def __init__(
        self, name: str = "alone", number: int = 1, report: Callable[[], None] = lambda: None
    ) -> None:
        self.name = name
        self.number = number
        self.stop = threading.Event()
        self._report = report
        self._at_end: list[Callable[[], object]] = []

    def ready(self) -> None:
        """Say that the work is being done from now on; what needs this process may start."""
        self._report()

    def end(self) -> None:
        """Ask the process to finish what it holds and return."""
        self.stop.set()
        for call in self._at_end:
            call()

    def at_end(self, call: Callable[[], object]) -> None:
        """Have call made when the end is asked for; it must not block."""
        self._at_end.append(call)
        if self.stop.is_set():
            call()

    async def stopped(self) -> None:
        """Wait until the end is asked for."""
        loop = asyncio.get_running_loop()
        event = asyncio.Event()
        self.at_end(lambda: loop.call_soon_threadsafe(event.set))
        await event.wait()
