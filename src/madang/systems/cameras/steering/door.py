"""Who may know of a camera what its viewers know, and who may put a hand on it."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import override

from madang.ground.live.closing import Closed
from madang.ground.people.public import RightsBook
from madang.ground.people.rights import allows
from madang.systems.cameras.errors import CameraError
from madang.systems.cameras.live.closing import Close
from madang.systems.cameras.live.door import Pass, actor_of, peek
from madang.systems.cameras.models import Camera, Onvif
from madang.systems.cameras.steering import hand
from madang.systems.cameras.steering.hand import Claim, Taken

STEER = "steer"


def open_steering(session: str, camera: UUID, book: RightsBook, language: str) -> Pass:
    """Let whoever may see the camera know who steers it and where it looks; Closed says why not."""
    with override(language):
        seen = peek(session, camera, book)
        if not Onvif.objects.filter(camera=camera, turns=True).exists():
            raise Closed(Close.NO_STREAM, _("No ONVIF address is recorded of this camera."))
        return seen


def steering_pass(seen: Pass, book: RightsBook) -> Pass:
    """seen as the pass of a hand; CameraError where no right lets it steer."""
    if not allows(seen.visit.rights, "cameras.steer", seen.facts.city):
        raise CameraError(_("Your role does not steer cameras."))
    right = book.by(seen.account, seen.facts, STEER)
    if right is None:
        raise CameraError(_("No scope, grant or emergency access lets you steer this camera."))
    return replace(seen, act=STEER, right=right)


def take(seen: Pass, book: RightsBook, address: str, language: str) -> tuple[Pass, Taken]:
    """Put a hand on the camera of seen; CameraError says why not."""
    with override(language):
        steers = steering_pass(seen, book)
        camera = Camera.objects.select_related("city").get(pk=seen.camera)
        claim = Claim(actor_of(seen, address), steers.right)
        return steers, hand.take(camera, claim)


def refusal(seen: Pass, book: RightsBook, language: str) -> str:
    """Why whoever has seen may not steer; "" where they may."""
    with override(language):
        try:
            steering_pass(seen, book)
        except CameraError as error:
            return str(error)
    return ""


def idle_seconds(camera: UUID) -> int:
    """After how long without a move a hand leaves the camera by itself."""
    return hand.rules_of(Camera.objects.select_related("city").get(pk=camera).city).idle_after
