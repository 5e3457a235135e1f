"""Where a check reads a trail from: the database, or a file that was exported from one."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Any

import psycopg

from madang.ground.trail.audit import Row
from madang.ground.trail.notes import Key

ROWS = """
SELECT place.position, place.leaf, entry.id::text, (extract(epoch FROM time) * 1000000)::bigint,
       city::text, actor::text, organisation::text, action, thing_kind, thing_id, "right",
       entry.detail::text, commitment, salt, name, address, reason, personal.detail::text
FROM trail_place place
LEFT JOIN trail_entry entry ON entry.id = place.entry_id
LEFT JOIN trail_personal personal ON personal.entry_id = place.entry_id
ORDER BY place.position
"""
WAITING = """
SELECT count(*) FROM trail_entry entry
WHERE NOT EXISTS (SELECT FROM trail_place place WHERE place.entry_id = entry.id)
"""
FETCH = 5000


class ExportError(ValueError):
    """The file is no export of a trail; the message says where it breaks off."""


def database_rows(connection: psycopg.Connection[Any]) -> Iterator[Row]:
    """The rows of a database, in one transaction, streamed; connection is used by nobody else."""
    with connection.transaction(), connection.cursor("trail_rows", binary=True) as cursor:
        cursor.itersize = FETCH
        connection.execute("SET LOCAL madang.personal = 'all'")
        cursor.execute(ROWS)
        for row in cursor:
            entry = None if row[2] is None else row[2:13]
            yield row[0], row[1], entry, row[13], row[14:18]


def database_waiting(connection: psycopg.Connection[Any]) -> int:
    """How many committed entries have no place yet."""
    found = connection.execute(WAITING).fetchone()
    return int(found[0]) if found else 0


def export(rows: Iterable[Row], waiting: int, file: IO[str]) -> int:
    """Write rows to file, one JSON object a line, the first a heading; returns how many rows."""
    file.write(json.dumps({"madang": "trail", "version": 1, "waiting": waiting}) + "\n")
    count = 0
    for position, leaf, entry, salt, personal in rows:
        line = {
            "position": position,
            "leaf": leaf.hex(),
            "entry": [*entry[:-1], entry[-1].hex()] if entry else None,
            "salt": salt.hex() if salt else None,
            "personal": list(personal),
        }
        file.write(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n")
        count += 1
    return count


def export_waiting(path: Path) -> int:
    """How many entries had no place when the file was exported."""
    with path.open(encoding="utf-8") as file:
        return int(_heading(file.readline())["waiting"])


def export_rows(path: Path) -> Iterator[Row]:
    """The rows of an exported file."""
    with path.open(encoding="utf-8") as file:
        _heading(file.readline())
        for number, line in enumerate(file, start=2):
            try:
                yield _row(json.loads(line))
            except (ValueError, KeyError, TypeError) as error:
                raise ExportError(f"{path}, line {number}: {error}") from error


def kept_heads(path: Path) -> tuple[list[str], list[Key]]:
    """Heads somebody kept, and the keys beside them: what `/trail/heads` answered, or bare notes."""
    words = path.read_text(encoding="utf-8")
    if words.lstrip().startswith("{"):
        answer = json.loads(words)
        return [head["note"] for head in answer["heads"]], [
            Key.parse(key) for key in answer.get("keys", [])
        ]
    return _notes(words), []


def _notes(words: str) -> list[str]:
    """Bare notes one after the other: each is a text, an empty line, and lines that begin with —."""
    notes: list[str] = []
    current: list[str] = []
    signed = False
    for line in words.splitlines():
        signature = line.startswith("— ")
        if signed and not signature:
            notes.append("\n".join(current) + "\n")
            current, signed = [], False
            if not line:
                continue
        signed = signed or signature
        current.append(line)
    if signed:
        notes.append("\n".join(current) + "\n")
    return notes


def _heading(line: str) -> dict[str, Any]:
    try:
        heading: dict[str, Any] = json.loads(line)
        if heading["madang"] != "trail" or heading["version"] != 1:
            raise ValueError(line)
    except (ValueError, KeyError, TypeError) as error:
        raise ExportError("This file was not made by `madang trail export`.") from error
    return heading


def _row(line: dict[str, Any]) -> Row:
    entry = line["entry"]
    if entry is not None:
        entry = [*entry[:-1], bytes.fromhex(entry[-1])]
    salt = line["salt"]
    return (
        int(line["position"]),
        bytes.fromhex(line["leaf"]),
        entry,
        bytes.fromhex(salt) if salt else None,
        line["personal"],
    )
