"""Where the head of a turning camera stood, and at which moments that is known.

A head is looked at several times a second by whoever shows its pictures masked. What is between two looks
at one place counts as stood there; everything else is unknown, and whoever may not see behind zones is
shown nothing of it.
"""

from __future__ import annotations

import threading
from bisect import bisect_right
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from django.db.models import Min
from django.utils import timezone

from madang.systems.cameras.models import OnvifChannel, OnvifHeld, Segment, Stand
from madang.systems.cameras.steering.edges import Position

# Of ONVIF's generic space, at the widest: less than a hundredth of the picture. A lens that brings things
# nearer makes the same angle more of the picture.
SAME, SAME_ZOOM, NEARER = 0.002, 0.0008, 24.0
# Seconds that a head must have stood before a picture that comes in counts as taken from there: pictures are
# late by what camera and network hold back.
SETTLES = 2.0
APART = 1.0  # seconds between two looks beyond which nobody knows what was between
REMEMBERED = 64  # stands
# A recording's times are those of our clock to within this (recording/track.py sets them anew beyond 1 s).
CLOCKS = 1.5
ELSEWHERE = (
    3.0  # … of a recorder's, which says its clock in whole seconds and is asked now and then
)
DAY = timedelta(days=1)


class Untold:
    """Not known yet: the next look will say."""


UNTOLD: Final = Untold()


def is_near(one: Position, other: Position) -> bool:
    """Whether both show the same picture, to within a hundredth of it."""
    closer = 1 + NEARER * max(one.zoom, other.zoom)
    turned = max(abs(one.pan - other.pan), abs(one.tilt - other.tilt))
    return turned <= SAME / closer and abs(one.zoom - other.zoom) <= SAME_ZOOM * closer


@dataclass
class Stood:
    """Seconds of one clock between which a head was seen at one place, look after look."""

    begins: float
    ends: float
    at: Position


class Gaze:
    """Where one head stands: looks come from one thread, questions from others, by one clock."""

    def __init__(self) -> None:
        self._stood: deque[Stood] = deque(maxlen=REMEMBERED)
        self._now: Stood | None = None  # the one that goes on
        self._looked = float("-inf")
        self._lock = threading.Lock()

    def look(self, asked: float, answered: float, at: Position | None, moving: bool | None) -> None:
        """What the head said of itself at some moment between asked and answered."""
        with self._lock:
            self._looked, now = asked, self._now
            if at is None or moving:
                self._now = None
            elif now and is_near(now.at, at) and 0 <= asked - now.ends <= APART:
                now.ends = asked
            else:
                self._now = Stood(answered, answered, at)
                self._stood.append(self._now)

    def lost(self) -> None:
        """The head does not answer."""
        with self._lock:
            self._now = None

    def at(self, moment: float) -> Position | Untold | None:
        """Where the head stood when a picture came in; None: it moved, or nobody knows."""
        with self._lock:
            for one in self._stood:
                if one.begins + SETTLES <= moment <= one.ends:
                    return one.at
            now = self._now
            goes_on = now is not None and now.begins + SETTLES <= moment and moment > self._looked
            return UNTOLD if goes_on else None

    def stands(self) -> list[Stood]:
        """Those that are remembered, as copies."""
        with self._lock:
            return [replace(one) for one in self._stood if one.ends > one.begins]


class Track:
    """Where a camera's head stood while it was recorded, as it was written down. clocks: seconds by which
    the recording's times may be off."""

    def __init__(self, stands: Iterable[Stood], clocks: float = CLOCKS) -> None:
        self._clocks = clocks
        self._stands = sorted(stands, key=lambda one: one.begins)
        self._begins = [one.begins for one in self._stands]

    def at(self, moment: datetime) -> Position | None:
        """Where it stood when that was recorded; None: it moved, or nobody knows."""
        seconds = moment.timestamp()
        place = bisect_right(self._begins, seconds) - 1
        if place < 0:
            return None
        one = self._stands[place]
        known = one.begins + SETTLES + self._clocks <= seconds <= one.ends - self._clocks
        return one.at if known else None


def track_of(camera: UUID, begins: datetime, ends: datetime) -> Track:
    """Where its head stood between two moments."""
    rows = Stand.objects.filter(camera=camera, ends__gte=begins, begins__lte=ends)
    found = rows.values_list("begins", "ends", "pan", "tilt", "zoom")
    stood = (Stood(begin.timestamp(), end.timestamp(), Position(*at)) for begin, end, *at in found)
    elsewhere = OnvifChannel.objects.filter(camera=camera).exclude(replay_address="").exists()
    return Track(stood, ELSEWHERE if elsewhere else CLOCKS)


def keep_stands(city: UUID, camera: UUID, stands: Iterable[tuple[UUID, Stood]]) -> None:
    """Write down stands (seconds of Unix), each under its id; one that goes on grows."""
    rows = [
        Stand(
            id=pk,
            city_id=city,
            camera_id=camera,
            begins=_moment(one.begins),
            ends=_moment(one.ends),
            pan=one.at.pan,
            tilt=one.at.tilt,
            zoom=one.at.zoom,
        )
        for pk, one in stands
    ]
    Stand.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["id"], update_fields=["ends"]
    )


def end_stands() -> None:
    """Forget where heads stood while nothing was recorded that is still there, here or on a recorder."""
    cameras = Stand.objects.order_by().values_list("camera", flat=True).distinct()
    for camera in list(cameras):
        rows = Segment.objects.filter(camera=camera, gone=None)
        held = OnvifHeld.objects.filter(channel__camera=camera)
        found = [one.aggregate(oldest=Min("begins"))["oldest"] for one in (rows, held)]
        oldest = min((one for one in found if one is not None), default=timezone.now() - DAY)
        Stand.objects.filter(camera=camera, ends__lt=oldest).delete()


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
