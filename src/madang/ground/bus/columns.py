"""Columns: many rows of one kind as raw little-endian arrays, which no reader has to parse row by row.

A message class annotates its columns with these types; on the wire each is a MessagePack `bin`.
Unknown in a float column is NaN (a raw array has no other word for it); stores write it as NULL and
screens as unknown.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, get_args

import msgspec
import numpy as np
from numpy.typing import NDArray

UInt8 = NDArray[np.uint8]
Int32 = NDArray[np.int32]
Int64 = NDArray[np.int64]
Float32 = NDArray[np.float32]
Float64 = NDArray[np.float64]


class Words(msgspec.Struct, frozen=True):
    """A column of text in which words repeat: each distinct word once, and a number for each row."""

    words: list[str]
    codes: Int32

    def __len__(self) -> int:
        return len(self.codes)

    def rows(self) -> list[str]:
        """The word of each row."""
        return [self.words[code] for code in self.codes.tolist()]

    def take(self, rows: NDArray[Any]) -> Words:
        """The column of the chosen rows (indices or mask); words that no row uses stay."""
        return Words(self.words, self.codes[rows])


def words(rows: Iterable[str]) -> Words:
    """The column that holds rows."""
    numbers: dict[str, int] = {}
    codes = [numbers.setdefault(row, len(numbers)) for row in rows]
    return Words(list(numbers), np.array(codes, dtype=np.int32))


def joined_words(columns: Sequence[Words]) -> Words:
    """The columns one after the other."""
    return words(row for column in columns for row in column.rows())


def to_wire(value: object) -> bytes:
    """msgspec's enc_hook: an array as its raw little-endian bytes."""
    if not isinstance(value, np.ndarray):
        raise NotImplementedError(f"{type(value).__name__} cannot be written to the log")
    return value.astype(value.dtype.newbyteorder("<"), copy=False).tobytes()


def from_wire(kind: type, value: object) -> object:
    """msgspec's dec_hook: raw bytes as a read-only array of the annotated type."""
    if not isinstance(value, bytes):
        raise ValueError(f"a column must be bytes, not {type(value).__name__}")
    dtype = np.dtype(get_args(get_args(kind)[1])[0]).newbyteorder("<")
    return np.frombuffer(value, dtype=dtype)
