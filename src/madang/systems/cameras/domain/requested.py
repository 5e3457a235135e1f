"""Footage that requests ask for is kept by itself while they are open, and a while beyond the answer.

Which cameras are meant follows from the words of who asked: a camera's number, an address in the register,
or a place that the city knows, around which the nearest sites are taken.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from madang.ground.city.models import City
from madang.ground.city.public import to_metres, within_distance
from madang.ground.privacy.public import Keeping, Kept, Wanted, wanted_footage
from madang.ground.trail.public import Actor, record
from madang.ground.web.console import Asking, SearchProvider, entries
from madang.ground.web.search import Words
from madang.systems.cameras.domain.devices import act
from madang.systems.cameras.models import Camera, FootageLock, LifeState, Segment, Site

AROUND, MOST_SITES = 150.0, 12  # metres of a place, and sites
GOOD = 0.5  # rank of a hit that is taken for the place
NUMBER = re.compile(r"[A-Za-z]+-?\d+(?:-\d+)?|\d{4,}")
ACTOR = Actor(name="footage")


def keep_requested(city: City) -> int:
    """Bring the locks in line with the requests of city; how many new ones there are."""
    made = 0
    for wanted in wanted_footage(city.pk):
        if wanted.until is None:
            _release(wanted)
        else:
            made += _keep(city, wanted, wanted.until)
    return made


def keeping(request: Any) -> Keeping:
    """What is kept for a request, for its page."""
    city: City = request.city
    rows = FootageLock.objects.filter(request=request.pk, released=None, until__gt=timezone.now())
    there = Segment.objects.filter(
        camera=OuterRef("camera"), begins__lt=OuterRef("ends"), ends__gt=OuterRef("begins")
    )
    found = rows.select_related("camera").annotate(there=Exists(there)).order_by("camera__key")
    return Keeping(
        [Kept(one.camera.key, _url(city, one), one.begins, one.ends, one.there) for one in found],
        reverse("cameras:cameras", kwargs={"city": city.key}),
    )


def _url(city: City, held: FootageLock) -> str:
    page = reverse("cameras:playback", kwargs={"city": city.key, "pk": held.camera_id})
    return f"{page}?at={timezone.localtime(held.begins):%Y-%m-%dT%H:%M:%S}"


def _release(wanted: Wanted) -> None:
    for held in FootageLock.objects.filter(request=wanted.id, released=None):
        with transaction.atomic():
            if FootageLock.objects.filter(pk=held.pk, released=None).update(
                released=timezone.now()
            ):
                record(ACTOR, act("cameras.footage_released", held.camera, held.why))


def _keep(city: City, wanted: Wanted, until: datetime) -> int:
    """Lock what is not locked yet; what a person released stays released."""
    held = FootageLock.objects.filter(request=wanted.id)
    there = held.filter(released=None)
    there.exclude(until=until).update(until=until)
    if there.exists():
        return 0
    refused = set(held.exclude(released_by=None).values_list("camera", flat=True))
    cameras = [one for one in cameras_meant(city, wanted.place) if one.pk not in refused]
    for camera in cameras:
        _lock(camera, wanted, until)
    return len(cameras)


@transaction.atomic
def _lock(camera: Camera, wanted: Wanted, until: datetime) -> None:
    from madang.systems.cameras.tasks import fetch_later

    # Held as for every lock: what is being destroyed now is marked before or not at all.
    Camera.objects.select_for_update(no_key=True).get(pk=camera.pk)
    why = _("Request for footage %d") % wanted.number
    span = {"begins": wanted.begins, "ends": wanted.ends}
    words = {"city_id": camera.city_id, "why": why, "until": until, **span}
    held, made = FootageLock.objects.get_or_create(
        camera=camera, request=wanted.id, released=None, defaults=words
    )
    if made:
        fetch_later(held)
        detail = {"from": span["begins"].isoformat(), "to": span["ends"].isoformat()}
        record(
            ACTOR,
            act("cameras.footage_locked", camera, why, {**detail, "until": until.isoformat()}),
        )


def cameras_meant(city: City, place: str) -> list[Camera]:
    """The cameras that somebody means who says where; none where nothing in the city is called so."""
    rows = Camera.objects.filter(city=city).exclude(state=LifeState.PLANNED).select_related("site")
    numbers = [one.upper() for one in NUMBER.findall(place)]
    if numbers and (named := list(rows.filter(_numbered(numbers)).order_by("key"))):
        return named
    sites = _addressed(city, place) or _around(city, place)
    return list(rows.filter(site__in=sites).order_by("key"))


def _numbered(numbers: Iterable[str]) -> Q:
    wanted = Q(pk__in=())
    for one in numbers:
        wanted |= Q(key__iexact=one) | Q(site__key__iexact=one)
        if one.isdigit():
            wanted |= Q(site__key__regex=rf"[^0-9]0*{int(one)}$")
    return wanted


def _addressed(city: City, place: str) -> list[UUID]:
    found = Words(place).among(Site.objects.filter(city=city), "road_address", "lot_address")
    return list(found.order_by("key").values_list("pk", flat=True)[:MOST_SITES])


def _around(city: City, place: str) -> list[UUID]:
    """The sites around what the city knows by these words, or by the first of them."""
    words = place.split()
    while words:
        point = _best(city, " ".join(words))
        if point is not None:
            x, y = to_metres([point[0]], [point[1]], city.crs)
            near = within_distance(Site, city, float(x[0]), float(y[0]), AROUND)
            return [one.row.pk for one in near[:MOST_SITES]]
        words.pop()
    return []


def _best(city: City, words: str) -> tuple[float, float] | None:
    """Longitude and latitude of what is called so."""
    asking = Asking(city, AnonymousUser(), "ko", lambda right: False)
    found = [
        (hit.rank, hit.lon, hit.lat)
        for provider in entries(SearchProvider, asking.may)
        for hit in provider.find(asking, Words(words), 5)
        if hit.lon is not None and hit.lat is not None and hit.rank <= GOOD
    ]
    return min(found)[1:] if found else None
