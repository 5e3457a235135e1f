"""The personal part of entries comes to its end; their leaves, and so every proof, stay."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction

from madang.ground.trail.models import Personal
from madang.ground.trail.personal import opened
from madang.ground.trail.public import Act, Actor, record

AT_ONCE = 1000  # entries named in one act


@transaction.atomic
def destroy_personal(actor: Actor, city: UUID | None, entries: Sequence[UUID], reason: str) -> int:
    """Destroy the salt and the personal data of entries. The act that says so names each of them, so
    that a check can tell an end from a theft."""
    for start in range(0, len(entries), AT_ONCE):
        some = entries[start : start + AT_ONCE]
        act = Act(
            "trail.personal.destroyed", city=city, reason=reason, detail={"entries": list(some)}
        )
        record(actor, act)
        with opened(city):
            Personal.objects.filter(entry__in=some).delete()
    return len(entries)
