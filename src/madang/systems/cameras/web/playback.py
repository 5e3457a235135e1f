"""The page on which what was recorded of a camera is played back; its WebSocket asks for the rights."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import get_language
from django.utils.translation import gettext as say
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from madang.ground.city.web.middleware import CityRequest
from madang.ground.people.models import CameraAct, ReasonKind
from madang.ground.people.public import acting, may, reason_of, requires
from madang.systems.cameras import queries
from madang.systems.cameras.domain import footage
from madang.systems.cameras.domain.devices import days_kept
from madang.systems.cameras.errors import CameraError
from madang.systems.cameras.models import Camera, Destruction, FootageLock
from madang.systems.cameras.recorders import held
from madang.systems.cameras.rights import acts_open
from madang.systems.cameras.web import devices, sites
from madang.systems.cameras.web.live import take_reason
from madang.systems.cameras.web.shell import tabs

DAYS = 8  # in the table of days
LOCAL = {"type": "datetime-local", "step": "1"}


class LockForm(forms.Form):
    """A span that is kept beyond its term."""

    begins = forms.DateTimeField(label=_("From"), widget=forms.DateTimeInput(LOCAL))
    ends = forms.DateTimeField(label=_("Until"), widget=forms.DateTimeInput(LOCAL))
    why = forms.CharField(
        label=_("Why"), max_length=300, help_text=_("The number of a request or of an incident.")
    )
    until = forms.DateField(label=_("Kept until"), widget=forms.DateInput({"type": "date"}))


@dataclass
class Day:
    """What was recorded of a camera on one day of its city."""

    day: date
    seconds: float = 0
    holes: int = 0
    bytes: int = 0

    @property
    def hours(self) -> float:
        return round(self.seconds / 3600, 2)

    @property
    def megabytes(self) -> float:
        return round(self.bytes / 1e6, 1)


@requires("cameras.play")
def playback(request: CityRequest, city: str, pk: UUID) -> HttpResponse:
    """The player with its timeline, or what is missing before it may be used: a right, or a reason."""
    return _page(request, pk)


@requires("cameras.play")
@require_POST
def reason(request: CityRequest, city: str, pk: UUID) -> HttpResponse:
    """Say why one looks; it holds for every camera until another is chosen."""
    if take_reason(request):
        return redirect("cameras:playback", city=city, pk=pk)
    return _page(request, pk, status=422)


@requires("cameras.lock")
@require_POST
def lock(request: CityRequest, city: str, pk: UUID) -> HttpResponse:
    """Keep a span beyond its term."""
    found, form = devices.find(request, pk), LockForm(request.POST)
    if form.is_valid():
        words = form.cleaned_data
        until = datetime.combine(words["until"] + timedelta(days=1), datetime.min.time())
        try:
            footage.lock(
                found,
                acting(request),
                words["begins"],
                words["ends"],
                words["why"],
                timezone.make_aware(until),
            )
        except CameraError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, say("Recorded."))
            return redirect("cameras:playback", city=city, pk=pk)
    return _page(request, pk, status=422, lock_form=form)


@requires("cameras.lock")
@require_POST
def release(request: CityRequest, city: str, pk: UUID) -> HttpResponse:
    """Its term holds again."""
    lock = get_object_or_404(FootageLock.objects.select_related("camera"), pk=pk, city=request.city)
    footage.release(lock, acting(request))
    messages.success(request, say("Recorded."))
    return redirect("cameras:playback", city=city, pk=lock.camera_id)


def _page(request: CityRequest, pk: UUID, status: int = 200, **given: Any) -> HttpResponse:
    found = devices.find(request, pk)
    account = acting(request).account
    opens = account is not None and CameraAct.PLAY in acts_open(account, request.city, found.site)
    chosen = reason_of(account, request.city.pk) if account else None
    locks = may(request.user, "cameras.lock", request.city)
    kept = held.reach_of(found.pk, queries.kept(found.pk))
    context: dict[str, Any] = {
        "tabs": tabs(request),
        "camera": found,
        "site": found.site,
        "address": sites.address(found.site),
        "purpose": sites.purpose(found.site),
        "opens": opens,
        "reason": chosen.text if chosen else "",
        "reasons": ReasonKind.choices,
        "recording": devices.kept_badge(found),
        "days_kept": days_kept(found),
        "kept": kept,
        "boot": _boot(request, found, kept) if opens and chosen and kept.begins else None,
        "days": days(found) if opens else [],
        "locks": footage.locks_of(found.pk),
        "destroyed": Destruction.objects.filter(camera=found).order_by("-at")[:5],
        "may_lock": locks,
        "lock_form": given.get("lock_form", LockForm() if locks else None),
    }
    return render(request, "cameras/playback.html", context, status=status)


def days(camera: Camera) -> list[Day]:
    """The last days on which anything was recorded, the newest first; times are the city's."""
    now = timezone.localtime()
    first = now.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=DAYS - 1)
    found: dict[date, Day] = {}
    for number, span in enumerate(queries.spans(camera.pk, first, now)):
        for begins, ends in _by_day(span.begins, span.ends):
            day = found.setdefault(begins.date(), Day(begins.date()))
            day.seconds += (ends - begins).total_seconds()
            share = (ends - begins) / (span.ends - span.begins)
            day.bytes += round(span.bytes * share)
        if number:
            found[timezone.localtime(span.begins).date()].holes += 1
    return sorted(found.values(), key=lambda day: day.day, reverse=True)


def _by_day(begins: datetime, ends: datetime) -> Iterator[tuple[datetime, datetime]]:
    begins, ends = timezone.localtime(begins), timezone.localtime(ends)
    while begins.date() < ends.date():
        midnight = timezone.make_aware(
            datetime.combine(begins.date() + timedelta(days=1), datetime.min.time())
        )
        yield begins, midnight
        begins = timezone.localtime(midnight)
    if begins < ends:
        yield begins, ends


def _boot(request: CityRequest, camera: Camera, kept: queries.Kept) -> dict[str, Any]:
    """What the player knows when it opens."""
    return {
        **opening(request),
        "camera": {"id": str(camera.pk), "key": camera.key},
        "at": milliseconds(asked_moment(request)),
        "oldest": milliseconds(kept.begins),
        "newest": milliseconds(kept.ends),
    }


def opening(request: CityRequest) -> dict[str, Any]:
    """What every page that plays back knows of its city."""
    city, language = request.city, get_language() or "ko"
    return {
        "city": {"key": city.key, "name": city.name(language), "zone": city.time_zone},
        "guest": False,
        "language": language,
        "csrf": get_token(request),
        "addresses": {"api": f"/api/v1/cities/{city.key}/"},
    }


def asked_moment(request: CityRequest) -> datetime | None:
    """The moment that the address names (?at=2026-11-23T09:00, of the city's clock unless it says)."""
    try:
        at = parse_datetime(request.GET.get("at", "").replace(" ", "+"))
    except ValueError:
        return None
    return timezone.make_aware(at) if at and timezone.is_naive(at) else at


def milliseconds(at: datetime | None) -> int | None:
    return round(at.timestamp() * 1000) if at else None
