"""Excel workbooks (.xlsx), a row at a time; each sheet with a header is a table."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from madang.ground.city.reading.sheets import Sheet, SourceRow
from madang.ground.city.reasons import Refused, Rejected

LOOK_FOR_HEADER = 20


@dataclass
class WorkbookSheet(Sheet):
    title: str = ""
    header: int = 1

    def rows(self) -> Iterator[SourceRow]:
        with opened(self.path) as book:
            sheet = book[self.title]
            total = max(sheet.max_row or 1, 1)
            for number, cells in enumerate(sheet.iter_rows(values_only=True), 1):
                self.fraction = min(number / total, 1.0)
                if number > self.header and any(cell is not None for cell in cells):
                    yield self._row(number, cells)

    def _row(self, number: int, cells: tuple[Any, ...]) -> SourceRow:
        values = dict(zip(self.columns, map(plain, cells), strict=False))
        more = [cell for cell in cells[len(self.columns) :] if cell is not None]
        problem = (
            Rejected("cells", found=len(self.columns) + len(more), expected=len(self.columns))
            if more
            else None
        )
        return SourceRow(number, values, problem=problem)


def open_workbooks(path: Path, name: str) -> list[Sheet]:
    """Every sheet of the workbook that has a header."""
    with opened(path) as book:
        found = [_with_header(path, name, sheet) for sheet in book.worksheets]
    return [sheet for sheet in found if sheet]


@contextmanager
def opened(path: Path) -> Iterator[Any]:
    """The workbook by its bytes; openpyxl would judge a path by its suffix."""
    with path.open("rb") as stream:
        try:
            book = openpyxl.load_workbook(stream, read_only=True, data_only=True)
        except (BadZipFile, InvalidFileException, KeyError, ValueError, EOFError) as error:
            raise Refused("broken", detail=str(error)) from error
        yield book
        book.close()


def plain(cell: Any) -> str:
    """A cell as it would stand in CSV."""
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return cell.isoformat(" ")
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)


def _with_header(path: Path, name: str, sheet: Any) -> WorkbookSheet | None:
    for number, cells in enumerate(sheet.iter_rows(values_only=True, max_row=LOOK_FOR_HEADER), 1):
        words = [plain(cell).strip() for cell in cells]
        while words and not words[-1]:
            words.pop()
        if len(words) >= 2 and all(words) and len(set(words)) == len(words):
            title = f"{name}/{sheet.title}"
            return WorkbookSheet(path, title, tuple(words), title=sheet.title, header=number)
    return None
