"""Reads shaped for the pages of cameras."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

import numpy as np
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from madang.ground.city.models import City
from madang.ground.city.public import districts_of
from madang.systems.cameras.models import Camera, Fault, LifeState, Site

FRESH = timedelta(seconds=20)  # a stream whose health was written before is not pulled any more


def cameras(city: UUID) -> QuerySet[Camera]:
    """The city's cameras with site and health; `faulty` says whether a fault is open."""
    wrong = Fault.objects.filter(camera=OuterRef("pk"), ended=None)
    rows = Camera.objects.filter(city=city).select_related("site__data_set", "health", "city")
    return rows.annotate(faulty=Exists(wrong))


def sites_in(city: City, district: str) -> list[UUID]:
    """The sites that stand in the district (dong or gu) of that key."""
    level = "dong" if not district.endswith("00000") else "gu"
    places = _places(city, level)
    return [pk for pk, key, *_ in places if key == district]


def district_choices(city: City) -> list[tuple[str, str]]:
    """The city's dong to choose from, in the active language."""
    from django.utils.translation import get_language

    language = get_language() or "ko"
    return [(one.key, one.name(language)) for one in districts_of(city).rows]


@dataclass
class Line:
    """One district's cameras: all, and by purpose. Outside of every district the name is empty."""

    key: str
    name: str
    sites: int = 0
    cameras: int = 0
    by_purpose: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True)
class Overview:
    """How many cameras, where and for what, as the register counts them."""

    gus: list[Line]
    dongs: list[Line]
    purposes: Counter[str]
    sites: int
    cameras: int


def overview(city: City, language: str) -> Overview:
    """Counted from the register's sites as they are now, whether their devices are recorded or not."""
    gus, dongs = (_lines(city, level, language) for level in ("gu", "dong"))
    purposes: Counter[str] = Counter()
    for line in dongs:
        purposes.update(line.by_purpose)
    return Overview(gus, dongs, purposes, sum(line.sites for line in dongs), sum(purposes.values()))


def _lines(city: City, level: str, language: str) -> list[Line]:
    lines = {one.key: Line(one.key, one.name(language)) for one in districts_of(city, level).rows}
    for _pk, key, purpose, cameras in _places(city, level):
        line = lines.setdefault(key, Line(key, ""))
        line.sites += 1
        line.cameras += cameras
        line.by_purpose[purpose] += cameras
    return [line for line in lines.values() if line.key or line.sites]


def _places(city: City, level: str) -> list[tuple[UUID, str, str, int]]:
    """Each site with the key of its district, its purpose and how many cameras it has."""
    rows = list(
        Site.objects.filter(city=city).values_list("pk", "lon", "lat", "purpose", "cameras")
    )
    districts = districts_of(city, level)
    points = np.array([row[1:3] for row in rows], float).reshape(-1, 2)
    found = districts.of(points[:, 0], points[:, 1]).tolist()
    keys = [one.key for one in districts.rows]
    return [
        (pk, keys[at] if at >= 0 else "", purpose, cameras)
        for (pk, _lon, _lat, purpose, cameras), at in zip(rows, found, strict=True)
    ]


def stream_state(camera: Camera) -> str:
    """How its stream is now: live, ailing, idle (nobody watches or records it) or none (no address)."""
    if not camera.main_address:
        return "none"
    health: Any = getattr(camera, "health", None)
    if health is None or not health.pulled or timezone.now() - health.at > FRESH:
        return "ailing" if health is not None and health.error else "idle"
    return "ailing" if health.error else "live"


def counts(city: UUID) -> dict[str, int]:
    """Cameras in service, and open faults."""
    rows = Camera.objects.filter(city=city)
    return {
        "recorded": rows.exclude(state=LifeState.REMOVED).count(),
        "faults": Fault.objects.filter(city=city, ended=None).count(),
        "sites": Site.objects.filter(city=city).count(),
    }
