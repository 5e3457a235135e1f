"""A package as one zip file that has one form only: nothing compressed, no date, no room between.

So every byte of it is accounted for by its files, and one that was changed anywhere is found
(APPNOTE.TXT 6.3.10, without ZIP64: files and package stay below 4 GiB).
"""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

LARGEST = 0xFFFFFFFF
CHUNK = 1 << 20
VERSION, UTF8, DAY = 20, 0x0800, 0x0021  # 2.0; names in UTF-8; 1 January 1980


@dataclass(frozen=True)
class Entry:
    """One file of a package."""

    name: str
    size: int
    crc: int
    open: Callable[[], IO[bytes]]


def entry(name: str, path: Path) -> Entry:
    """The file at path as it is packed."""
    crc = 0
    with path.open("rb") as file:
        while data := file.read(CHUNK):
            crc = zlib.crc32(data, crc)
    return Entry(name, path.stat().st_size, crc, lambda: path.open("rb"))


def written(entries: Sequence[Entry]) -> Iterator[bytes]:
    """The bytes of the package; ValueError where it would be too large."""
    directory, offset = [], 0
    for one in entries:
        name = one.name.encode()
        head = (VERSION, UTF8, 0, 0, DAY, one.crc, one.size, one.size, len(name), 0)
        if offset + one.size + 2 * CHUNK > LARGEST:
            raise ValueError("a package has less than 4 GiB: ask for less in one")
        yield b"PK\x03\x04" + struct.pack("<HHHHHIIIHH", *head) + name
        yield from _data(one)
        tail = (0, 0, 0, 0, offset)  # comment, disk, attributes within and without, place
        directory.append(
            b"PK\x01\x02" + struct.pack("<H", VERSION) + struct.pack("<HHHHHIIIHH", *head)
            + struct.pack("<HHHII", *tail) + name
        )  # fmt: skip
        offset += 30 + len(name) + one.size
    listed = b"".join(directory)
    count = len(entries)
    yield listed
    yield b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, count, count, len(listed), offset, 0)


def _data(one: Entry) -> Iterator[bytes]:
    with one.open() as file:
        while data := file.read(CHUNK):
            yield data


def is_whole(path: Path) -> bool:
    """Whether the zip file at path is what written() makes of its files, to the last bit."""
    with zipfile.ZipFile(path) as found, path.open("rb") as file:
        entries = [
            Entry(one.filename, one.file_size, one.CRC, lambda one=one: found.open(one))  # type: ignore[misc]
            for one in found.infolist()
        ]
        for part in written(entries):
            if file.read(len(part)) != part:
                return False
        return file.read(1) == b""
