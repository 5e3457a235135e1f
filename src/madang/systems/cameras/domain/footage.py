"""Footage: which cameras are recorded, the index of what was, its end by term or for room, and locks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _

from madang.ground.people.models import LawBasis
from madang.ground.trail.public import Act, Actor, record
from madang.systems.cameras.domain.devices import USUAL_DAYS, act, days_kept
from madang.systems.cameras.errors import CameraError
from madang.systems.cameras.models import (
    Camera,
    Destruction,
    Ended,
    FootageLock,
    LifeState,
    Segment,
)
from madang.systems.cameras.recording import store
from madang.systems.cameras.recording.track import Closed

LONGEST_LOCK = timedelta(days=366)
AT_ONCE = 500
ACTOR = Actor(name="footage")


def recorded() -> dict[UUID, str]:
    """The cameras that are to be recorded now, and which of their streams is."""
    rows = (
        Camera.objects.filter(records=True, state__in=(LifeState.INSTALLED, LifeState.REPAIR))
        .exclude(site__basis=LawBasis.STATISTICS)
        .exclude(main_address="", sub_address="")
        .annotate(days=Coalesce("kept_days", "site__kept_days", USUAL_DAYS))
        .filter(days__gt=0)
    )
    return {pk: "main" if main else "sub" for pk, main in rows.values_list("pk", "main_address")}


def index(closed: Sequence[Closed]) -> int:
    """Write kept files into the index; those that stand in it are left. How many bytes came to it."""
    cities = dict(
        Camera.objects.filter(pk__in={one.camera for one in closed}).values_list("pk", "city_id")
    )
    rows = [_row(one, cities[one.camera]) for one in closed if one.camera in cities]
    Segment.objects.bulk_create(rows, ignore_conflicts=True)
    return sum(one.bytes for one in rows)


def _row(one: Closed, city: UUID) -> Segment:
    return Segment(
        city_id=city,
        camera_id=one.camera,
        begins=one.begins,
        ends=one.ends,
        bytes=one.bytes,
        frames=one.frames,
        path=store.named(one.path),
        mime=one.mime,
        key_ms=[at for at, _offset in one.keys],
        key_bytes=[offset for _at, offset in one.keys],
        gap=one.gap,
        gap_words=one.words,
        salvaged=one.salvaged,
        origin=one.origin,
        fetched=timezone.now() if one.origin else None,
    )


def used() -> int:
    """Bytes of all that stands in the index."""
    return Segment.objects.aggregate(all=Sum("bytes"))["all"] or 0


def unlocked() -> QuerySet[Segment]:
    """What no lock in force keeps."""
    now = timezone.now()
    locks = FootageLock.objects.filter(
        camera=OuterRef("camera"), begins__lt=OuterRef("ends"), ends__gt=OuterRef("begins")
    ).filter(released=None, until__gt=now)
    return Segment.objects.filter(~Exists(locks))


def end_terms(now: datetime) -> int:
    """Destroy what is older than its camera's term and not locked; how many segments that were."""
    ended = 0
    cameras = Camera.objects.filter(Exists(Segment.objects.filter(camera=OuterRef("pk"))))
    for camera in cameras.select_related("site"):
        before = now - timedelta(days=days_kept(camera))
        over = list(unlocked().filter(camera=camera, ends__lte=before).order_by("begins"))
        for first in range(0, len(over), AT_ONCE):
            ended += destroy(over[first : first + AT_ONCE], Ended.TERM)
    return ended


def make_room(wanted: int) -> int:
    """Destroy the oldest that is not locked until so many bytes are gone; how many really are."""
    gone = 0
    some: list[Segment] = []
    for one in unlocked().filter(gone=None).order_by("begins").iterator():
        if gone >= wanted:
            break
        if store.reaches(one.path):
            some.append(one)
            gone += one.bytes
    destroy(some, Ended.ROOM)
    return gone


def finish_destroying() -> int:
    """Go on with what was marked gone by a process that ended before its files were."""
    late = timezone.now() - timedelta(minutes=5)
    some = list(Segment.objects.filter(gone__lt=late)[:AT_ONCE])
    return destroy(some, Ended.TERM) if some else 0


