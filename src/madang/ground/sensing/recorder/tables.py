"""Which table each kind of telemetry is recorded in, and its rows as that table has them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from madang.ground.bus.columns import joined_words
from madang.ground.bus.messages import Batch
from madang.ground.sensing.messages import Counts, Positions, Readings, States
from madang.ground.sensing.recorder.binary import (
    BEGIN,
    END,
    FLOAT4,
    FLOAT8,
    INT4,
    TIMESTAMPTZ,
    Field,
    binary_rows,
    timestamps,
)


@dataclass(frozen=True)
class Rows:
    """Facts of one kind, ready to be copied. city numbers the batch's cities; keys order the rows."""

    table: ClassVar[str] = ""
    columns: ClassVar[tuple[str, ...]] = ()
    unique: ClassVar[tuple[str, ...]] = ()
    is_binary: ClassVar[bool] = True

    device: NDArray[np.int32]
    time: NDArray[np.int64]
    city: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.device)

    def take(self, rows: NDArray[Any]) -> Rows:
        """The chosen rows (indices or mask)."""
        return type(self)(**{name: value[rows] for name, value in vars(self).items()})

    def sorted_once(self) -> Rows:
        """The rows in the order of their key, each key once: what a device sent twice is one fact."""
        keys = [getattr(self, name) for name in reversed(self.unique)]
        order = np.lexsort(keys)
        same = np.zeros(len(order), dtype=np.bool_)
        same[1:] = True
        for key in keys:
            ordered = key[order]
            same[1:] &= ordered[1:] == ordered[:-1]
        return self.take(order[~same] if same.any() else order)

    def copied(self) -> Iterator[bytes]:
        """What COPY FROM STDIN takes."""
        yield BEGIN
        if len(self):
            yield from binary_rows(self.copy_fields())
        yield END

    def copy_fields(self) -> list[Field]:
        raise NotImplementedError


@dataclass(frozen=True)
class PositionRows(Rows):
    table: ClassVar[str] = "sensing_position"
    columns: ClassVar[tuple[str, ...]] = (
        "device",
        "time",
        "lon",
        "lat",
        "x",
        "y",
        "speed",
        "heading",
        "accuracy",
    )
    unique: ClassVar[tuple[str, ...]] = ("device", "time")

    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    speed: NDArray[np.float32]
    heading: NDArray[np.float32]
    accuracy: NDArray[np.float32]

    def copy_fields(self) -> list[Field]:
        return [
            Field("device", INT4, self.device),
            Field("time", TIMESTAMPTZ, timestamps(self.time)),
            Field("lon", FLOAT8, self.lon),
            Field("lat", FLOAT8, self.lat),
            Field("x", FLOAT4, self.x),
            Field("y", FLOAT4, self.y),
            Field("speed", FLOAT4, self.speed, nullable=True),
            Field("heading", FLOAT4, self.heading, nullable=True),
            Field("accuracy", FLOAT4, self.accuracy, nullable=True),
        ]


@dataclass(frozen=True)
class ReadingRows(Rows):
    table: ClassVar[str] = "sensing_reading"
    columns: ClassVar[tuple[str, ...]] = ("device", "channel", "time", "value")
    unique: ClassVar[tuple[str, ...]] = ("device", "channel", "time")

    channel: NDArray[np.int32]
    value: NDArray[np.float64]

    def copy_fields(self) -> list[Field]:
        return [
            Field("device", INT4, self.device),
            Field("channel", INT4, self.channel),
            Field("time", TIMESTAMPTZ, timestamps(self.time)),
            Field("value", FLOAT8, self.value),
        ]


@dataclass(frozen=True)
class CountRows(Rows):
    table: ClassVar[str] = "sensing_count"
    columns: ClassVar[tuple[str, ...]] = ("device", "channel", "time", "seconds", "count")
    unique: ClassVar[tuple[str, ...]] = ("device", "channel", "time")

    channel: NDArray[np.int32]
    seconds: NDArray[np.float32]
    count: NDArray[np.int32]

    def copy_fields(self) -> list[Field]:
        return [
            Field("device", INT4, self.device),
            Field("channel", INT4, self.channel),
            Field("time", TIMESTAMPTZ, timestamps(self.time)),
            Field("seconds", FLOAT4, self.seconds),
            Field("count", INT4, self.count),
        ]


@dataclass(frozen=True)
class StateRows(Rows):
    """States are few and have words, so they go as text."""

    table: ClassVar[str] = "sensing_state"
    columns: ClassVar[tuple[str, ...]] = ("device", "name", "time", "value", "about")
    unique: ClassVar[tuple[str, ...]] = ("device", "name", "time")
    is_binary: ClassVar[bool] = False

    name: NDArray[np.str_]
    value: NDArray[np.str_]
    about: NDArray[np.str_]

    def copied(self) -> Iterator[bytes]:
        moments = np.char.add(np.datetime_as_string(self.time.astype("M8[ms]")), "Z")
        columns = (self.device, self.name, moments, self.value, self.about)
        for row in zip(*(column.tolist() for column in columns), strict=True):
            yield ("\t".join(_escaped(str(value)) for value in row) + "\n").encode()


ROWS: dict[type[Batch], type[Rows]] = {
    Positions: PositionRows,
    Readings: ReadingRows,
    Counts: CountRows,
    States: StateRows,
}
WORDS = ("name", "value", "about")


def rows_of(batches: Sequence[Any], cities: Sequence[str]) -> Rows:
    """The facts of batches, which are of one kind, in one; cities gives each city its number."""
    cls = ROWS[type(batches[0])]
    columns = {
        field.name: _joined(field.name, batches, cls)
        for field in fields(cls)
        if field.name != "city"
    }
    city = np.concatenate(
        [np.full(len(batch), cities.index(batch.city), dtype=np.int32) for batch in batches]
    )
    return cls(**columns, city=city)


def _joined(name: str, batches: Iterable[Any], cls: type[Rows]) -> NDArray[Any]:
    columns = [getattr(batch, name) for batch in batches]
    if cls is StateRows and name in WORDS:
        return np.array(joined_words(columns).rows(), dtype=np.str_)
    return np.concatenate(columns)


def _escaped(text: str) -> str:
    """Text as COPY reads it; the letter NUL, which PostgreSQL cannot keep, becomes U+FFFD."""
    return (
        text.replace("\\", "\\\\")
        .replace("\t", "\\t")
        .replace("\n", "\\n")
        .replace("\r", "\\r")
        .replace("\0", "\N{REPLACEMENT CHARACTER}")
    )
