"""How an act becomes the bytes that the tree is made of.

A leaf is a JSON array, UTF-8, no spaces, keys of objects sorted, numbers in their shortest form:
[version, id, microseconds since 1970 UTC, city, actor, organisation, action, kind of thing, thing,
right, detail, commitment]. What names or describes a person is not in it; the commitment is, as
SHA-256(salt ‖ JSON array of name, address, reason, personal detail), in hexadecimal. When salt and
data are destroyed, the leaf stays what it was and nobody can guess what was committed.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

import msgspec

VERSION = 1
LARGEST = 2**53
_encode = msgspec.json.Encoder(order="sorted").encode


def leaf_data(fields: Sequence[Any], detail: Mapping[str, Any], commitment: bytes) -> bytes:
    """The bytes of one leaf. fields are the nine from id to right, ids as text, time in microseconds;
    detail is plain()."""
    return _encode((VERSION, *fields, detail, commitment.hex()))


def commit(salt: bytes, personal: bytes) -> bytes:
    """The commitment to personal_data() under salt (32 random bytes)."""
    return sha256(salt + personal).digest()


def personal_data(words: Sequence[str], detail: Mapping[str, Any]) -> bytes:
    """What is committed to. words are name, address and reason."""
    return _encode((*words, detail))


def text(value: str) -> str:
    """value without what PostgreSQL cannot keep as text: NUL and lone halves of surrogate pairs."""
    return value.replace("\x00", "").encode("utf-8", "replace").decode()


def plain(value: Any) -> Any:
    """value as it comes back from a jsonb column: other types as text, whole floats as integers."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        return _number(value)
    if isinstance(value, Mapping):
        return {text(str(key)): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else text(str(value))


def _number(value: float) -> Any:
    """Beyond 2**53 a number is not the same in every reader of JSON, so it is kept as text."""
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"the trail keeps no {value} in detail; leave it out or say None")
    if value != int(value):
        return value
    return int(value) if abs(value) <= LARGEST else str(value)
