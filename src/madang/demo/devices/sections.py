"""Sections between two readers of Hi-Pass units (DSRC): how long who was read at both took between them.

Most vehicles carry a unit, most units are read. A reader begins anew with a vehicle on a new drive. Every
five minutes a section tells how many were read at its end, how many of them at its beginning before, and,
where there were enough, the median of their times.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from madang.demo.devices.messages import Message
from madang.demo.world.street import Floats, Ints

if TYPE_CHECKING:
    from madang.demo.world.world import World

KIND = "travel_time_section"
EVERY = 300.0  # seconds
EQUIPPED = 0.8  # share of vehicles that carry a unit
READ = 0.92  # share of units that a reader reads
CLOCKS = 0.5  # seconds by which readers' clocks differ, standard deviation
ENOUGH = 3  # vehicles of which a time is told at least
LONGEST = 3600.0  # seconds after which a unit is not matched any more
BREAKS, MENDED = 0.01, 900.0  # failures of a reader an hour, and seconds that one lasts
NOBODY = -1


class Sections:
    """The sections of the world's posts ("A>B", nodes of its network), and the readers at their ends."""

    def __init__(self, world: World, seed: int) -> None:
        self._world, self._traffic = world, world.traffic
        self._random = np.random.default_rng([seed, 10])
        posts = world.posts.get(KIND, {}) if world.traffic else {}
        self._keys, ends = list(posts), [tuple(ends.split(">")) for ends in posts.values()]
        readers = {
            node: n for n, node in enumerate(sorted({node for pair in ends for node in pair}))
        }
        self._section = np.full((len(readers), len(readers)), NOBODY)
        for number, (begin, end) in enumerate(ends):
            self._section[readers[begin], readers[end]] = number
        self._ends: Ints = np.array([readers[end] for _, end in ends], dtype=np.int64)
        self._reader_of = self._readers(readers)
        self._clock = self._random.normal(0, CLOCKS, len(readers))
        self._broken: Floats = np.zeros(len(readers))
        self._due = world.now + self._random.random(len(posts)) * EVERY
        self._began = np.full(len(posts), world.now)
        self._read = np.zeros(len(readers), dtype=np.int64)
        self._read_before = np.zeros(len(posts), dtype=np.int64)
        self._times: list[list[float]] = [[] for _ in posts]
        self._looked = world.now
        if world.traffic:
            people, self._edge = world.traffic.people()
            self._equipped = self._random.random(len(people)) < EQUIPPED
            self._last = np.full(len(people), NOBODY)
            self._when = np.zeros(len(people))
            self._drive = people["depart"].copy()

    def look(self) -> Iterator[Message]:
        """What the sections send now."""
        if not self._keys or self._traffic is None:
            return
        self._fail()
        self._see()
        for section in np.flatnonzero(self._due <= self._world.now).tolist():
            yield from self._tell(section)

    def _readers(self, readers: dict[str, int]) -> Ints:
        """By edge of the network, the reader that who enters it has just passed."""
        if self._world.traffic is None:
            return np.empty(0, dtype=np.int64)
        network = self._world.traffic.network
        at_node = np.array([readers.get(node, NOBODY) for node in network.nodes.ids])
        return np.asarray(at_node[network.edges.from_node])

    def _fail(self) -> None:
        passed, self._looked = self._world.now - self._looked, self._world.now
        self._broken = np.maximum(self._broken - passed, 0.0)
        fails = self._random.random(len(self._broken)) < BREAKS * passed / 3600
        self._broken[fails] = MENDED

    def _see(self) -> None:
        """Read whoever came onto a street behind a reader."""
        assert self._traffic is not None
        people, edge = self._traffic.people()
        came = np.flatnonzero((edge != self._edge) & (edge >= 0) & self._equipped)
        self._edge = edge
        came = came[self._reader_of[edge[came]] != NOBODY]
        came = came[people["since"][came] > people["depart"][came] + 1.0]  # not from the kerb
        reader = self._reader_of[edge[came]]
        read = (self._broken[reader] == 0) & (self._random.random(len(came)) < READ)
        self._match(came[read], reader[read], people)

    def _match(self, who: Ints, reader: Ints, people: Any) -> None:
        when = people["since"][who] + self._clock[reader]
        drive = people["depart"][who]
        before = np.where(self._drive[who] == drive, self._last[who], NOBODY)
        section = np.where(before == NOBODY, NOBODY, self._section[before, reader])
        took = when - self._when[who]
        self._last[who], self._when[who], self._drive[who] = reader, when, drive
        np.add.at(self._read, reader, 1)
        fits = (section != NOBODY) & (took > 0) & (took < LONGEST)
        for number, seconds in zip(section[fits].tolist(), took[fits].tolist(), strict=True):
            self._times[number].append(seconds)

    def _tell(self, section: int) -> Iterator[Message]:
        end, now, key = int(self._ends[section]), self._world.now, self._keys[section]
        seconds, times = now - float(self._began[section]), self._times[section]
        read = int(self._read[end] - self._read_before[section])
        self._due[section] += EVERY
        self._began[section], self._times[section] = now, []
        self._read_before[section] = self._read[end]
        if self._broken[end] or self._world.is_silent(key):
            return
        t, lasted = int(now * 1000), round(seconds, 1)
        counts = {"read": read, "matched": len(times)}
        facts = [
            {"t": t, "channel": channel, "seconds": lasted, "count": count}
            for channel, count in counts.items()
        ]
        yield Message(key, "counts", facts)
        if len(times) >= ENOUGH:
            value = round(float(np.median(times)), 1)
            yield Message(key, "readings", [{"t": t, "channel": "travel_time", "value": value}])
