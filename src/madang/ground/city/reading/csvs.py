"""Delimited text in the encodings Korean offices write: UTF-8 with or without a mark, cp949, UTF-16."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from madang.ground.city.reading.sheets import Sheet, SourceRow
from madang.ground.city.reasons import Refused, Rejected, note

HEAD = 1 << 20
LONGEST_LINE = 4 << 20
MOST_COLUMNS = 2_000
MARKS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
OTHER = {"utf-8": "cp949", "utf-8-sig": "cp949", "cp949": "utf-8"}
FORMULA = ("=", "+", "-", "@", "\t", "\r")
UNREADABLE = "\ufffd"
LONGEST_CELL = 1 << 20
csv.field_size_limit(LONGEST_CELL)


@dataclass
class CsvSheet(Sheet):
    encoding: str = "utf-8"
    delimiter: str = ","
    strays: int = 0
    _weight: int = 0
    _unreadable: bool = False

    def rows(self) -> Iterator[SourceRow]:
        self.strays = 0
        self._begin_row()
        self.notes = [note("encoding", encoding=_name(self.encoding))]
        reader = csv.reader(self._lines(), delimiter=self.delimiter, strict=True)
        try:
            header = next(reader, [])
            self._begin_row()
            for number, cells in enumerate(reader, 2):
                if any(cells):
                    yield self._row(number, header, cells)
                self._begin_row()
        except csv.Error as error:
            if "end of data" in str(error):
                raise Refused("truncated") from error
            if "field limit" in str(error):
                raise Refused("endless-line", limit=f"{LONGEST_CELL >> 20} MiB") from error
            raise Refused("broken", detail=str(error)) from error
        if self.strays:
            other = _name(OTHER[self.encoding])
            self.notes.append(note("mixed-encodings", count=self.strays, encoding=other))
        self.fraction = 1.0

    def _row(self, number: int, header: list[str], cells: list[str]) -> SourceRow:
        values = dict(zip(self.columns, map(plain, cells), strict=False))
        problem = None
        if len(cells) != len(header):
            problem = Rejected("cells", found=len(cells), expected=len(header))
        elif self._unreadable:
            problem = Rejected("unreadable")
        return SourceRow(number, values, problem=problem, weight=self._weight)

    def _begin_row(self) -> None:
        """What is read from here on belongs to the next row, over as many lines as it has."""
        self._weight, self._unreadable = 0, False

    def _take(self, line: str, length: int) -> str:
        self._weight += length
        _refuse_endless(self._weight)
        self._unreadable = self._unreadable or UNREADABLE in line
        return line

    def _lines(self) -> Iterator[str]:
        if self.encoding == "utf-16":
            with self.path.open(encoding="utf-16", errors="replace", newline="") as file:
                while text := file.readline(LONGEST_LINE):
                    yield self._take(text, len(text))
            return
        size = max(self.path.stat().st_size, 1)
        done = 0
        with self.path.open("rb") as file:
            while line := file.readline(LONGEST_LINE):
                done += len(line)
                self.fraction = done / size
                yield self._take(self._decoded(line), len(line))

    def _decoded(self, line: bytes) -> str:
        """A line in the file's encoding, else in the other one, else with marks where it has none."""
        with suppress(UnicodeDecodeError):
            return line.decode(self.encoding)
        try:
            decoded = line.decode(OTHER[self.encoding])
        except UnicodeDecodeError:
            return line.decode("utf-8", "replace")
        self.strays += 1
        return decoded


def _refuse_endless(length: int) -> None:
    """A file without line ends, or with a quote that does not close, would be read whole as one row."""
    if length >= LONGEST_LINE:
        raise Refused("endless-line", limit=f"{LONGEST_LINE >> 20} MiB")


def plain(cell: str) -> str:
    """A cell without NUL, and without the apostrophe that our export puts before a formula."""
    words = cell.replace("\x00", "") if "\x00" in cell else cell
    return words[1:] if words[:1] == "'" and words[1:].startswith(FORMULA) else words


def open_csv(path: Path, name: str) -> CsvSheet:
    """The one table of a text file; Refused where it is not text or has no header."""
    with path.open("rb") as file:
        head = file.read(HEAD)
    encoding = sniff_encoding(head)
    first = head.decode(encoding, "replace").lstrip("\ufeff\r\n").split("\n", 1)[0]
    delimiter = max(",\t;|", key=first.count)
    header = next(csv.reader(io.StringIO(first), delimiter=delimiter), [])
    columns = tuple(cell.replace("\x00", "").strip().lstrip("\ufeff") for cell in header)
    if len(columns) < 2 or len(set(columns)) < len(columns):
        raise Refused("not-data")
    if len(columns) > MOST_COLUMNS:
        raise Refused("too-many-columns", limit=f"{MOST_COLUMNS:,}")
    return CsvSheet(path, name, columns, encoding=encoding, delimiter=delimiter)


def _name(encoding: str) -> str:
    return encoding.upper().removesuffix("-SIG")


def sniff_encoding(head: bytes) -> str:
    """By mark, else UTF-8 where head is that, else cp949 where it is that; Refused where it is neither.

    Where a file mixes both, that of the greater part of its lines.
    """
    for mark, encoding in MARKS.items():
        if head.startswith(mark):
            return encoding
    if b"\x00" in head:
        raise Refused("not-data")
    lines = head.split(b"\n")[:-1] or [head]
    utf8 = sum(_decodes(line, "utf-8") for line in lines)
    cp949 = sum(_decodes(line, "cp949") for line in lines)
    if utf8 == len(lines):
        return "utf-8"
    if max(utf8, cp949) < len(lines) / 2:
        raise Refused("not-data")
    return "utf-8" if utf8 >= cp949 else "cp949"


def _decodes(line: bytes, encoding: str) -> bool:
    try:
        line.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True
