"""Which things have to do with a case."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from madang.ground.cases.domain.refusals import Refused
from madang.ground.cases.domain.steps import Case, Told, advance, lock
from madang.ground.cases.models import Alarm, Incident, Link, Step
from madang.ground.trail.public import Actor


@dataclass(frozen=True)
class Thing:
    """Anything a case can be about: its kind in one word, its id, and how people call it."""

    kind: str
    id: str
    label: str


def link(actor: Actor, city: UUID, model: type[Case], pk: UUID, thing: Thing) -> Case:
    """Link thing to the alarm or incident; a thing that is linked already stays linked once."""
    with transaction.atomic():
        found = lock(model, city, pk)
        if found.closed is not None:
            raise Refused(_("It is closed; nothing more can be linked to it."))
        add_link(actor, found, thing)
    return found


def add_link(actor: Actor, case: Alarm | Incident, thing: Thing) -> None:
    """Link thing to a case that this transaction has locked or made."""
    if not (thing.kind and thing.id and thing.label):
        raise Refused(_("A link needs the kind, the id and the name of the thing."))
    name = "alarm" if isinstance(case, Alarm) else "incident"
    link, made = Link.objects.get_or_create(
        **{name: case},
        thing_kind=thing.kind,
        thing_id=thing.id,
        defaults={"city_id": case.city_id, "label": thing.label, "actor_name": actor.name},
    )
    if made:
        detail = {"kind": link.thing_kind, "id": link.thing_id, "label": link.label}
        advance(case, actor, Step.LINKED, Told(detail=detail))
