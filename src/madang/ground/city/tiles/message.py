"""The protobuf messages of a vector tile: layers of features with their tags (specification 2.1, 4.1)."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import Any

from madang.ground.city.tiles.geometry import Drawn
from madang.ground.city.tiles.grid import EXTENT

VERSION = 2
LAYER, NAME, FEATURE, KEY, VALUE, EXTENT_FIELD, VERSION_FIELD = 3, 1, 2, 3, 4, 5, 15
TAGS, TYPE, GEOMETRY = 2, 3, 4
TEXT, DOUBLE, WHOLE, FLAG = 1, 3, 6, 7


def layer_message(
    name: str, drawn: Sequence[Drawn], names: Sequence[str], rows: Sequence[Sequence[Any]]
) -> bytes:
    """One layer, as field 3 of a tile; rows[i] are the values of names of the i-th row, None left out."""
    keys = {key: place for place, key in enumerate(names)}
    values: dict[tuple[type, Any], int] = {}
    body = [_bytes(NAME, name.encode())]
    for group in drawn:
        known: dict[tuple[Any, ...], bytes] = {}
        ends = group.starts.tolist()
        for place, number in enumerate(group.rows.tolist()):
            row = tuple(rows[number])
            tags = known.get(row)
            if tags is None:
                tags = _bytes(TAGS, _tags(names, row, keys, values)) + _number(TYPE, group.kind)
                known[row] = tags
            commands = group.commands[ends[place] : ends[place + 1]]
            body.append(_bytes(FEATURE, tags + _bytes(GEOMETRY, commands)))
    body += [_bytes(KEY, key.encode()) for key in names]
    body += [_bytes(VALUE, _value(value)) for _, value in values]
    body.append(_number(EXTENT_FIELD, EXTENT))
    body.append(_number(VERSION_FIELD, VERSION))
    return _bytes(LAYER, b"".join(body))


def _tags(
    names: Sequence[str],
    row: Sequence[Any],
    keys: dict[str, int],
    values: dict[tuple[type, Any], int],
) -> bytes:
    found = bytearray()
    for name, value in zip(names, row, strict=True):
        if value is None or value == "":
            continue
        place = values.setdefault((type(value), value), len(values))
        found += varint(keys[name]) + varint(place)
    return bytes(found)


def _value(value: Any) -> bytes:
    if isinstance(value, bool):
        return _number(FLAG, int(value))
    if isinstance(value, int):
        return _number(WHOLE, (value << 1) ^ (value >> 63))
    if isinstance(value, float):
        return varint(DOUBLE << 3 | 1) + struct.pack("<d", value)
    return _bytes(TEXT, str(value).encode())


def _bytes(field: int, content: bytes) -> bytes:
    size = len(content)
    if size < 0x80:
        return bytes((field << 3 | 2, size)) + content
    return varint(field << 3 | 2) + varint(size) + content


def _number(field: int, number: int) -> bytes:
    return varint(field << 3) + varint(number)


def varint(number: int) -> bytes:
    if number < 0x80:
        return bytes((number,))
    found = bytearray()
    while number >= 0x80:
        found.append(number & 0x7F | 0x80)
        number >>= 7
    found.append(number)
    return bytes(found)
