"""Other centres whose programs read what is measured here: each is a device without a place, so that its
credential is kept, renewed and ended as any device's is."""

from __future__ import annotations

from madang.ground.city.models import City
from madang.ground.sensing.public import (
    Device,
    DeviceError,
    DeviceSpec,
    KindSpec,
    declare_kind,
    register_devices,
    renew_credential,
)
from madang.ground.trail.public import Actor

KIND = "traffic_centre"
NAMES = {"ko": "연계 교통센터", "en": "Connected traffic centre", "ja": "連携交通センター"}


def let_in(city: City, key: str, name: str, actor: Actor) -> str:
    """A new credential for the centre of this key, told this once. DeviceError says why it cannot be."""
    if Device.objects.filter(city=city, key=key).exclude(kind__key=KIND).exists():
        raise DeviceError(f"{key} is a device of another kind. Choose another name for the centre.")
    declare_kind(city, KindSpec(KIND, NAMES))
    centre = register_devices(city, [DeviceSpec(key, KIND, name or key)], actor)[key]
    return renew_credential(centre, actor)
