"""What is recorded of steering: how cameras are spoken to, their edges, and a city's rules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from madang.ground.city.models import City
from madang.ground.trail.public import Act, Actor, record
from madang.systems.cameras.domain.devices import AT_ONCE, act
from madang.systems.cameras.errors import CameraError
from madang.systems.cameras.models import Camera, Onvif, SteeringRules

EDGES = ("pan_from", "pan_to", "tilt_from", "tilt_to", "zoom_to")


def record_onvif(city: City, addresses: Mapping[str, tuple[str, str]]) -> int:
    """Record of turning cameras, by their keys, the address of their ONVIF service and a profile there."""
    cameras = Camera.objects.filter(city=city, key__in=addresses).values_list("pk", "key")
    rows = [
        Onvif(
            camera_id=pk,
            city=city,
            address=addresses[key][0],
            profile=addresses[key][1],
            turns=True,
        )
        for pk, key in cameras
    ]
    Onvif.objects.bulk_create(rows, batch_size=AT_ONCE, ignore_conflicts=True)
    return len(rows)


@transaction.atomic
def change_edges(onvif: Onvif, actor: Actor, values: dict[str, float | None]) -> None:
    """Record within which angles a camera may be steered; CameraError where they are none."""
    before = {name: getattr(onvif, name) for name in EDGES}
    if before == values:
        return
    for low, high in (("pan_from", "pan_to"), ("tilt_from", "tilt_to")):
        one, other = values[low], values[high]
        if (one is None) != (other is None) or (
            one is not None and other is not None and one >= other
        ):
            raise CameraError(_("Record both edges of an axis, the lower one first, or neither."))
    for name, value in values.items():
        setattr(onvif, name, value)
    onvif.bounded, onvif.bounded_by_id = timezone.now(), actor.account
    try:
        with transaction.atomic():
            onvif.save()
    except IntegrityError as error:
        raise CameraError(_("A value is outside of what it can be.")) from error
    detail = {"before": before, "after": values}
    record(actor, act("cameras.edges_changed", onvif.camera, detail=detail))


@transaction.atomic
def change_rules(city: City, actor: Actor, **values: Any) -> None:
    """Change who goes before whom, and when a camera is let go and returns home."""
    rules = SteeringRules.objects.select_for_update().filter(city=city).first()
    rules = rules or SteeringRules(city=city)
    before = {name: getattr(rules, name) for name in values}
    if before == values:
        return
    for name, value in values.items():
        setattr(rules, name, value)
    rules.save()
    detail = {"before": before, "after": values}
    record(actor, Act("cameras.steering_changed", city=city.pk, detail=detail))
