from madang.ground.sensing.models.devices import Device, Health, TrackHold
from madang.ground.sensing.models.kinds import Channel, ChannelLimits, DeviceKind, KindLimits
from madang.ground.sensing.models.quarantine import Quarantine, QuarantineSample
from madang.ground.sensing.models.retention import Retention

__all__ = [
    "Channel",
    "ChannelLimits",
    "Device",
    "DeviceKind",
    "Health",
    "KindLimits",
    "Quarantine",
    "QuarantineSample",
    "Retention",
    "TrackHold",
]
