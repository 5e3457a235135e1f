"""What the register says of streams: where each is, what of it is hidden, and which are recorded."""

from __future__ import annotations

from uuid import UUID

from django.db import close_old_connections

from madang.systems.cameras.domain.footage import recorded
from madang.systems.cameras.domain.masks import Veil, turned_with_zones, veil_of
from madang.systems.cameras.domain.sealing import unseal
from madang.systems.cameras.errors import CameraError
from madang.systems.cameras.intake.pull import Source
from madang.systems.cameras.messages import CODED, MASKED, MASKED_STILL
from madang.systems.cameras.models import Camera, LifeState

Stream = tuple[UUID, str]


def kind_of(which: str) -> str:
    """What a stream is, without the digest that a masked one carries."""
    return which.partition("-")[0]


def read_source(camera: UUID, which: str) -> tuple[Source, Veil | None]:
    """Where the stream is, and what is hidden of it; CameraError where the camera has none, its password
    cannot be opened, or something else is hidden of it by now."""
    kind, _dash, digest = which.partition("-")
    try:
        found = Camera.objects.filter(pk=camera).exclude(state=LifeState.REMOVED).first()
        if found is None:
            raise CameraError("not in the register", kind="unregistered")
        address = found.main_address
        if kind == "sub" or (kind != "main" and found.sub_address):
            address = found.sub_address
        if not address:
            raise CameraError("no address", kind="unaddressed")
        password = unseal(found.pk, bytes(found.sealed))
        veil = Veil() if kind == CODED else None  # encoded anew, with nothing painted over
        if kind in (MASKED, MASKED_STILL):
            veil = veil_of(found.pk, digest)
        return Source(address, found.transport, found.user, password), veil
    finally:
        close_old_connections()


def read_recorded() -> tuple[set[Stream], set[UUID]]:
    """The streams that the register says are recorded, and the cameras whose zones lie by their head."""
    try:
        return set(recorded().items()), turned_with_zones()
    finally:
        close_old_connections()
