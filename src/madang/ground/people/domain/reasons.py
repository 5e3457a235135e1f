"""Reasons without typing, and the entries that looking through cameras leaves.

A layout and a patrol are one entry each that lists its cameras, however many they are; enlarging one
camera, a session of steering, a playback and an export are one entry each.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from madang.ground.city.models import City
from madang.ground.people.errors import PeopleError
from madang.ground.people.grant_sources import open_incidents
from madang.ground.people.models import Account, ChosenReason, ReasonKind
from madang.ground.trail.public import Act, Actor, record

HOLDS = timedelta(hours=12)  # as long as a session: the next shift says its own
LEAST_WORDS = 2

Looking = Literal["layout", "patrol", "enlarge", "steer", "play", "export"]
MANY: frozenset[Looking] = frozenset({"layout", "patrol"})  # of these one entry lists all cameras


@dataclass(frozen=True)
class Reason:
    """Why somebody looks. incident is set where the reason was inherited from one."""

    kind: str
    words: str = ""
    incident: UUID | None = None

    @property
    def text(self) -> str:
        """As the trail keeps it, in the active language."""
        title = str(ReasonKind(self.kind).label)
        return f"{title} · {self.words}" if self.words else title


@transaction.atomic
def choose_reason(
    account: Account, city: City, kind: str, words: str = "", incident: UUID | None = None
) -> ChosenReason:
    """What account looks for from now on: a key, or an open incident whose number and title are taken."""
    if kind not in ReasonKind.values:
        raise PeopleError(_("%r is no reason.") % kind)
    title = _open_incident(city, incident) if incident else ""
    words = words.strip()[:200]
    if kind == ReasonKind.OTHER and not incident and len(words) < LEAST_WORDS:
        raise PeopleError(_("Say in a few words what the other reason is."))
    now = timezone.now()
    chosen, _made = ChosenReason.objects.update_or_create(
        city=city,
        account=account,
        defaults={
            "kind": kind,
            "words": words,
            "incident": incident,
            "incident_words": title,
            "chosen": now,
            "until": now + HOLDS,
        },
    )
    return chosen


def forget_reason(account: Account, city: City) -> None:
    """The shift is over: whoever sits down next says why they look."""
    ChosenReason.objects.filter(account=account, city=city).delete()


def reason_of(account: UUID, city: UUID) -> Reason | None:
    """Why account looks in city now; None if it must say so first."""
    found = ChosenReason.objects.filter(account=account, city=city, until__gt=timezone.now())
    chosen = found.first()
    if chosen is None:
        return None
    words = " · ".join(one for one in (chosen.incident_words, chosen.words) if one)
    return Reason(chosen.kind, words, chosen.incident)


def note_looking(
    actor: Actor,
    city: UUID,
    how: Looking,
    rights: Mapping[UUID, str],
    reason: Reason | None,
    more: Mapping[str, object] | None = None,
) -> UUID:
    """Leave the entry of one way of looking. rights: each camera and the right that opened it, as
    RightsBook.by names it. more: what else the entry says, as the day of a playback. PeopleError
    without a reason, or for several cameras where one is meant."""
    if reason is None:
        raise PeopleError(_("Choose first why you look: a key from 1 to 5, or an incident."))
    if not rights or (len(rights) > 1 and how not in MANY):
        raise PeopleError(_("Name the camera; only a layout or a patrol has several."))
    detail: dict[str, object] = {"reason": reason.kind, **(more or {})}
    if reason.incident is not None:
        detail["incident"] = reason.incident
    if how in MANY:
        detail["cameras"] = _by_right(rights)
    act = Act(
        f"people.cameras.{how}",
        city=city,
        thing=_thing(how, rights),
        reason=reason.text,
        right=next(iter(rights.values())) if len(set(rights.values())) == 1 else "",
        detail=detail,
    )
    return record(actor, act)


def _thing(how: Looking, rights: Mapping[UUID, str]) -> tuple[str, str]:
    return (how, "") if how in MANY else ("camera", str(next(iter(rights))))


def _by_right(rights: Mapping[UUID, str]) -> dict[str, list[UUID]]:
    found: dict[str, list[UUID]] = defaultdict(list)
    for camera, right in rights.items():
        found[right].append(camera)
    return dict(found)


def _open_incident(city: City, incident: UUID) -> str:
    for one in open_incidents(city.pk):
        if one.id == incident:
            return one.words[:200]
    raise PeopleError(_("This incident is not open in this city."))
