"""Recording cameras below their sites: many at once by programs, one by a person who changes it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from madang.ground.city.models import City
from madang.ground.people.models import LawBasis
from madang.ground.trail.public import Act, Actor, record
from madang.systems.cameras.domain.sealing import seal
from madang.systems.cameras.errors import CameraError
from madang.systems.cameras.models import Camera, LifeState, Site, Step

AT_ONCE = 2000
USUAL_DAYS = 30  # 표준 개인정보 보호지침 §41: unless the register says otherwise
FIELDS = (
    "kind",
    "codec",
    "width",
    "height",
    "bearing",
    "angle",
    "range",
    "kept_days",
    "records",
    "contractor",
    "contractor_phone",
    "main_address",
    "sub_address",
    "transport",
    "user",
)


def days_kept(camera: Camera) -> int:
    """How many days footage of camera is kept: its own term, else its site's, else the law's usual one."""
    for days in (camera.kept_days, camera.site.kept_days):
        if days is not None:
            return days
    return USUAL_DAYS


def check_recordable(camera: Camera) -> None:
    """CameraError where the law's basis or the term of camera leaves nothing to record."""
    if camera.site.basis == LawBasis.STATISTICS:
        raise CameraError(_("The law lets cameras for statistics record nothing."))
    if days_kept(camera) == 0:
        raise CameraError(_("Its footage is kept for 0 days. Change that before it is recorded."))


@dataclass(frozen=True)
class CameraSpec:
    """A camera as a program records it; what it leaves out is unknown."""

    site: Site
    number: int
    kind: str = ""
    codec: str = ""
    width: int | None = None
    height: int | None = None
    bearing: float | None = None
    angle: float | None = None
    range: float | None = None
    main_address: str = ""
    sub_address: str = ""
    user: str = ""
    password: str = ""
    records: bool = False
    kept_days: int | None = None


def camera_key(site: Site, number: int) -> str:
    """The management number of a site's camera: the site's own with the camera's behind it."""
    return f"{site.key[:70]}-{number}"


@transaction.atomic
def record_cameras(city: City, specs: Sequence[CameraSpec], actor: Actor) -> int:
    """Record cameras that stand already. Those whose site has the number are left as they are."""
    cameras = [_camera(city, spec) for spec in specs]
    Camera.objects.bulk_create(cameras, batch_size=AT_ONCE, ignore_conflicts=True)
    # By what is there now: of a number that was taken, the camera that has it keeps its own life.
    ids = {camera.pk for camera in cameras}
    made = set(Camera.objects.filter(pk__in=ids, steps=None).values_list("pk", flat=True))
    steps = [
        Step(city=city, camera_id=pk, state=LifeState.INSTALLED, by_id=actor.account) for pk in made
    ]
    Step.objects.bulk_create(steps, batch_size=AT_ONCE)
    if made:
        record(actor, Act("cameras.recorded", city=city.pk, detail={"cameras": len(made)}))
    return len(made)


def record_counted(city: City, actor: Actor) -> int:
    """Record a camera for each that the register counts and that has no entry yet; how many.

    Of these nothing is known but their site: kind, bearing and streams stay unknown.
    """
    specs = []
    for site in Site.objects.filter(city=city).prefetch_related("devices"):
        taken = {one.number for one in site.devices.all()}
        free = [n for n in range(1, site.cameras + 1) if n not in taken]
        specs += [CameraSpec(site, number) for number in free[: site.cameras - len(taken)]]
    return record_cameras(city, specs, actor)


@transaction.atomic
def plan_camera(site: Site, actor: Actor) -> Camera:
    """One more camera on a pole: planned, until whoever lives there was heard and it is installed."""
    held = Site.objects.select_for_update().get(pk=site.pk)  # one number to each
    taken = Camera.objects.filter(site=held).values_list("number", flat=True)
    number = max(taken, default=0) + 1
    camera = Camera(city_id=held.city_id, site=held, number=number, key=camera_key(held, number))
    camera.save(force_insert=True)
    Step.objects.create(
        city_id=held.city_id, camera=camera, state=camera.state, by_id=actor.account
    )
    record(actor, act("cameras.planned", camera))
    return camera


@transaction.atomic
def change_camera(
    camera: Camera, actor: Actor, values: dict[str, Any], password: str | None
) -> None:
    """Change what is recorded of camera. password None leaves the one before, "" takes it away."""
    for name in ("main_address", "sub_address"):
        check_address(values.get(name, ""))
    before = {name: getattr(camera, name) for name in FIELDS}
    for name in FIELDS:
        if name in values:
            setattr(camera, name, values[name])
    if camera.records:
        check_recordable(camera)
    changed = [name for name in FIELDS if getattr(camera, name) != before[name]]
    if password is not None:
        camera.sealed = seal(camera.pk, password)
        changed.append("password")
    if not changed:
        return
    try:
        with transaction.atomic():
            camera.save()
    except IntegrityError as error:
        raise CameraError(_("A value is outside of what it can be.")) from error
    record(actor, act("cameras.changed", camera, detail={"changed": changed}))


@transaction.atomic
def aim_camera(camera: Camera, actor: Actor, bearing: float) -> None:
    """Record where the middle of camera's picture looks, in degrees from north."""
    before = camera.bearing
    camera.bearing = bearing
    camera.save(update_fields=["bearing"])
    detail = {"before": before, "after": bearing}
    record(actor, act("cameras.aimed", camera, detail=detail))


@transaction.atomic
def change_site(site: Site, actor: Actor, **after: str) -> None:
    """Say why the law allows the cameras of a site (basis), which control domain uses them, and when
    they film (hours)."""
    before = {name: getattr(site, name) for name in after}
    if before == after:
        return
    for name, value in after.items():
        setattr(site, name, value)
    site.save(update_fields=list(after))
    detail = {"before": before, "after": after}
    record(
        actor,
        Act("cameras.site_changed", city=site.city_id, thing=("site", str(site.pk)), detail=detail),
    )


def check_address(address: str) -> None:
    """CameraError unless address is empty or an RTSP address that carries no password."""
    if not address:
        return
    words = urlsplit(address)
    if words.scheme not in ("rtsp", "rtsps") or not words.hostname:
        raise CameraError(_("A stream's address begins with rtsp:// and names a host."))
    if words.username or words.password:
        raise CameraError(_("Write name and password into their own fields, not into the address."))


def act(name: str, camera: Camera, reason: str = "", detail: dict[str, Any] | None = None) -> Act:
    """An act on camera, as the trail keeps it."""
    return Act(
        name,
        city=camera.city_id,
        thing=("camera-device", str(camera.pk)),
        reason=reason,
        detail={"camera": camera.key, **(detail or {})},
    )


def _camera(city: City, spec: CameraSpec) -> Camera:
    names = ("site", "number", "kind", "codec", "width", "height", "bearing", "angle", "range")
    streams = ("main_address", "sub_address", "user", "records", "kept_days")
    values = {name: getattr(spec, name) for name in (*names, *streams)}
    camera = Camera(
        city=city, key=camera_key(spec.site, spec.number), state=LifeState.INSTALLED, **values
    )
    camera.sealed = seal(camera.pk, spec.password)
    return camera
