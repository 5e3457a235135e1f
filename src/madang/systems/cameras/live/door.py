"""Who may see a camera's picture: asked at the door, and again and again while it is open."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
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
    Looking,
    PeopleError,
    RightsBook,
    note_looking,
    reason_of,
)
from madang.ground.people.rights import allows
from madang.ground.trail.public import Actor
from madang.systems.cameras.domain.masks import (
    NOTHING,
    Veil,
    have_visitors,
    hidden_of,
    seen_through,
)
from madang.systems.cameras.live.closing import Close
from madang.systems.cameras.messages import MASKED, MASKED_STILL
from madang.systems.cameras.models import Camera, LifeState
from madang.systems.cameras.rights import facts_of, facts_of_all

VIEW, PLAY = "view", "play"
DAY, SEAM = timedelta(days=1), timedelta(seconds=1)
UTC = ZoneInfo("UTC")


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
    zone: ZoneInfo = UTC
    act: str = VIEW
    veil: Veil | None = None  # what of the pictures is hidden from this viewer

    def holds(self, book: RightsBook) -> bool:
        """Whether it may stay open now: the session lasts, and a right opens the camera still."""
        if self.visit.over(timezone.now()):
            return False
        right = book.by(self.account, self.facts, self.act)
        if right is not None:
            self.right = right
        return right is not None

    @property
    def unveiled(self) -> bool:
        """Whether this viewer may see behind masks, as far as their session was read."""
        return allows(self.visit.rights, "cameras.unmask", self.facts.city)

    def stream(self, which: str) -> str:
        """The name of the stream to hear where which of the camera's is wanted."""
        return stream_of(which, self.veil)

    def veil_since(self, since: datetime) -> Veil | None:
        """What is hidden of pictures of then: what was then, or at any time since."""
        (veil,) = veils([self], since)
        return veil

    def renew(self) -> bool:
        """Read the session again; whether it is still this account's."""
        self.visit = read_visit(self.visit.session_key)
        return self.visit.account == self.account


def stream_of(which: str, veil: Veil | None) -> str:
    """The name of a camera's stream as it is seen through a veil."""
    if veil is None:
        return which
    return f"{MASKED_STILL if which == 'still' else MASKED}-{veil.digest}"


def veils(seen: Sequence[Pass], since: datetime | None = None) -> list[Veil | None]:
    """What is hidden from each viewer now; None: nothing. since: of pictures of then.

    Asked of the database, by two questions however many they are: what was hidden a moment ago may
    be shown to nobody for longer than until the next look.
    """
    rounds = have_visitors({one.account for one in seen})
    hidden = hidden_of({one.camera for one in seen}, since)
    return [
        seen_through(
            hidden.get(one.camera, NOTHING),
            unveiled=one.unveiled,
            coarse=(one.account, one.facts.city) in rounds,
        )
        for one in seen
    ]


def open_door(
    session: str, camera: UUID, book: RightsBook, address: str, language: str = "ko"
) -> Pass:
    """Let whoever has the session see the camera, and leave the entry in the trail; Closed says why not."""
    with override(language):
        seen = peek(session, camera, book)
        actor = actor_of(seen, address)
        _note(actor, seen.facts.city, "enlarge", {seen.facts.id: seen.right})
        return seen


def peek(session: str, camera: UUID, book: RightsBook) -> Pass:
    """The pass of whoever sees the camera already, without another entry; Closed says why not."""
    visit, account = _visitor(session)
    found = Camera.objects.select_related("site__data_set", "city").filter(pk=camera).first()
    seen = _pass(visit, account, found, book)
    (seen.veil,) = veils([seen])
    return seen


def actor_of(seen: Pass, address: str) -> Actor:
    """Whoever has seen, as the trail names them."""
    account = Account.objects.get(pk=seen.account)
    return _actor(account, seen.visit, seen.facts.city, address)


@dataclass
class Playback:
    """An open recording. One entry of the trail stands for one camera and one day of its city, and for what
    was played on over midnight without a jump, up to a day from where it began."""

    seen: Pass
    actor: Actor
    language: str
    noted: set[str]
    since: datetime | None = None  # from where the last entry says that it was played
    reached: datetime | None = None  # the end of what was given last

    def goes_on(self, at: datetime) -> bool:
        """Whether what begins there goes on from what was given last."""
        return self.reached is not None and abs(at - self.reached) < SEAM

    def note(self, at: datetime) -> None:
        """Leave the entry that at wants, unless it is there; Closed without a reason."""
        day = at.astimezone(self.seen.zone).date().isoformat()
        if day in self.noted:
            return
        if self.since is not None and self.goes_on(at) and at - self.since < DAY:
            return
        self.since = at
        with override(self.language):
            more = {"camera": str(self.seen.camera), "day": day, "from": at.isoformat()}
            rights = {self.seen.facts.id: self.seen.right}
            _note(self.actor, self.seen.facts.city, "play", rights, more)
        self.noted.add(day)


