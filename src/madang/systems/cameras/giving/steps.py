"""How footage leaves: prepared and checked by one, approved by another, packed, collected once, destroyed."""

from __future__ import annotations

import secrets
import time
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from madang.ground.city.models import City
from madang.ground.people.models import ReasonKind
from madang.ground.people.public import Reason, note_looking
from madang.ground.privacy.public import find_footage_request
from madang.ground.trail.public import Act, Actor, record
from madang.systems.cameras.domain import footage
from madang.systems.cameras.errors import CameraError
from madang.systems.cameras.models import (
    Camera,
    Deed,
    Giving,
    GivingBasis,
    GivingSpan,
    GivingState,
    Segment,
)
from madang.systems.cameras.recorders.wanted import missing

LONGEST_SPAN, MOST_SPANS = timedelta(hours=6), 20
LOCKED_FOR = timedelta(days=60)
COLLECT_WITHIN = timedelta(days=7)
FETCH_FOR = 120.0  # seconds of one job
State = GivingState


@transaction.atomic
def open_giving(actor: Actor, city: City, **words: Any) -> Giving:
    """Enter a request for footage under the next number. CameraError where its basis has no ground."""
    City.objects.select_for_update(no_key=True).get(pk=city.pk)
    if actor.account is None:
        raise CameraError(_("A person prepares it, not a program."))
    _check_basis(city, words)
    last = Giving.objects.filter(city=city).aggregate(last=Max("number"))["last"] or 0
    made = Giving.objects.create(city=city, number=last + 1, prepared_by_id=actor.account, **words)
    _note(actor, made, "opened", {"basis": made.basis, "deed": made.deed})
    return made


def _check_basis(city: City, words: dict[str, Any]) -> None:
    if words["basis"] == GivingBasis.OWN:
        found = find_footage_request(city.pk, words.get("request") or 0)
        if found is None or found.decision not in ("given", "partly"):
            raise CameraError(_("No granted request for one's own footage has this number."))
        if words["deed"] == Deed.GIVING:
            raise CameraError(_("Footage of oneself is shown or exported, not given to another."))
    elif words.get("request"):
        raise CameraError(
            _("Only footage of oneself has a request in the privacy officer's ledger.")
        )
    elif words["basis"] == GivingBasis.LAW and not words.get("clause", "").strip():
        raise CameraError(_("Name the law and its article."))


@transaction.atomic
def add_span(
    giving: Giving, actor: Actor, camera: Camera, begins: datetime, ends: datetime, right: str
) -> GivingSpan:
    """Ask for a span of a camera's footage, and keep it from its term and from want of room.

    right: the scope or grant by which actor may take footage of this camera out.
    """
    held = _held(giving, State.DRAFT)
    if not timedelta() < ends - begins <= LONGEST_SPAN:
        raise CameraError(_("A span ends after it begins, and is 6 hours long at most."))
    if ends > timezone.now():
        raise CameraError(_("What has not happened yet is not recorded."))
    if held.spans.count() >= MOST_SPANS:
        raise CameraError(_("A package has %d spans at most.") % MOST_SPANS)
    if held.spans.filter(camera=camera, begins__lt=ends, ends__gt=begins).exists():
        raise CameraError(_("This span of the camera is there already."))
    made = GivingSpan.objects.create(
        city_id=giving.city_id, giving=held, camera=camera, begins=begins, ends=ends
    )
    why = _("Package %s") % held
    reason = Reason(ReasonKind.OTHER, f"{why} · {held.purpose}")
    more = {"camera": str(camera.pk), "from": begins.isoformat(), "to": ends.isoformat()}
    note_looking(actor, held.city_id, "export", {camera.site_id: right}, reason, more)
    footage.lock(camera, actor, begins, ends, why, timezone.now() + LOCKED_FOR)
    return made


@transaction.atomic
def drop_span(span: GivingSpan) -> None:
    """Ask for it no more; its lock stays until somebody releases it."""
    _held(span.giving, State.DRAFT)
    span.delete()


