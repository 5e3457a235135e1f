"""The whole demo city running: the memory and processor time of every process, and their sum.

Everything `madang up` starts, with the demo city and its devices; nobody looks at it. Memory is PSS:
each page counted once, shared ones by share. Allowed are 1.5 GB and 0.8 of a core together.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil

from bench.base import Running, cpu_seconds, remove, up
from bench.report import figure, heading

SETTLE = 90.0  # seconds in which every device connects
SECONDS = 60.0
MEMORY, CORES = 1.5e9, 0.8


@dataclass
class Member:
    """One process of the platform, or a server with its children."""

    name: str
    family: list[psutil.Process]

    def seconds(self) -> float:
        return sum(cpu_seconds(one) for one in self.family)

    def memory(self) -> float:
        """The PSS of those that are still there: PostgreSQL's children come and go."""
        found = 0.0
        for one in self.family:
            try:
                found += one.memory_full_info().pss
            except psutil.NoSuchProcess:
                continue
        return found


def main() -> None:
    heading("demo running", web_workers=2, settled_after=SETTLE, seconds=SECONDS)
    home = Path(tempfile.mkdtemp(prefix="madang-bench-"))
    try:
        with up(home, demo=True) as running:
            time.sleep(SETTLE)
            measure(running)
    finally:
        remove(home)


def measure(running: Running) -> None:
    before = {one.name: one.seconds() for one in members(running)}
    time.sleep(SECONDS)
    after = list(members(running))
    memory = {one.name: one.memory() for one in after}
    cores = {one.name: (one.seconds() - before.get(one.name, 0.0)) / SECONDS for one in after}
    for name in sorted(memory, key=memory.__getitem__, reverse=True):
        figure(f"demo.running.memory {name}", memory[name] / 1e6, "MB")
        figure(f"demo.running.cores {name}", cores[name], "cores")
    most, busy = sum(memory.values()), sum(cores.values())
    figure("demo.running.memory", most / 1e6, "MB", "the limit, 1,500 MB", most / MEMORY)
    figure("demo.running.cores", busy, "cores", "the limit, 0.8", busy / CORES)


def members(running: Running) -> Iterator[Member]:
    """The processes by name; a server's children belong to it, the nursery's have names of their own."""
    yield Member("supervisor", [psutil.Process(running.process.pid)])
    named = {int(str(child["pid"])): child for child in running.children() if child["pid"]}
    for pid, child in named.items():
        one = psutil.Process(pid)
        others = [other for other in one.children(recursive=True) if other.pid not in named]
        number = f" {child['number']}" if child["number"] else ""
        yield Member(f"{child['name']}{number}", [one, *others])


if __name__ == "__main__":
    main()