def destroy(segments: Sequence[Segment], why: str) -> int:
    """Destroy footage for good and record it; how many. What was locked meanwhile stays, and so does
    what lies on a disk that is not there now: a record of its destruction would be false.

    Marked, removed, forgotten: from the first step on nothing of it can be played, and the record of
    its destruction is written only after its files are gone.
    """
    marked = _mark([one for one in segments if one.gone or store.reaches(one.path)])
    for one in marked:
        store.remove(one.path)
    _forget(marked, why)
    return len(marked)


@transaction.atomic
def _mark(segments: Sequence[Segment]) -> list[Segment]:
    # A lock is given while its camera's row is held, and so never between this look and this mark.
    cameras = sorted({one.camera_id for one in segments})
    list(Camera.objects.select_for_update(no_key=True).filter(pk__in=cameras).order_by("pk"))
    found = list(unlocked().filter(pk__in=[one.pk for one in segments]))
    Segment.objects.filter(pk__in=[one.pk for one in found]).update(gone=timezone.now())
    return found


@transaction.atomic
def _forget(segments: Iterable[Segment], why: str) -> None:
    by_camera: dict[UUID, list[Segment]] = defaultdict(list)
    for one in segments:
        by_camera[one.camera_id].append(one)
    rows = [_destruction(camera, some, why) for camera, some in by_camera.items()]
    Destruction.objects.bulk_create(rows)
    Segment.objects.filter(pk__in=[one.pk for some in by_camera.values() for one in some]).delete()
    for city in {row.city_id for row in rows}:
        here = [row for row in rows if row.city_id == city]
        detail = {
            "why": why,
            "cameras": len(here),
            "segments": sum(row.segments for row in here),
            "bytes": sum(row.bytes for row in here),
            "until": max(row.ends for row in here).isoformat(),
        }
        record(ACTOR, Act("cameras.footage_destroyed", city=city, detail=detail))


def _destruction(camera: UUID, some: list[Segment], why: str) -> Destruction:
    return Destruction(
        city_id=some[0].city_id,
        camera_id=camera,
        why=why,
        begins=min(one.begins for one in some),
        ends=max(one.ends for one in some),
        segments=len(some),
        bytes=sum(one.bytes for one in some),
    )


@transaction.atomic
def lock(
    camera: Camera, actor: Actor, begins: datetime, ends: datetime, why: str, until: datetime
) -> FootageLock:
    """Keep camera's footage of that span until then, whatever its term or the disk say. What a recorder
    of the city holds of it is fetched."""
    from madang.systems.cameras.tasks import fetch_later

    now = timezone.now()
    if not begins < ends:
        raise CameraError(_("The end comes after the beginning."))
    if not why.strip():
        raise CameraError(_("Say why it is kept: the number of a request or of an incident."))
    if not now < until <= now + LONGEST_LOCK:
        raise CameraError(_("It is kept until a day within the next year."))
    Camera.objects.select_for_update(no_key=True).get(pk=camera.pk)
    made = FootageLock.objects.create(
        city_id=camera.city_id,
        camera=camera,
        begins=begins,
        ends=ends,
        why=why.strip()[:300],
        until=until,
        by_id=actor.account,
    )
    detail = {"from": begins.isoformat(), "to": ends.isoformat(), "until": until.isoformat()}
    record(actor, act("cameras.footage_locked", camera, made.why, detail))
    fetch_later(made)
    return made


@transaction.atomic
def release(held: FootageLock, actor: Actor) -> None:
    """Its term holds again for what was locked."""
    now = timezone.now()
    changed = FootageLock.objects.filter(pk=held.pk, released=None).update(
        released=now, released_by_id=actor.account
    )
    if changed:
        record(actor, act("cameras.footage_released", held.camera, held.why))


def locks_of(camera: UUID) -> QuerySet[FootageLock]:
    """Those in force."""
    now = timezone.now()
    rows = FootageLock.objects.filter(camera=camera, released=None, until__gt=now)
    return rows.select_related("by").order_by("begins")
