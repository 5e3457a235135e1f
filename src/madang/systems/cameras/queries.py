"""Reads shaped for the pages of cameras."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import hypot
from typing import Any
from uuid import UUID

import numpy as np
from django.db.models import Count, Exists, Max, Min, OuterRef, Q, QuerySet, Sum
from django.utils import timezone

from madang.ground.cases.kinds import alarm_title
from madang.ground.cases.models import Alarm
from madang.ground.city.models import City
from madang.ground.city.public import districts_of
from madang.systems.cameras.models import (
    Camera,
    Fault,
    LifeState,
    Onvif,
    OnvifChannel,
    Recording,
    Segment,
    Site,
)
from madang.systems.cameras.troubles import in_words

SIGHT, MOST_ALARMS = 300.0, 200  # metres
SEAM = timedelta(seconds=1)  # between two files of one recording
FRESH = timedelta(seconds=20)  # a stream whose health was written before is not pulled any more


def cameras(city: UUID) -> QuerySet[Camera]:
    """The city's cameras with site and health; `faulty` says whether a fault is open."""
    wrong = Fault.objects.filter(camera=OuterRef("pk"), ended=None)
    rows = Camera.objects.filter(city=city).select_related("site__data_set", "health", "city")
    return rows.annotate(faulty=Exists(wrong))


def called(words: str) -> Q:
    """Cameras whose number has words in it, or whose site's address does.

    Sites are looked through on their own: joined, the database would look each camera's site up.
    """
    named = Site.objects.filter(
        Q(road_address__icontains=words) | Q(lot_address__icontains=words)
    ).order_by()
    return Q(key__icontains=words) | Q(site__in=named.values("pk"))


def turning(cameras: list[UUID]) -> set[UUID]:
    """Those of which it is known how they are turned."""
    rows = Onvif.objects.filter(camera__in=cameras, turns=True)
    return set(rows.values_list("camera", flat=True))


def turns(camera: UUID) -> bool:
    return bool(turning([camera]))


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


def recording_state(camera: Camera) -> str:
    """How its recording goes now, as models.Recording has it."""
    if not camera.records:
        return Recording.OFF
    health: Any = getattr(camera, "health", None)
    if health is None or timezone.now() - health.at > FRESH or not health.recording:
        return Recording.WAITING
    return str(health.recording)


def on_recorder(camera: UUID) -> bool:
    """Whether a recorder of the city plays what it holds of camera."""
    return OnvifChannel.objects.filter(camera=camera).exclude(replay_address="").exists()


@dataclass(frozen=True)
class Kept:
    """What of a camera's footage is there: from its oldest to its newest, with what is missing between."""

    begins: datetime | None
    ends: datetime | None
    bytes: int
    segments: int


def kept(camera: UUID) -> Kept:
    rows = Segment.objects.filter(camera=camera, gone=None)
    found = rows.aggregate(a=Min("begins"), b=Max("ends"), size=Sum("bytes"), count=Count("pk"))
    return Kept(found["a"], found["b"], found["size"] or 0, found["count"])


@dataclass
class Span:
    """What was recorded without a hole; gap and words say why nothing was before it."""

    begins: datetime
    ends: datetime
    gap: str
    words: str
    bytes: int


def spans(camera: UUID, begins: datetime, ends: datetime) -> list[Span]:
    """What was recorded between, gathered where one segment goes on from the one before."""
    rows = Segment.objects.filter(camera=camera, gone=None, ends__gt=begins, begins__lt=ends)
    words = ("begins", "ends", "gap", "gap_words", "bytes")
    found: list[Span] = []
    for row in rows.order_by("begins").values_list(*words):
        span = Span(*row)
        span.words = in_words(span.words)
        if found and not span.gap and span.begins - found[-1].ends < SEAM:
            found[-1].ends = max(found[-1].ends, span.ends)
            found[-1].bytes += span.bytes
        else:
            found.append(span)
    return found


@dataclass(frozen=True)
class Near:
    """An alarm that happened within SIGHT of a camera."""

    id: UUID
    at: datetime
    title: str
    subject: str
    severity: int
    metres: float


def alarms_near(camera: Camera, begins: datetime, ends: datetime) -> list[Near]:
    """The gravest alarms around camera between two moments, in the order in which they happened."""
    x, y = camera.site.x, camera.site.y
    rows = Alarm.objects.filter(
        city=camera.city_id,
        happened__gte=begins,
        happened__lt=ends,
        x__range=(x - SIGHT, x + SIGHT),
        y__range=(y - SIGHT, y + SIGHT),
    ).order_by("-severity", "-happened")[:MOST_ALARMS]
    found = [
        Near(
            one.pk,
            one.happened,
            str(alarm_title(one.kind)),
            one.subject,
            one.severity,
            round(hypot(one.x - x, one.y - y)),
        )
        for one in rows
        if one.x is not None and one.y is not None
    ]
    return sorted((one for one in found if one.metres <= SIGHT), key=lambda one: one.at)


def unrecorded(city: UUID) -> int:
    """How many cameras should be recorded now and are not."""
    rows = Camera.objects.filter(
        city=city, records=True, state__in=(LifeState.INSTALLED, LifeState.REPAIR)
    )
    fresh = timezone.now() - FRESH
    return rows.exclude(health__recording=Recording.ON, health__at__gte=fresh).count()


def counts(city: UUID) -> dict[str, int]:
    """Cameras in service, and open faults."""
    rows = Camera.objects.filter(city=city)
    return {
        "recorded": rows.exclude(state=LifeState.REMOVED).count(),
        "faults": Fault.objects.filter(city=city, ended=None).count(),
        "unrecorded": unrecorded(city),
        "sites": Site.objects.filter(city=city).count(),
    }