@transaction.atomic
def hide_moving(span: GivingSpan, moving: Sequence[Sequence[Sequence[float]]]) -> None:
    """Keep where third persons are hidden by hand."""
    _held(span.giving, State.DRAFT)
    span.moving = [list(map(list, track)) for track in moving]
    span.save(update_fields=["moving"])


@transaction.atomic
def check(giving: Giving, actor: Actor) -> None:
    """It is as it should be: somebody else decides now."""
    held = _held(giving, State.DRAFT)
    spans = list(held.spans.all())
    if not any(_recorded(one) for one in spans):
        raise CameraError(_("Name at least one span of which something is recorded."))
    _move(held, State.CHECKED)
    _note(actor, held, "checked", {"spans": len(spans)})


def _recorded(span: GivingSpan) -> bool:
    """Whether something of it is here, or on a recorder of the city."""
    rows = Segment.objects.filter(camera=span.camera_id, gone=None)
    here = rows.filter(begins__lt=span.ends, ends__gt=span.begins).exists()
    return here or bool(missing(span.camera_id, span.begins, span.ends))


@transaction.atomic
def decide(giving: Giving, actor: Actor, approve: bool, reason: str) -> None:
    """Approve it, and it is packed by a job; or refuse it with a reason. Never by who prepared it."""
    from madang.systems.cameras.tasks import pack_giving

    held = _held(giving, State.CHECKED)
    if actor.account is None or actor.account == held.prepared_by_id:
        raise CameraError(_("Who prepared it does not decide on it: ask another footage officer."))
    if not approve and not reason.strip():
        raise CameraError(_("Say why it is refused."))
    held.decided, held.decided_by_id = timezone.now(), actor.account
    held.reason = reason.strip()[:300]
    _move(held, State.APPROVED if approve else State.REFUSED)
    _note(actor, held, "approved" if approve else "refused", {}, held.reason)
    if approve:
        pack_giving.defer(giving=str(held.pk))


def pack_now(giving: Giving) -> None:
    """Make its package: a job's work, done again where it was cut off."""
    from madang.systems.cameras.giving import packing
    from madang.systems.cameras.tasks import pack_giving

    if giving.state not in (State.APPROVED, State.FAILED):
        return
    try:
        if not _fetched(giving):
            pack_giving.defer(giving=str(giving.pk))
            return
        made = packing.pack(giving)
    except (CameraError, ValueError) as error:
        giving.failure = str(error)[:300]
        _move(giving, State.FAILED)
        return
    with transaction.atomic():
        held = _held(giving, State.APPROVED, State.FAILED)
        held.packed, held.bytes, held.sha256 = timezone.now(), made.bytes, made.sha256
        held.failure = ""
        _move(held, State.PACKED)
        _note(Actor(name="cameras"), held, "packed", {"sha256": made.sha256, "bytes": made.bytes})


def _fetched(giving: Giving) -> bool:
    """Fetch what a recorder holds of the spans; whether it came to the end. CameraError says why not: a
    package must not lack what could be had."""
    from madang.systems.cameras.recorders.fetching import fetch

    until = time.monotonic() + FETCH_FOR
    return all(fetch(one.camera_id, one.begins, one.ends, until) for one in giving.spans.all())


@transaction.atomic
def hand_out(giving: Giving, actor: Actor) -> str:
    """The word of the address at which the package is collected, once; the one before opens nothing."""
    held = _held(giving, State.PACKED, State.COLLECTED)
    if held.deed == Deed.VIEWING:
        raise CameraError(_("It is shown here: nothing leaves."))
    word = secrets.token_urlsafe(24)
    held.word, held.until = _hash(word), timezone.now() + COLLECT_WITHIN
    held.save(update_fields=["word", "until"])
    _note(actor, held, "handed_out", {"until": held.until.isoformat()})
    return word


def find_handed_out(city: City, word: str) -> Giving | None:
    """The package that word opens now."""
    rows = Giving.objects.filter(city=city, word=_hash(word), until__gt=timezone.now())
    return rows.filter(state__in=(State.PACKED, State.COLLECTED)).first()


