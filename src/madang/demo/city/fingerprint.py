"""The bytes of a made thing, whatever it is made of: two things are the same when these are."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from functools import singledispatch
from typing import Any

import numpy as np
import shapely


def digest(thing: Any) -> str:
    """SHA-256 of thing in hexadecimal."""
    found = hashlib.sha256()
    for part in content(thing):
        found.update(part)
    return found.hexdigest()


@singledispatch
def content(thing: Any) -> Iterator[bytes]:
    """The bytes of thing, part by part."""
    if is_dataclass(thing):
        for field in fields(thing):
            yield from content(getattr(thing, field.name))
    else:
        yield repr(thing).encode()


@content.register
def _(thing: shapely.Geometry) -> Iterator[bytes]:
    yield shapely.to_wkb(thing)


@content.register
def _(thing: np.ndarray) -> Iterator[bytes]:
    if thing.dtype == object:
        yield from shapely.to_wkb(thing).tolist()
    else:
        yield thing.tobytes()


@content.register(list)
@content.register(tuple)
def _(thing: Any) -> Iterator[bytes]:
    for one in thing:
        yield from content(one)


@content.register(dict)
def _(thing: Any) -> Iterator[bytes]:
    for key in sorted(thing):
        yield from content((key, thing[key]))
