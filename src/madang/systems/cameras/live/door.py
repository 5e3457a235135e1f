"""Who may see a camera's picture: asked at the door, and again and again while it is open."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from madang.ground.live.closing import Closed
from madang.ground.live.visits import Visit, read_visit
from madang.ground.people.models import Account
from madang.ground.people.public import (
    CameraFacts,
    PeopleError,
    RightsBook,
    note_looking,
    reason_of,
)
from madang.ground.trail.public import Actor
from madang.systems.cameras.live.closing import Close
from madang.systems.cameras.models import Camera, LifeState
from madang.systems.cameras.rights import facts_of

VIEW = "view"


@dataclass
class Pass:
    """An open door: who looks at what, under which right. mark is what stands across the picture."""

    visit: Visit
    account: UUID
    camera: UUID
    facts: CameraFacts
    right: str
    mark: str
    streams: tuple[str, ...]
    simulated: bool

    def holds(self, book: RightsBook) -> bool:
        """Whether it may stay open now: the session lasts, and a right opens the camera still."""
        if self.visit.over(timezone.now()):
            return False
        right = book.by(self.account, self.facts, VIEW)
        if right is not None:
            self.right = right
        return right is not None

    def renew(self) -> bool:
        """Read the session again; whether it is still this account's."""
        self.visit = read_visit(self.visit.session_key)
        return self.visit.account == self.account


def open_door(
    session: str, camera: UUID, book: RightsBook, address: str, language: str = "ko"
) -> Pass:
    """Let whoever has the session see the camera, and leave the entry in the trail; Closed says why not."""
    with override(language):
        return _open(session, camera, book, address)


def _open(session: str, camera: UUID, book: RightsBook, address: str) -> Pass:
    visit = read_visit(session)
    if visit.account is None:
        raise Closed(Close.SIGNED_OUT, _("Sign in first."))
    found = Camera.objects.select_related("site__data_set", "city").filter(pk=camera).first()
    if found is None or found.state == LifeState.REMOVED:
        raise Closed(Close.NO_RIGHT, _("No camera here is open to you."))
    facts = facts_of(found.city, found.site)
    right = book.by(visit.account, facts, VIEW)
    if right is None:
        raise Closed(Close.NO_RIGHT, _("No camera here is open to you."))
    account = Account.objects.get(pk=visit.account)
    actor = _actor(account, visit, found.city_id, address)
    _note(actor, found, right)
    streams = tuple(
        which
        for which, stream in (("main", found.main_address), ("sub", found.sub_address))
        if stream
    )
    now = timezone.localtime(timezone=ZoneInfo(found.city.time_zone))
    mark = f"{account} · {now:%Y-%m-%d %H:%M}"
    return Pass(
        visit, account.pk, found.pk, facts, right, mark, streams, found.site.data_set.simulated
    )


def _note(actor: Actor, camera: Camera, right: str) -> None:
    assert actor.account is not None
    reason = reason_of(actor.account, camera.city_id)
    try:
        note_looking(actor, camera.city_id, "enlarge", {camera.site_id: right}, reason)
    except PeopleError as error:
        raise Closed(Close.NO_REASON, str(error)) from None


def _actor(account: Account, visit: Visit, city: UUID, address: str) -> Actor:
    held = [one for one in visit.rights.held if one.city == city]
    organisation = held[0].organisation if held else None
    return Actor(account.pk, str(account), organisation, address)