@transaction.atomic
def collect(giving: Giving, word: str, actor: Actor) -> None:
    """It is collected: counted, and its word opens nothing any more. CameraError where that was done."""
    held = Giving.objects.select_for_update().get(pk=giving.pk)
    if held.word != _hash(word) or held.until is None or held.until <= timezone.now():
        raise CameraError(_("This address was used, or its time is over. Ask for another."))
    held.word, held.collections = "", held.collections + 1
    held.collected = held.collected or timezone.now()
    _move(held, State.COLLECTED)
    _note(actor, held, "collected", {"collections": held.collections, "sha256": held.sha256})


@transaction.atomic
def show(giving: Giving, actor: Actor) -> None:
    """It is shown at the desk: counted as a collection, though nothing leaves."""
    held = _held(giving, State.PACKED, State.COLLECTED)
    if held.deed != Deed.VIEWING:
        raise CameraError(_("It is collected at its address."))
    held.collections, held.collected = held.collections + 1, held.collected or timezone.now()
    _move(held, State.COLLECTED)
    _note(actor, held, "shown", {"times": held.collections})


@transaction.atomic
def report_destroyed(giving: Giving, actor: Actor, day: date, how: str) -> None:
    """Write down that the receiver destroyed what they got."""
    held = Giving.objects.select_for_update().get(pk=giving.pk)
    if held.collected is None or held.reported is not None:
        raise CameraError(_("Nothing was collected, or its destruction is reported already."))
    if not how.strip() or day > timezone.localdate():
        raise CameraError(_("Say on which day, not later than today, and how."))
    held.reported, held.reported_how = day, how.strip()[:200]
    held.reported_by_id = actor.account
    held.save(update_fields=["reported", "reported_how", "reported_by"])
    _note(actor, held, "reported", {"day": day.isoformat()}, how.strip())


def end_packages(now: datetime) -> int:
    """Destroy the packages whose time to be collected is over; how many."""
    ended = 0
    rows = Giving.objects.filter(state__in=(State.PACKED, State.COLLECTED))
    for one in rows.filter(packed__lt=now - COLLECT_WITHIN):
        if one.until is None or one.until <= now:
            end_package(one)
            ended += 1
    return ended


@transaction.atomic
def end_package(giving: Giving) -> None:
    """Destroy our copy; what it held is still in the ledger, and in the footage's own term."""
    held = _held(giving, State.PACKED, State.COLLECTED)
    package_of(held).unlink(missing_ok=True)
    held.word, held.destroyed = "", timezone.now()
    _move(held, State.DESTROYED)
    _note(Actor(name="cameras"), held, "destroyed", {"sha256": held.sha256})


def package_of(giving: Giving) -> Path:
    """Where the package of giving lies while it is there."""
    return Path(settings.EXPORTS_FOLDER) / f"{giving.pk.hex}.zip"


def pack_again(giving: Giving) -> None:
    """Let the job try once more."""
    from madang.systems.cameras.tasks import pack_giving

    if giving.state != State.FAILED:
        raise CameraError(_("That does not follow; somebody else may have changed it already."))
    pack_giving.defer(giving=str(giving.pk))


def _held(giving: Giving, *states: str) -> Giving:
    """giving, locked; CameraError where it stands elsewhere than in one of states."""
    held = Giving.objects.select_for_update(of=("self",)).select_related("city").get(pk=giving.pk)
    if held.state not in states:
        raise CameraError(_("That does not follow; somebody else may have changed it already."))
    return held


def _move(giving: Giving, state: str) -> None:
    giving.state = state
    giving.save()


def _note(
    actor: Actor, giving: Giving, what: str, detail: dict[str, Any], reason: str = ""
) -> None:
    act = Act(
        f"cameras.giving_{what}",
        city=giving.city_id,
        thing=("giving", str(giving.pk)),
        reason=reason,
        detail={"number": str(giving), **detail},
    )
    record(actor, act)


def _hash(word: str) -> str:
    return sha256(word.encode()).hexdigest()
