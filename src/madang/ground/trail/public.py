"""What other rooms call to leave a trace: who did what to which thing, when, why, under which right."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from madang.ground.trail.actions import declare

__all__ = ["Act", "Actor", "declare", "record"]


@dataclass(frozen=True)
class Actor:
    """Who acts: a person (account), or a process of the platform by its name."""

    account: UUID | None = None
    name: str = "system"
    organisation: UUID | None = None
    address: str = ""


@dataclass(frozen=True)
class Act:
    """One act, as the trail keeps it. thing is (kind, id); right names the rule that allowed it.

    detail is kept for ever and must name nobody; what describes a person goes into personal, which
    can be destroyed later. reason may say anything: it is kept with the personal part.
    """

    action: str
    city: UUID | None = None
    thing: tuple[str, str] = ("", "")
    reason: str = ""
    right: str = ""
    detail: dict[str, Any] = field(default_factory=dict)
    personal: dict[str, Any] = field(default_factory=dict)


def record(actor: Actor, act: Act) -> UUID:
    """Write act into the trail, in the transaction of the act itself; the entry's id.

    The action must be declared in the room's actions.py: UnknownActionError tells how.
    """
    from madang.ground.trail.domain.writing import write

    return write(actor, act)
