"""Organisations: a tree for each city."""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from madang.ground.city.models import City
from madang.ground.people.errors import PeopleError
from madang.ground.people.models import Organisation, OrganisationKind
from madang.ground.trail.public import Act, Actor, record


@transaction.atomic
def create_organisation(
    actor: Actor,
    city: City,
    key: str,
    kind: str,
    names: dict[str, str],
    parent: Organisation | None = None,
) -> Organisation:
    """A new organisation in city, under parent. names: by language code, at least one."""
    if kind not in OrganisationKind.values:
        raise PeopleError(_("%r is no kind of organisation.") % kind)
    names = {language: name.strip() for language, name in names.items() if name.strip()}
    if not names:
        raise PeopleError(_("An organisation needs a name."))
    _check_same_city(city, parent)
    made = Organisation(city=city, key=key, kind=kind, names=names, parent=parent)
    try:
        with transaction.atomic():
            made.save(force_insert=True)
    except IntegrityError as error:
        raise PeopleError(_("There is an organisation with the key %s already.") % key) from error
    record(actor, _act("people.organisation.created", made))
    return made


@transaction.atomic
def move_organisation(
    actor: Actor, organisation: Organisation, parent: Organisation | None
) -> None:
    """Put organisation, and everything under it, under another parent of the same city."""
    _check_same_city(organisation.city, parent)
    organisation.parent = parent
    try:
        with transaction.atomic():
            organisation.save(update_fields=["parent"])
    except IntegrityError as error:
        raise PeopleError(_("An organisation cannot stand under itself.")) from error
    record(actor, _act("people.organisation.moved", organisation))


def _check_same_city(city: City, parent: Organisation | None) -> None:
    if parent is not None and parent.city_id != city.pk:
        raise PeopleError(_("The parent organisation belongs to another city."))


def _act(action: str, organisation: Organisation) -> Act:
    return Act(
        action,
        city=organisation.city_id,
        thing=("organisation", str(organisation.pk)),
        right="people.manage",
        detail={"key": organisation.key, "parent": str(organisation.parent_id or "")},
    )
