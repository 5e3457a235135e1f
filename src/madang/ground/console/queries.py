"""What the console asks of everything that is registered for it."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from itertools import islice
from typing import TypeVar

from madang.ground.city.projection import to_metres
from madang.ground.web.console import (
    Asking,
    Contribution,
    Hit,
    Nearby,
    SearchProvider,
    Section,
    Thing,
    entries,
    inspector,
)
from madang.ground.web.search import Words

log = logging.getLogger(__name__)
Answer = TypeVar("Answer")
MOST_HITS = 40


def search(asking: Asking, words: Words, limit: int = MOST_HITS) -> tuple[list[Hit], list[str]]:
    """The best hits of every provider, best first, and the providers that failed."""
    hits: list[Hit] = [_spot(words.point)] if words.point else []
    failed: list[str] = []
    if words.text:
        for provider in entries(SearchProvider, asking.may):
            found = _asked(provider.key, partial(provider.find, asking, words, limit))
            hits += islice(found or (), limit)
            failed += [str(provider.title)] if found is None else []
    hits.sort(key=lambda hit: (hit.rank, len(hit.title), hit.title))
    return hits[:limit], failed


def _spot(point: tuple[float, float]) -> Hit:
    lon, lat = point
    where = f"{lat:.6f}, {lon:.6f}"
    return Hit("point", where, where, icon="map-pin", lon=lon, lat=lat, rank=-1, zoom=17)


def describe(asking: Asking, kind: str, pk: str) -> Thing | None:
    """Everything the systems know about one thing that may be seen; None when there is no such thing."""
    found = inspector(kind, asking.may)
    thing = found.describe(asking, kind, pk) if found else None
    if thing is None:
        return None
    more: list[Section] = []
    for one in entries(Contribution, asking.may):
        if not one.kinds or kind in one.kinds:
            more += _asked(one.key, partial(_sections, one, asking, thing)) or ()
    return replace(thing, sections=(*thing.sections, *more))


def near(
    asking: Asking, lon: float, lat: float, metres: float, limit: int
) -> list[tuple[Nearby, list[Hit]]]:
    """What each system has within metres of a point, nearest first; systems with nothing left out."""
    x, y = (float(v) for v in to_metres(lon, lat, asking.city.crs))
    if not (math.isfinite(x) and math.isfinite(y)):
        return []
    found = [
        (one, _asked(one.key, partial(_near, one, asking, x, y, metres, limit)) or [])
        for one in entries(Nearby, asking.may)
    ]
    return [(one, hits) for one, hits in found if hits]


def _sections(one: Contribution, asking: Asking, thing: Thing) -> list[Section]:
    return list(one.sections(asking, thing))


def _near(one: Nearby, asking: Asking, x: float, y: float, metres: float, limit: int) -> list[Hit]:
    return list(islice(one.find(asking, x, y, metres, limit), limit))


def _asked(key: str, question: Callable[[], Answer]) -> Answer | None:
    """The answer, or None from a system that fails: the others still answer."""
    try:
        return question()
    except Exception:
        log.exception("%s failed to answer the console", key)
        return None
