"""What other rooms call to leave a trace: who did what to which thing, when, why, under which right."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from madang.ground.trail.models import Entry


@dataclass(frozen=True)
class Actor:
    """Who acts: a person (account), or a process of the platform by its name."""

    account: UUID | None = None
    name: str = "system"
    organisation: UUID | None = None
    address: str = ""


@dataclass(frozen=True)
class Act:
    """One act, as the trail keeps it. thing is (kind, id); right names the rule that allowed it."""

    action: str
    city: UUID | None = None
    thing: tuple[str, str] = ("", "")
    reason: str = ""
    right: str = ""
    detail: dict[str, Any] = field(default_factory=dict)


def record(actor: Actor, act: Act) -> None:
    """Write act into the trail, in the transaction of the act itself."""
    Entry.objects.create(
        actor=actor.account,
        actor_name=actor.name,
        organisation=actor.organisation,
        address=actor.address,
        action=act.action,
        city=act.city,
        thing_kind=act.thing[0],
        thing_id=act.thing[1],
        reason=act.reason,
        right=act.right,
        detail=act.detail,
    )
