"""A camera's life: planned, installed, in repair, removed; and what is wrong with it meanwhile."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from madang.ground.trail.public import Act, Actor, record
from madang.systems.cameras.domain.devices import act
from madang.systems.cameras.errors import CameraError
from madang.systems.cameras.models import Camera, Consultation, Fault, LifeState, Site, Step

NEXT: dict[str, tuple[LifeState, ...]] = {
    LifeState.PLANNED: (LifeState.INSTALLED, LifeState.REMOVED),
    LifeState.INSTALLED: (LifeState.REPAIR, LifeState.REMOVED),
    LifeState.REPAIR: (LifeState.INSTALLED, LifeState.REMOVED),
    LifeState.REMOVED: (),
}


@transaction.atomic
def consult(site: Site, actor: Actor, **values: Any) -> Consultation:
    """Write down how residents and experts were heard about a site's cameras."""
    heard = Consultation.objects.create(
        city_id=site.city_id, site=site, by_id=actor.account, **values
    )
    detail = {"site": site.key, "way": heard.way, "opinions": heard.opinions}
    record(
        actor,
        Act("cameras.consulted", city=site.city_id, thing=("site", str(site.pk)), detail=detail),
    )
    return heard


@transaction.atomic
def step(camera: Camera, state: str, words: str, actor: Actor) -> None:
    """Let camera become state. CameraError where that does not follow, or nobody was heard before."""
    held = Camera.objects.select_for_update().get(pk=camera.pk)
    if state not in NEXT[held.state]:
        raise CameraError(_("That does not follow; somebody else may have changed it already."))
    if held.state == LifeState.PLANNED and state == LifeState.INSTALLED and not heard(held.site_id):
        raise CameraError(
            _(
                "Before a camera is installed residents and experts are heard"
                " (Personal Information Protection Act, article 25(3)):"
                " record the consultation of its site first."
            )
        )
    held.state, held.since = state, timezone.now()
    held.save(update_fields=["state", "since"])
    Step.objects.create(
        city_id=held.city_id, camera=held, state=state, by_id=actor.account, words=words
    )
    record(actor, act("cameras.stepped", held, words, {"state": state}))


def heard(site: Any) -> bool:
    """Whether a consultation about the site has ended."""
    return Consultation.objects.filter(site=site, ends__lte=timezone.localdate()).exists()


@transaction.atomic
def report_fault(camera: Camera, what: str, words: str, actor: Actor) -> Fault:
    """Write down that something is wrong; the same thing twice stays one fault."""
    fault, made = Fault.objects.get_or_create(
        camera=camera,
        what=what,
        ended=None,
        defaults={"city_id": camera.city_id, "words": words, "by_id": actor.account},
    )
    if made:
        record(actor, act("cameras.fault_reported", camera, words, {"what": what}))
    return fault


@transaction.atomic
def end_fault(fault: Fault, mended: str, actor: Actor) -> None:
    """It is mended. CameraError where somebody ended it before."""
    ended = Fault.objects.filter(pk=fault.pk, ended=None).update(
        ended=timezone.now(), mended=mended
    )
    if not ended:
        raise CameraError(_("This fault has ended already."))
    record(actor, act("cameras.fault_ended", fault.camera, mended, {"what": fault.what}))
