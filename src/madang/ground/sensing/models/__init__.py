from madang.ground.sensing.models.devices import Device, Health, TrackHold
from madang.ground.sensing.models.kinds import Channel, ChannelLimits, DeviceKind, KindLimits
from madang.ground.sensing.models.observed import Observation, Span, Station
from madang.ground.sensing.models.quarantine import Quarantine, QuarantineSample
from madang.ground.sensing.models.retention import Retention

__all__ = [
    "Channel",
    "ChannelLimits",
    "Device",
    "DeviceKind",
    "Health",
    "KindLimits",
    "Observation",
    "Quarantine",
    "QuarantineSample",
    "Retention",
    "Span",
    "Station",
    "TrackHold",
]
