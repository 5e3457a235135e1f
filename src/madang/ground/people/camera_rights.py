"""May this account use this camera so, now: the question that video asks many times a second.

Answered from what is in memory, without the database: the scopes of the account's memberships, the
grants to it or to its agency, and glass it broke. The answer names the right, for the trail.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet
from django.utils import timezone

from madang.ground.people.models import BreakGlass, CameraScope, Grant, Membership
from madang.ground.people.rights import read_rights

SECONDED = ("seconded_police", "seconded_fire")
GLASS_ACTS = frozenset(
    {"view", "steer"}
)  # what a life may need; playing back and taking out can wait


@dataclass(frozen=True, slots=True)
class CameraFacts:
    """What a right may depend on. purpose is the register's, domain the centre's; ids and keys."""

    id: UUID
    city: UUID
    purpose: str
    domain: str = ""
    district: str = ""


@dataclass(frozen=True, slots=True)
class Span:
    """From begins until ends, None without end."""

    begins: datetime
    ends: datetime | None

    def holds(self, now: datetime) -> bool:
        return self.begins <= now and (self.ends is None or now < self.ends)


@dataclass(frozen=True, slots=True)
class Scope:
    """A CameraScope, ready to be asked. Empty sets mean all; hours are minutes of the city's day."""

    right: str
    city: UUID
    spans: tuple[Span, ...]
    acts: frozenset[str]
    purposes: frozenset[str] = frozenset()
    domains: frozenset[str] = frozenset()
    districts: frozenset[str] = frozenset()
    hours: tuple[int, int] | None = None
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))

    def covers(self, camera: CameraFacts, act: str, now: datetime) -> bool:
        return (
            camera.city == self.city
            and act in self.acts
            and (not self.purposes or camera.purpose in self.purposes)
            and (not self.domains or camera.domain in self.domains)
            and (not self.districts or camera.district in self.districts)
            and all(span.holds(now) for span in self.spans)
            and self._open(now)
        )

    def _open(self, now: datetime) -> bool:
        if self.hours is None:
            return True
        local = now.astimezone(self.zone)
        minute, (begin, end) = local.hour * 60 + local.minute, self.hours
        return begin <= minute < end if begin < end else minute >= begin or minute < end


@dataclass(frozen=True, slots=True)
class Held:
    """A grant or broken glass in force: which right, for which acts, when."""

    right: str
    city: UUID
    span: Span
    acts: frozenset[str]


@dataclass(frozen=True, slots=True)
class CameraRights:
    """Everything an account may use cameras by, as read at one moment."""

    scopes: tuple[Scope, ...] = ()
    grants: Mapping[UUID, tuple[Held, ...]] = field(default_factory=dict)
    glasses: tuple[Held, ...] = ()

    def by(self, camera: CameraFacts, act: str, now: datetime) -> str | None:
        """The right by which act on camera is allowed now, or None."""
        for scope in self.scopes:
            if scope.covers(camera, act, now):
                return scope.right
        for held in (*self.grants.get(camera.id, ()), *self.glasses):
            if held.city == camera.city and act in held.acts and held.span.holds(now):
                return held.right
        return None


NONE = CameraRights()


def read_camera_rights(account: UUID) -> CameraRights:
    """The camera rights of account as they are in the database now.

    Whoever needs a second factor and has none, has none of these.
    """
    rights = read_rights(account)
    if rights.account is None or not rights.second_factor:
        return NONE
    return CameraRights(_scopes(account), _grants(account), _glasses(account))


def _scopes(account: UUID) -> tuple[Scope, ...]:
    now = timezone.now()
    found = CameraScope.objects.filter(membership__account=account).select_related(
        "membership", "city"
    )
    found = found.exclude(ends__lte=now).exclude(membership__ends__lte=now)
    return tuple(_scope(one) for one in found)


def _scope(one: CameraScope) -> Scope:
    spans = (Span(one.begins, one.ends), Span(one.membership.begins, one.membership.ends))
    hours = None
    if one.hours_from is not None and one.hours_until is not None:
        hours = (_minute(one.hours_from), _minute(one.hours_until))
    return Scope(
        right=f"scope:{one.pk}",
        city=one.city_id,
        spans=spans,
        acts=frozenset(one.acts),
        purposes=frozenset(one.purposes),
        domains=frozenset(one.domains),
        districts=frozenset(one.districts),
        hours=hours,
        zone=ZoneInfo(one.city.time_zone),
    )


def _minute(time: object) -> int:
    return time.hour * 60 + time.minute  # type: ignore[attr-defined, no-any-return]


def grants_of(account: UUID) -> QuerySet[Grant]:
    """Every grant to account, or to an agency it is seconded by now."""
    now = timezone.now()
    seconded = Membership.objects.filter(account=account, role__in=SECONDED, begins__lte=now)
    agencies = seconded.exclude(ends__lte=now).values("organisation")
    mine = Q(account=account) | Q(account=None, organisation__in=agencies)
    return Grant.objects.filter(mine)


def _grants(account: UUID) -> dict[UUID, tuple[Held, ...]]:
    found: dict[UUID, list[Held]] = defaultdict(list)
    for grant in grants_of(account).filter(revoked=None, until__gt=timezone.now()):
        span = Span(grant.begins, grant.until)
        held = Held(f"grant:{grant.pk}", grant.city_id, span, frozenset(grant.acts))
        for camera in grant.cameras:
            found[camera].append(held)
    return {camera: tuple(held) for camera, held in found.items()}


def _glasses(account: UUID) -> tuple[Held, ...]:
    found = BreakGlass.objects.filter(account=account, until__gt=timezone.now())
    return tuple(
        Held(f"break-glass:{one.pk}", one.city_id, Span(one.begins, one.until), GLASS_ACTS)
        for one in found
    )
