"""Cells of exported CSV: no spreadsheet may take one for a formula."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator
from typing import Any

from madang.ground.city.reading.csvs import FORMULA


def cell(value: Any) -> Any:
    """value for a CSV cell; text that a spreadsheet would run gets an apostrophe before it."""
    if value is None or isinstance(value, bool | int | float):
        return "" if value is None else value
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, default=str)
    words = str(value)
    return f"'{words}" if words.startswith(FORMULA) and not _is_number(words) else words


def csv_pieces(header: list[str], rows: Iterable[list[Any]]) -> Iterator[bytes]:
    """CSV in UTF-8 with a mark, which Excel needs to read Hangul; a piece of about 64 KiB at a time."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    buffer.write("\ufeff")
    writer.writerow([cell(word) for word in header])
    for row in rows:
        writer.writerow([cell(value) for value in row])
        if buffer.tell() > 1 << 16:
            yield buffer.getvalue().encode()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue().encode()


def _is_number(words: str) -> bool:
    try:
        float(words)
    except ValueError:
        return False
    return True
