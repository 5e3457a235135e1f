"""Which parts of a camera's picture are hidden from whoever may not see behind them, and from visitors."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from hashlib import blake2b
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from madang.ground import bell
from madang.ground.city.models import City
from madang.ground.trail.public import Act, Actor, record
from madang.systems.cameras.domain.devices import act
from madang.systems.cameras.errors import CameraError
from madang.systems.cameras.models import Camera, Kind, MaskZone, VisitorsMode

BELL = "camera_masks_changed"  # with the camera, or the account whose visitors' mode changed
LEAST_CORNERS, MOST_CORNERS, MOST_ZONES = 3, 40, 30
LEAST_AREA = 0.0001  # of the picture
WHOLE = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))

Zone = tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Veil:
    """What is hidden of a picture: zones painted over, and all of it coarse where coarse is set."""

    zones: tuple[Zone, ...] = ()
    coarse: bool = False

    @cached_property
    def digest(self) -> str:
        """The same for the same veil: streams of one camera are told apart by it."""
        return blake2b(repr((self.zones, self.coarse)).encode(), digest_size=8).hexdigest()

    @property
    def hides(self) -> bool:
        return bool(self.zones) or self.coarse


def zones_of(
    cameras: Iterable[UUID], since: datetime | None = None
) -> dict[UUID, tuple[Zone, ...]]:
    """The zones of each camera that has any now, or had any at some time from since on.

    Of a camera that turns its zones lie where its presets are, and nobody tells yet at which it stands:
    it is hidden whole.
    """
    rows = MaskZone.objects.filter(camera__in=list(cameras))
    ends = Q(ended=None) if since is None else Q(ended=None) | Q(ended__gt=since)
    found: dict[UUID, set[Zone]] = defaultdict(set)
    for camera, kind, points in rows.filter(ends).values_list("camera", "camera__kind", "points"):
        found[camera].add(WHOLE if kind == Kind.TURNING else corners(points))
    return {camera: tuple(sorted(zones)) for camera, zones in found.items()}


def veil_of(camera: UUID, digest: str) -> Veil:
    """The veil of camera as it is now, coarse or not, whose digest that is; CameraError where it is
    another by now: then nothing at all may be shown under the old one."""
    zones = zones_of([camera]).get(camera, ())
    for veil in (Veil(zones), Veil(zones, coarse=True)):
        if veil.hides and veil.digest == digest:
            return veil
    raise CameraError(_("What is hidden of this camera has changed; look again."))


def corners(points: Sequence[float]) -> Zone:
    return tuple(zip(points[::2], points[1::2], strict=True))


@transaction.atomic
def draw_zone(
    camera: Camera,
    actor: Actor,
    name: str,
    why: str,
    zone: Sequence[tuple[float, float]],
    preset: int | None = None,
) -> MaskZone:
    """Hide a part of camera's picture from now on. CameraError where it is no simple area of it."""
    if not name.strip() or not why.strip():
        raise CameraError(_("Say what is hidden there, and why."))
    _check(zone)
    Camera.objects.select_for_update(no_key=True).get(pk=camera.pk)
    if MaskZone.objects.filter(camera=camera, ended=None).count() >= MOST_ZONES:
        raise CameraError(_("A camera has %d zones at most. Draw larger ones.") % MOST_ZONES)
    made = MaskZone.objects.create(
        city_id=camera.city_id,
        camera=camera,
        preset=preset,
        name=name.strip()[:80],
        why=why.strip()[:300],
        points=[round(one, 5) for point in zone for one in point],
        by_id=actor.account,
    )
    detail = {"zone": str(made.pk), "points": made.points, "preset": preset}
    record(actor, act("cameras.mask_drawn", camera, made.why, detail))
    bell.ring(BELL, str(camera.pk))
    return made


@transaction.atomic
def end_zone(zone: MaskZone, actor: Actor, why: str) -> None:
    """Show again what the zone hid. CameraError without a reason, or where somebody ended it before."""
    if not why.strip():
        raise CameraError(_("Say why it need not be hidden any more."))
    ended = MaskZone.objects.filter(pk=zone.pk, ended=None).update(
        ended=timezone.now(), ended_by_id=actor.account, ended_why=why.strip()[:300]
    )
    if not ended:
        raise CameraError(_("This zone was ended already."))
    record(actor, act("cameras.mask_ended", zone.camera, why.strip(), {"zone": str(zone.pk)}))
    bell.ring(BELL, str(zone.camera_id))


def _check(zone: Sequence[tuple[float, float]]) -> None:
    """CameraError unless zone is one area within the picture: of lines that cross, parts stay open."""
    if not LEAST_CORNERS <= len(zone) <= MOST_CORNERS:
        raise CameraError(
            _("A zone has from %(least)d to %(most)d corners.")
            % {"least": LEAST_CORNERS, "most": MOST_CORNERS}
        )
    if not all(0 <= one <= 1 for point in zone for one in point):
        raise CameraError(_("Every corner lies within the picture."))
    from shapely import Polygon

    area = Polygon(zone)
    if not area.is_valid or area.area < LEAST_AREA:
        raise CameraError(_("Its lines cross, or nothing lies between them. Draw it again."))


def have_visitors(accounts: Iterable[UUID]) -> set[tuple[UUID, UUID]]:
    """(account, city) of each of accounts that shows visitors round there."""
    rows = VisitorsMode.objects.filter(account__in=list(accounts), ended=None)
    return set(rows.values_list("account", "city"))


@transaction.atomic
def receive_visitors(actor: Actor, city: City, here: bool) -> None:
    """From now on every picture on actor's screens is coarse, or not any more."""
    assert actor.account is not None
    if here:
        _mode, changed = VisitorsMode.objects.get_or_create(
            city=city, account_id=actor.account, ended=None
        )
    else:
        rows = VisitorsMode.objects.filter(city=city, account_id=actor.account, ended=None)
        changed = bool(rows.update(ended=timezone.now()))
    if changed:
        name = "cameras.visitors_came" if here else "cameras.visitors_left"
        record(actor, Act(name, city=city.pk, thing=("account", str(actor.account))))
        bell.ring(BELL, str(actor.account))
