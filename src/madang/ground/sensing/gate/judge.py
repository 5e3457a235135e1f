"""The judge: what was said, turned into columns, and what cannot be true set aside with its reason."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from madang.ground.bus.columns import words
from madang.ground.bus.messages import Batch
from madang.ground.city.projection import to_metres
from madang.ground.sensing import wire
from madang.ground.sensing.gate.floods import Floods
from madang.ground.sensing.gate.known import Known, KnownChannel, KnownCity
from madang.ground.sensing.gate.said import Reason, Refused, Said, beginning
from madang.ground.sensing.gate.tracks import Tracks
from madang.ground.sensing.messages import Counts, Positions, Readings, States

FUTURE_MS = 120_000
NAN = float("nan")
NO_CHANNEL = KnownChannel(0, NAN, NAN)

Bools = NDArray[np.bool_]


@dataclass
class Heap:
    """The facts of one kind and city, row by row, before they become columns."""

    rows: list[tuple[Any, ...]] = field(default_factory=list)
    facts: list[tuple[Said, wire.Fact]] = field(default_factory=list)

    def columns(self) -> list[Any]:
        return list(zip(*self.rows, strict=True))


@dataclass
class Verdict:
    """What a round came to: the batches to put on the log, and who says too much."""

    batches: list[Batch]
    facts: int
    refused: int


class Judge:
    """Judges rounds of messages. It remembers where each device was and how much it says."""

    def __init__(self, source: str, known: Known) -> None:
        self.source = source
        self.known = known
        self.floods = Floods()
        self._tracks = Tracks()

    def judge(self, said: Sequence[Said], now: int) -> Verdict:
        """The batches that said comes to at now (ms since 1970 UTC), in the order it came."""
        refused = Refused()
        heaps = self._heap_up(said, now, refused)
        batches: list[Batch] = []
        for (city, what), heap in heaps.items():
            batch = self._batch(city, what, heap, now, refused)
            if len(batch):
                batches.append(batch)
        facts = sum(map(len, batches))
        return Verdict(
            [*batches, *refused.batches(self.source, now)],
            facts,
            sum(pile.facts for pile in refused.piles.values()),
        )

    def _heap_up(
        self, said: Sequence[Said], now: int, refused: Refused
    ) -> dict[tuple[str, str], Heap]:
        heaps: dict[tuple[str, str], Heap] = defaultdict(Heap)
        self.floods.begin(now)
        for one in said:
            number = self.known.numbers.get((one.city, one.device), 0)
            if not number:
                refused.add(one, 0, "unknown_device", beginning(one.payload))
            elif self.floods.too_many(number, self.known.most_per_minute):
                refused.add(one, number, "too_many", "", wire.how_many(one.payload))
            else:
                self._read(one, number, heaps, refused)
        return heaps

    def _read(
        self, said: Said, number: int, heaps: dict[tuple[str, str], Heap], refused: Refused
    ) -> None:
        try:
            facts = wire.parse(said.what, said.payload)
            rows = [self._row(said.what, number, fact) for fact in facts]
        except wire.Unreadable as error:
            sample = f"{error}\n{beginning(said.payload)}"
            refused.add(said, number, error.reason, sample, wire.how_many(said.payload))
            return
        if not facts:
            return
        heap = heaps[said.city, said.what]
        heap.rows += rows
        heap.facts += [(said, fact) for fact in facts]

    def _row(self, what: str, number: int, fact: Any) -> tuple[Any, ...]:
        time = wire.milliseconds(fact.t)
        if what == "positions":
            return (
                number,
                time,
                fact.lon,
                fact.lat,
                NAN if fact.speed is None else fact.speed,
                NAN if fact.heading is None else fact.heading,
                NAN if fact.accuracy is None else fact.accuracy,
            )
        if what == "states":
            return (number, time, fact.name, fact.value, fact.about)
        channel = self.known.channels.get((int(self.known.kind[number]), fact.channel), NO_CHANNEL)
        head = (number, time, channel.number, channel.low, channel.high)
        return (*head, fact.value) if what == "readings" else (*head, fact.count, fact.seconds)

    def _batch(self, city: str, what: str, heap: Heap, now: int, refused: Refused) -> Batch:
        make: Callable[..., tuple[Batch, Iterable[tuple[Reason, Bools]]]] = getattr(
            self, f"_{what}"
        )
        columns = heap.columns()
        device = np.array(columns[0], dtype=np.int32)
        time = np.array(columns[1], dtype=np.int64)
        head = {
            "city": city,
            "source": self.source,
            "made": now,
            "device": device,
            "time": time,
            "simulated": self.known.simulated[device],
        }
        batch, doubts = make(self.known.cities[city], head, columns[2:])
        times: list[tuple[Reason, Bools]] = [
            ("future", time > now + FUTURE_MS),
            ("very_old", time < now - self.known.oldest[device]),
        ]
        good = self._set_aside(heap, [*doubts, *times], device, refused)
        if isinstance(batch, Positions):
            good &= self._moving(heap, batch, good, refused)
        return batch if good.all() else batch.take(good)

    def _set_aside(
        self,
        heap: Heap,
        doubts: Iterable[tuple[Reason, Bools]],
        device: NDArray[np.int32],
        refused: Refused,
    ) -> Bools:
        """The rows that no doubt touches; the others go to refused for the first that does."""
        good = np.ones(len(device), dtype=np.bool_)
        for reason, bad in doubts:
            for row in np.flatnonzero(bad & good).tolist():
                said, fact = heap.facts[row]
                refused.add(said, int(device[row]), reason, _sample(fact))
            good &= ~bad
        return good

    def _positions(
        self, city: KnownCity, head: dict[str, Any], columns: list[Any]
    ) -> tuple[Positions, list[tuple[Reason, Bools]]]:
        lon, lat = np.array(columns[0]), np.array(columns[1])
        with np.errstate(over="ignore"):  # to infinity, which is set aside below
            speed, heading, accuracy = (np.array(one, dtype=np.float32) for one in columns[2:5])
        device = head["device"]
        number = np.isfinite(lon) & np.isfinite(lat)
        number &= ~(np.isinf(speed) | np.isinf(heading) | np.isinf(accuracy))
        possible = (np.abs(lon) <= 180) & (np.abs(lat) <= 90)
        possible &= ~(speed < 0) & ~(speed > np.maximum(self.known.max_speed[device], 1.0))
        possible &= ~(heading < 0) & ~(heading > 360) & ~(accuracy < 0)
        x, y = _metres(lon, lat, number & possible, city)
        batch = Positions(
            **head, lon=lon, lat=lat, x=x, y=y, speed=speed, heading=heading, accuracy=accuracy
        )
        return batch, [
            ("not_a_number", ~number),
            ("out_of_range", ~possible),
            ("outside_city", _outside(x, y, city, self.known.outside[device])),
        ]

    def _moving(self, heap: Heap, batch: Positions, good: Bools, refused: Refused) -> Bools:
        """Which of the good positions can follow on those before them."""
        rows = np.flatnonzero(good)
        device = batch.device[rows]
        speed = self.known.max_speed[device]
        believed = self._tracks.believe(
            device, batch.time[rows], batch.x[rows], batch.y[rows], speed
        )
        bad = np.zeros(len(good), dtype=np.bool_)
        bad[rows[~believed]] = True
        return self._set_aside(heap, [("too_fast", bad)], batch.device, refused)

    def _readings(
        self, city: KnownCity, head: dict[str, Any], columns: list[Any]
    ) -> tuple[Readings, list[tuple[Reason, Bools]]]:
        channel = np.array(columns[0], dtype=np.int32)
        low, high, value = (np.array(column, dtype=np.float64) for column in columns[1:4])
        return Readings(**head, channel=channel, value=value), [
            ("unknown_channel", channel == 0),
            ("not_a_number", ~np.isfinite(value)),
            ("out_of_range", (value < low) | (value > high)),
        ]

    def _counts(
        self, city: KnownCity, head: dict[str, Any], columns: list[Any]
    ) -> tuple[Counts, list[tuple[Reason, Bools]]]:
        channel = np.array(columns[0], dtype=np.int32)
        low, high = (np.array(column, dtype=np.float64) for column in columns[1:3])
        count = np.array(columns[3], dtype=np.int32)
        seconds = np.array(columns[4], dtype=np.float32)
        return Counts(**head, channel=channel, seconds=seconds, count=count), [
            ("unknown_channel", channel == 0),
            ("out_of_range", (count < low) | (count > high)),
        ]

    def _states(
        self, city: KnownCity, head: dict[str, Any], columns: list[Any]
    ) -> tuple[States, list[tuple[Reason, Bools]]]:
        name, value, about = (words(column) for column in columns)
        return States(**head, name=name, value=value, about=about), []


def _metres(
    lon: NDArray[np.float64], lat: NDArray[np.float64], good: Bools, city: KnownCity
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    x, y = np.full(len(lon), np.nan), np.full(len(lon), np.nan)
    if good.any():
        x[good], y[good] = to_metres(lon[good], lat[good], city.crs)
    return x, y


def _outside(
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    city: KnownCity,
    margin: NDArray[np.float64],
) -> Bools:
    """Whether points lie outside the city's box widened by margin, or where its CRS does not reach."""
    west, south, east, north = city.box
    inside = (x >= west - margin) & (x <= east + margin)
    inside &= (y >= south - margin) & (y <= north + margin) & np.isfinite(x) & np.isfinite(y)
    return ~inside


def _sample(fact: wire.Fact) -> str:
    return msgspec.json.encode(fact).decode()
