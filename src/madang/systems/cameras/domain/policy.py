"""The city's own words of its policy on cameras: a change is a new version, and an entry of the trail."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from madang.ground.city.models import City
from madang.ground.trail.public import Act, Actor, record
from madang.systems.cameras.errors import CameraError
from madang.systems.cameras.models import Policy

WORDS = ("responsible", "phone", "storage", "deletion", "viewing", "physical", "other")


@transaction.atomic
def change_policy(city: City, actor: Actor, seen: int, **words: Any) -> Policy:
    """Write the next version of the policy. seen is the version that was changed, 0 for none.

    CameraError where somebody else wrote one meanwhile; saying the same again writes nothing.
    """
    City.objects.select_for_update(no_key=True).get(pk=city.pk)
    last = Policy.objects.filter(city=city).order_by("-number").first()
    number = last.number if last else 0
    if number != seen:
        raise CameraError(_("Somebody else changed the policy meanwhile. Look at it once more."))
    changed = sorted(one for one in WORDS if words[one] != (getattr(last, one) if last else ""))
    if last and not changed:
        return last
    made = Policy.objects.create(city=city, number=number + 1, by_id=actor.account, **words)
    detail = {"number": made.number, "changed": changed}
    thing = ("camera-policy", str(made.pk))
    record(
        actor,
        Act(
            "cameras.policy_changed",
            city=city.pk,
            thing=thing,
            right="cameras.policy",
            detail=detail,
        ),
    )
    return made
