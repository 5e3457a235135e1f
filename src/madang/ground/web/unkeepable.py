"""Text that JSON can say and PostgreSQL cannot keep: the letter NUL, and lone halves of surrogate pairs."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

SUSPECT = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])")


def unkeepable(body: bytes) -> str | None:
    """The place (JSON pointer) of the first such text in a body of JSON; None where there is none.

    A body that is no JSON is left to who reads it.
    """
    if not SUSPECT.search(body):
        return None
    try:
        return next(_places(json.loads(body), ""), None)
    except (ValueError, RecursionError):
        return None


def _places(value: Any, where: str) -> Iterator[str]:
    if isinstance(value, str) and not _keeps(value):
        yield where or "/"
    elif isinstance(value, dict):
        for key, inner in value.items():
            if not _keeps(key):
                yield where or "/"
            yield from _places(inner, f"{where}/{key}")
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _places(inner, f"{where}/{number}")


def _keeps(text: str) -> bool:
    try:
        return b"\0" not in text.encode()
    except UnicodeEncodeError:
        return False
