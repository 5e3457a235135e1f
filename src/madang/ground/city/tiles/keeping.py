"""Made tiles are kept: the latest in memory, all of the current version in files, older ones removed."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
import threading
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.db.models import Count, Sum

from madang.ground.city.layers import TileSet
from madang.ground.city.models import City, DataSet
from madang.ground.city.tiles.grid import Tile
from madang.ground.city.tiles.making import make

MEMORY = 64 << 20
FORM = 2
"""Grows when tiles of the same rows are made differently than before."""


class Shelf:
    """Bytes by key, of which the least lately used go when there are more than `most` of them."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.size = 0
        self._kept: OrderedDict[object, bytes] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: object) -> bytes | None:
        with self._lock:
            found = self._kept.get(key)
            if found is not None:
                self._kept.move_to_end(key)
            return found

    def put(self, key: object, content: bytes) -> None:
        with self._lock:
            self.size += len(content) - len(self._kept.pop(key, b""))
            self._kept[key] = content
            while self.size > self.most:
                self.size -= len(self._kept.popitem(last=False)[1])


_shelf = Shelf(MEMORY)


def version(city: City) -> str:
    """A word that changes whenever a row of the city's data sets does."""
    totals = DataSet.objects.filter(city=city).aggregate(many=Count("id"), version=Sum("version"))
    box = (city.west, city.south, city.east, city.north)
    words = f"{FORM} {city.pk} {totals['many']} {totals['version']} {box}"
    return hashlib.sha256(words.encode()).hexdigest()[:16]


def tile_of(city: City, tiles: TileSet, tile: Tile, at: str) -> bytes:
    """The tile of version `at`, gzipped, from memory, from its file, or made now; empty where nothing is."""
    key = (city.pk, at, tiles.key, tile)
    found = _shelf.get(key)
    if found is None:
        found = _from_file(_file(city, tiles, tile, at), lambda: make(city, tiles, tile))
        _shelf.put(key, found)
    return found


def _from_file(path: Path, make_it: Callable[[], bytes]) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        content = make_it()
    _write(path, content)
    return content


def _write(path: Path, content: bytes) -> None:
    """Whole or not at all: another process may be writing the same tile."""
    version_folder = path.parents[2]
    if not version_folder.exists():
        _remove_older(version_folder)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, draft = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
    Path(draft).replace(path)


def _remove_older(version_folder: Path) -> None:
    if version_folder.parent.exists():
        for older in version_folder.parent.iterdir():
            shutil.rmtree(older, ignore_errors=True)


def _file(city: City, tiles: TileSet, tile: Tile, at: str) -> Path:
    folder = Path(settings.HOME) / "cache" / "tiles" / str(city.pk) / at / tiles.key
    return folder / str(tile.z) / f"{tile.x}-{tile.y}.mvt.gz"