def open_playback(
    session: str, camera: UUID, book: RightsBook, address: str, language: str = "ko"
) -> Playback:
    """Let whoever has the session play back what was recorded of camera; Closed says why not."""
    with override(language):
        visit, account = _visitor(session)
        found = Camera.objects.select_related("site__data_set", "city").filter(pk=camera).first()
        if found is None:
            raise Closed(Close.NO_RIGHT, _("No camera here is open to you."))
        facts = facts_of(found.city, found.site)
        seen = _opened(visit, account, found, book, PLAY, facts)
        if reason_of(account.pk, seen.facts.city) is None:
            raise Closed(Close.NO_REASON, _("Choose first why you look."))
        actor = _actor(account, visit, seen.facts.city, address)
        (seen.veil,) = veils([seen])
        return Playback(seen, actor, language, set())


@dataclass
class Layout:
    """What of a wall is open, and why the rest is not."""

    open: dict[UUID, Pass]
    shut: dict[UUID, Closed]


def open_layout(
    session: str,
    cameras: Sequence[UUID],
    book: RightsBook,
    address: str,
    language: str = "ko",
    note: Looking | None = "layout",
) -> Layout:
    """Let whoever has the session see these cameras beside each other: one entry in the trail lists them.

    note: how the entry says they are looked at; None where it was left already. Closed where nothing at
    all can be shown: nobody is signed in, or no reason is chosen.
    """
    with override(language):
        visit, account = _visitor(session)
        rows = Camera.objects.select_related("site__data_set", "city").filter(pk__in=cameras)
        known = {one.pk: one for one in rows}
        layout, facts = Layout({}, {}), _facts(known.values())
        for pk in cameras:
            try:
                layout.open[pk] = _pass(visit, account, known.get(pk), book, facts)
            except Closed as closed:
                layout.shut[pk] = closed
        cities = {one.facts.city for one in layout.open.values()}
        for city in cities if note else ():
            rights = {one.facts.id: one.right for one in layout.open.values()}
            _note(_actor(account, visit, city, address), city, note or "layout", rights)
        passes = list(layout.open.values())
        for one, veil in zip(passes, veils(passes), strict=True):
            one.veil = veil
        return layout


def _visitor(session: str) -> tuple[Visit, Account]:
    visit = read_visit(session)
    if visit.account is None:
        raise Closed(Close.SIGNED_OUT, _("Sign in first."))
    return visit, Account.objects.get(pk=visit.account)


def _facts(cameras: Iterable[Camera]) -> dict[UUID, CameraFacts]:
    """What rights may depend on, by site."""
    cities: dict[UUID, list[Camera]] = defaultdict(list)
    for one in cameras:
        cities[one.city_id].append(one)
    found: dict[UUID, CameraFacts] = {}
    for group in cities.values():
        found |= facts_of_all(group[0].city, (one.site for one in group))
    return found


def _pass(
    visit: Visit,
    account: Account,
    found: Camera | None,
    book: RightsBook,
    facts: Mapping[UUID, CameraFacts] | None = None,
) -> Pass:
    if found is None or found.state == LifeState.REMOVED:
        raise Closed(Close.NO_RIGHT, _("No camera here is open to you."))
    known = facts[found.site_id] if facts else facts_of(found.city, found.site)
    return _opened(visit, account, found, book, VIEW, known)


def _opened(
    visit: Visit, account: Account, found: Camera, book: RightsBook, act: str, facts: CameraFacts
) -> Pass:
    right = book.by(account.pk, facts, act)
    if right is None:
        raise Closed(Close.NO_RIGHT, _("No camera here is open to you."))
    streams = tuple(
        which
        for which, stream in (("main", found.main_address), ("sub", found.sub_address))
        if stream
    )
    zone = ZoneInfo(found.city.time_zone)
    mark = f"{account} · {timezone.localtime(timezone=zone):%Y-%m-%d %H:%M}"
    simulated = found.site.data_set.simulated
    return Pass(visit, account.pk, found.pk, facts, right, mark, streams, simulated, zone, act)


def _note(
    actor: Actor,
    city: UUID,
    how: Looking,
    rights: dict[UUID, str],
    more: Mapping[str, object] | None = None,
) -> None:
    assert actor.account is not None
    try:
        note_looking(actor, city, how, rights, reason_of(actor.account, city), more)
    except PeopleError as error:
        raise Closed(Close.NO_REASON, str(error)) from None


def _actor(account: Account, visit: Visit, city: UUID, address: str) -> Actor:
    held = [one for one in visit.rights.held if one.city == city]
    organisation = held[0].organisation if held else None
    return Actor(account.pk, str(account), organisation, address)
