"""Which parts of a camera's picture are hidden from whoever may not see behind them, and from visitors."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
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
from madang.systems.cameras.domain.heads import is_near
from madang.systems.cameras.errors import CameraError
from madang.systems.cameras.models import Camera, Kind, MaskZone, VisitorsMode
from madang.systems.cameras.steering.edges import Position

BELL = "camera_masks_changed"  # with the camera, or the account whose visitors' mode changed
LEAST_CORNERS, MOST_CORNERS, MOST_ZONES = 3, 40, 30
LEAST_AREA = 0.0001  # of the picture
WHOLE = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))

Zone = tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class View:
    """The zones of a camera that turns, as they lie while its head stands at one place; none where a footage
    officer said that there is nothing to hide."""

    at: Position
    zones: tuple[Zone, ...]


@dataclass(frozen=True)
class Veil:
    """What is hidden of a picture: zones painted over, and all of it coarse where coarse is set.

    views: of a camera that turns, what is hidden instead while its head is known to stand at one of these
    places; zones is then its whole picture. wide: zones are painted as much wider as a head may be off.
    """

    zones: tuple[Zone, ...] = ()
    coarse: bool = False
    views: tuple[View, ...] = ()
    wide: bool = False

    @cached_property
    def digest(self) -> str:
        """The same for the same veil: streams of one camera are told apart by it."""
        said = repr((self.zones, self.coarse, self.views))
        return blake2b(said.encode(), digest_size=8).hexdigest()

    @property
    def hides(self) -> bool:
        return bool(self.zones) or self.coarse

    @property
    def count(self) -> int:
        """How many zones somebody drew."""
        return sum(len(one.zones) for one in self.views) if self.views else len(self.zones)

    def seen_from(self, at: Position | None) -> Veil:
        """What is hidden of a picture that was taken while the head stood there; None: nobody knows."""
        near = [one for one in self.views if at is not None and is_near(one.at, at)]
        if not near:
            return Veil(self.zones, self.coarse)
        zones = {zone for one in near for zone in one.zones}
        return Veil(tuple(sorted(zones)), self.coarse, wide=True)


HIDDEN = (WHOLE,)
NOTHING = Veil()


def hidden_of(cameras: Iterable[UUID], since: datetime | None = None) -> dict[UUID, Veil]:
    """What is hidden of each camera that has zones now, or had any at some time from since on. A place where
    there is nothing to hide is shown as long as somebody stands by that."""
    rows = MaskZone.objects.filter(camera__in=list(cameras))
    hides = Q() if since is None else Q(ended__gt=since, clear=False)
    words = ("camera", "camera__kind", "points", "pan", "tilt", "zoom")
    found: dict[UUID, list[_Row]] = defaultdict(list)
    for camera, kind, points, *at in rows.filter(Q(ended=None) | hides).values_list(*words):
        place = None if at[0] is None else Position(*at)
        found[camera].append((kind == Kind.TURNING, place, corners(points)))
    return {camera: veil for camera, rows in found.items() if (veil := _veil(rows)).hides}


# Whether the camera turns, where its head stood, what is hidden there: nothing where it has no corners.
_Row = tuple[bool, Position | None, Zone]


def _veil(rows: list[_Row]) -> Veil:
    """Zones of a fixed camera as they lie; of one that turns they lie where its head stood, and one of
    which that was not said hides all of it. Places with nothing to hide alone hide nothing anywhere."""
    if not any(zone for _turns, _at, zone in rows):
        return NOTHING
    if not any(turns or at for turns, at, _zone in rows):
        return Veil(tuple(sorted({zone for _turns, _at, zone in rows})))
    views: dict[Position, set[Zone]] = defaultdict(set)
    for _turns, at, zone in rows:
        if at is None:
            return Veil(HIDDEN)
        views[at].update([zone] if zone else ())
    found = [View(at, tuple(sorted(zones))) for at, zones in sorted(views.items())]
    return Veil(HIDDEN, views=tuple(found))


def veil_of(camera: UUID, digest: str) -> Veil:
    """The veil of camera as it is now, coarse or not, whose digest that is; CameraError where it is
    another by now: then nothing at all may be shown under the old one."""
    hidden = hidden_of([camera]).get(camera, NOTHING)
    for veil in (hidden, replace(hidden, coarse=True)):
        if veil.hides and veil.digest == digest:
            return veil
    raise CameraError(_("What is hidden of this camera has changed; look again."), kind="changed")


def turned_with_zones() -> set[UUID]:
    """The cameras that have zones by where their head stands, and are recorded here or on a recorder."""
    rows = MaskZone.objects.filter(ended=None).exclude(pan=None)
    elsewhere = Q(camera__channel__isnull=False) & ~Q(camera__channel__replay_address="")
    rows = rows.filter(Q(camera__records=True) | elsewhere)
    return set(rows.values_list("camera", flat=True))


def corners(points: Sequence[float]) -> Zone:
    return tuple(zip(points[::2], points[1::2], strict=True))


@transaction.atomic
def draw_zone(
    camera: Camera,
    actor: Actor,
    name: str,
    why: str,
    zone: Sequence[tuple[float, float]],
    at: Position | None = None,
    preset: str = "",
) -> MaskZone:
    """Hide a part of camera's picture from now on. CameraError where it is no simple area of it.

    at: where the head of a camera that turns stands, and the preset's name there.
    """
    if not name.strip() or not why.strip():
        raise CameraError(_("Say what is hidden there, and why."))
    _check(zone)
    if at is not None and not _is_place(at):
        raise CameraError(_("Pan and tilt lie between −100 and 100 %, zoom between 0 and 100 %."))
    place = dict(zip(Position._fields, (round(one, 6) for one in at), strict=True)) if at else {}
    Camera.objects.select_for_update(no_key=True).get(pk=camera.pk)
    if MaskZone.objects.filter(camera=camera, ended=None).count() >= MOST_ZONES:
        raise CameraError(_("A camera has %d zones at most. Draw larger ones.") % MOST_ZONES)
    made = MaskZone.objects.create(
        city_id=camera.city_id,
        camera=camera,
        preset=preset.strip()[:100] if at else "",
        **place,
        name=name.strip()[:80],
        why=why.strip()[:300],
        points=[round(one, 5) for point in zone for one in point],
        by_id=actor.account,
    )
    detail = {"zone": str(made.pk), "points": made.points, "preset": made.preset, **place}
    record(actor, act("cameras.mask_drawn", camera, made.why, detail))
    bell.ring(BELL, str(camera.pk))
    return made


@transaction.atomic
def end_zone(zone: MaskZone, actor: Actor, why: str) -> None:
    """Show again what the zone hid, or hide again what it let be seen. CameraError without a reason, or where
    somebody ended it before."""
    if not why.strip():
        raise CameraError(_("Say why it need not be hidden any more."))
    ended = MaskZone.objects.filter(pk=zone.pk, ended=None).update(
        ended=timezone.now(), ended_by_id=actor.account, ended_why=why.strip()[:300]
    )
    if not ended:
        raise CameraError(_("This zone was ended already."))
    name = "cameras.place_hidden" if zone.clear else "cameras.mask_ended"
    record(actor, act(name, zone.camera, why.strip(), {"zone": str(zone.pk)}))
    bell.ring(BELL, str(zone.camera_id))


@transaction.atomic
def clear_place(camera: Camera, actor: Actor, why: str, at: Position, preset: str = "") -> MaskZone:
    """Say that there is nothing to hide while camera's head stands there: shown although it has zones
    elsewhere, until somebody ends that. CameraError where it does not turn, or has a zone there."""
    if not why.strip():
        raise CameraError(_("Say why there is nothing to hide."))
    if camera.kind != Kind.TURNING:
        raise CameraError(_("Of a camera that does not turn nothing is hidden beside its zones."))
    if not _is_place(at):
        raise CameraError(_("Pan and tilt lie between −100 and 100 %, zoom between 0 and 100 %."))
    if actor.account is None:
        raise CameraError(_("A footage officer says that, not a program."))
    Camera.objects.select_for_update(no_key=True).get(pk=camera.pk)
    _check_place(camera, at)
    place = dict(zip(Position._fields, (round(one, 6) for one in at), strict=True))
    made = MaskZone.objects.create(
        city_id=camera.city_id,
        camera=camera,
        preset=preset.strip()[:100],
        **place,
        name=_("Nothing to hide"),
        why=why.strip()[:300],
        points=[],
        clear=True,
        by_id=actor.account,
    )
    detail = {"zone": str(made.pk), "preset": made.preset, **place}
    record(actor, act("cameras.place_cleared", camera, made.why, detail))
    bell.ring(BELL, str(camera.pk))
    return made


def _check_place(camera: Camera, at: Position) -> None:
    rows = MaskZone.objects.filter(camera=camera, ended=None).exclude(pan=None)
    places = rows.values_list("clear", "pan", "tilt", "zoom")
    here = [
        clear
        for clear, pan, tilt, zoom in places
        if is_near(at, Position(pan or 0.0, tilt or 0.0, zoom or 0.0))
    ]
    if any(here):
        raise CameraError(_("That is said of this place already."))
    if here:
        raise CameraError(_("A zone lies there. End it first, with the reason."))
    if MaskZone.objects.filter(camera=camera, ended=None).count() >= MOST_ZONES:
        raise CameraError(_("A camera has %d zones at most. Draw larger ones.") % MOST_ZONES)


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


def _is_place(at: Position) -> bool:
    return abs(at.pan) <= 1 and abs(at.tilt) <= 1 and 0 <= at.zoom <= 1


def have_visitors(accounts: Iterable[UUID]) -> set[tuple[UUID, UUID]]:
    """(account, city) of each of accounts that shows visitors round there."""
    rows = VisitorsMode.objects.filter(account__in=list(accounts), ended=None)
    return set(rows.values_list("account", "city"))


def seen_through(hidden: Veil, *, unveiled: bool, coarse: bool) -> Veil | None:
    """What is hidden of a camera from one viewer, who may see behind zones or not, alone or with visitors;
    None: nothing."""
    veil = replace(NOTHING if unveiled and not coarse else hidden, coarse=coarse)
    return veil if veil.hides else None


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
