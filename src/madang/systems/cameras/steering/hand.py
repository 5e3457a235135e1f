"""One hand at a time on a camera: taking it, keeping it, letting it go, and what the trail says of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from madang.ground.city.models import City
from madang.ground.people.models import Membership
from madang.ground.people.public import Reason, note_looking, reason_of
from madang.ground.trail.public import Actor
from madang.systems.cameras.errors import CameraError
from madang.systems.cameras.models import Camera, LetGo, SteeringRules, SteeringSession

LOST_AFTER = timedelta(seconds=8)  # a page says every two seconds that it is there
QUIET = timedelta(seconds=20)  # without a move, after which one of the same rank may take over


@dataclass(frozen=True)
class Claim:
    """Who wants to steer, by which right, and how they came: what the entry in the trail will say."""

    actor: Actor
    right: str

    @property
    def account(self) -> UUID:
        assert self.actor.account is not None
        return self.actor.account


@dataclass(frozen=True)
class Taken:
    """A new session, and whose was ended by it."""

    session: SteeringSession
    before: SteeringSession | None = None


def rules_of(city: City) -> SteeringRules:
    """The city's rules, or the usual ones."""
    return SteeringRules.objects.filter(city=city).first() or SteeringRules(city=city)


def rank_of(account: UUID, city: City, right: str) -> int:
    """Of the roles that account has in city now the highest rank; of emergency access its own."""
    now = timezone.now()
    held = Membership.objects.filter(account=account, city=city, begins__lte=now)
    roles = [one.role for one in held.exclude(ends__lte=now)]
    if right.startswith("break-glass:"):
        roles.append("emergency")
    rules = rules_of(city)
    return max((rules.rank(role) for role in roles), default=0)


def open_session(camera: UUID) -> SteeringSession | None:
    """Whose hand is on camera now."""
    rows = SteeringSession.objects.filter(camera=camera, ended=None)
    return rows.select_related("account").first()


@transaction.atomic
def take(camera: Camera, claim: Claim) -> Taken:
    """Put a hand on camera; CameraError names whose is there where it may not be taken from them."""
    Camera.objects.select_for_update(no_key=True).get(pk=camera.pk)  # one at a time
    reason = reason_of(claim.account, camera.city_id)
    if reason is None:
        raise CameraError(_("Choose first why you look."))
    rank = rank_of(claim.account, camera.city, claim.right)
    before = open_session(camera.pk)
    if before is not None:
        _check_may_take(before, claim.account, rank)
        end(before, LetGo.LOST if _lost(before, timezone.now()) else LetGo.TAKEN)
    return Taken(_begin(camera, claim, rank, reason), before)


def _check_may_take(before: SteeringSession, account: UUID, rank: int) -> None:
    now = timezone.now()
    quiet = rank == before.rank and before.moved < now - QUIET
    if not (before.account_id == account or rank > before.rank or quiet or _lost(before, now)):
        raise CameraError(
            _("%(who)s steers it since %(since)s and goes first.")
            % {"who": before.account, "since": f"{timezone.localtime(before.began):%H:%M}"}
        )


def _lost(session: SteeringSession, now: datetime) -> bool:
    return session.seen < now - LOST_AFTER


def _begin(camera: Camera, claim: Claim, rank: int, reason: Reason) -> SteeringSession:
    now = timezone.now()
    return SteeringSession.objects.create(
        city_id=camera.city_id,
        camera=camera,
        account_id=claim.account,
        organisation=claim.actor.organisation,
        address=claim.actor.address[:60],
        right=claim.right,
        rank=rank,
        reason=reason.kind,
        words=reason.words,
        incident=reason.incident,
        began=now,
        seen=now,
        moved=now,
    )


def keep(session: UUID, moved: datetime | None) -> bool:
    """Say that the page of session is there, and when it last steered; whether it still goes on."""
    values = {"seen": timezone.now(), **({"moved": moved} if moved else {})}
    return bool(SteeringSession.objects.filter(pk=session, ended=None).update(**values))


@transaction.atomic
def note_preset(session: UUID, name: str) -> None:
    """Remember that a preset was used, for the entry."""
    found = SteeringSession.objects.select_for_update().filter(pk=session, ended=None).first()
    if found is not None and name not in found.presets:
        found.presets.append(name[:100])
        found.save(update_fields=["presets"])


@transaction.atomic
def end(session: SteeringSession, why: LetGo) -> bool:
    """End session and leave its entry in the trail; whether it went on until now."""
    held = SteeringSession.objects.select_for_update().get(pk=session.pk)
    if held.ended is not None:
        return False
    held.ended, held.why = max(timezone.now(), held.began), why
    _note(held)
    held.words, held.address = "", ""  # the trail has them, and may destroy them
    held.save(update_fields=["ended", "why", "words", "address"])
    return True


def _note(held: SteeringSession) -> None:
    camera = Camera.objects.select_related("site").get(pk=held.camera_id)
    actor = Actor(held.account_id, str(held.account), held.organisation, held.address)
    more = {
        "camera": str(camera.pk),
        "began": held.began.isoformat(),
        "ended": held.ended.isoformat() if held.ended else "",
        "why_ended": held.why,
        "presets": held.presets,
    }
    reason = Reason(held.reason, held.words, held.incident)
    note_looking(actor, held.city_id, "steer", {camera.site_id: held.right}, reason, more)


def is_anything_left() -> bool:
    """Whether a hand is on any camera, or one that was let go has not returned: asked again and again, and
    mostly answered by no."""
    return SteeringSession.objects.filter(Q(ended=None) | Q(returned=None)).exists()


def end_lost() -> list[SteeringSession]:
    """End every session whose page has not been there for a while."""
    late = timezone.now() - LOST_AFTER
    rows = SteeringSession.objects.filter(ended=None, seen__lt=late)
    return [one for one in rows.select_related("account") if end(one, LetGo.LOST)]


def to_return() -> list[UUID]:
    """Cameras that were let go so long ago that they return home now, nobody's hand being on them."""
    now = timezone.now()
    rows = SteeringSession.objects.filter(returned=None, ended__isnull=False)
    steered = SteeringSession.objects.filter(ended=None).values("camera")
    last: dict[UUID, datetime] = {}
    cities: dict[UUID, UUID] = {}
    for one in rows.exclude(camera__in=steered):
        assert one.ended is not None
        last[one.camera_id] = max(one.ended, last.get(one.camera_id, one.ended))
        cities[one.camera_id] = one.city_id
    rules = {one.city_id: one for one in SteeringRules.objects.filter(city__in=cities.values())}

    def due(camera: UUID) -> bool:
        after = rules.get(cities[camera], SteeringRules()).home_after
        return last[camera] + timedelta(minutes=after) <= now

    return [camera for camera in last if due(camera)]


def note_returned(camera: UUID) -> None:
    """The camera was sent home."""
    rows = SteeringSession.objects.filter(Q(camera=camera), returned=None, ended__isnull=False)
    rows.update(returned=timezone.now())
