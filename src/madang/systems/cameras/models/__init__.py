from madang.systems.cameras.models.devices import (
    Camera,
    Consultation,
    Fault,
    Health,
    Kind,
    LifeState,
    Recording,
    Step,
    Wrong,
)
from madang.systems.cameras.models.footage import (
    Bookmark,
    Destruction,
    Ended,
    FootageLock,
    Gap,
    Segment,
)
from madang.systems.cameras.models.giving import (
    Deed,
    Giving,
    GivingBasis,
    GivingSpan,
    GivingState,
)
from madang.systems.cameras.models.masks import MaskZone, Stand, VisitorsMode
from madang.systems.cameras.models.policy import Policy
from madang.systems.cameras.models.recorders import (
    DeviceState,
    OnvifChannel,
    OnvifDevice,
    OnvifHeld,
)
from madang.systems.cameras.models.sites import Purpose, Site
from madang.systems.cameras.models.steering import LetGo, Onvif, SteeringRules, SteeringSession
from madang.systems.cameras.models.wall import WallView

__all__ = [
    "Bookmark",
    "Camera",
    "Consultation",
    "Deed",
    "Destruction",
    "DeviceState",
    "Ended",
    "Fault",
    "FootageLock",
    "Gap",
    "Giving",
    "GivingBasis",
    "GivingSpan",
    "GivingState",
    "Health",
    "Kind",
    "LetGo",
    "LifeState",
    "MaskZone",
    "Onvif",
    "OnvifChannel",
    "OnvifDevice",
    "OnvifHeld",
    "Policy",
    "Purpose",
    "Recording",
    "Segment",
    "Site",
    "Stand",
    "SteeringRules",
    "SteeringSession",
    "Step",
    "VisitorsMode",
    "WallView",
    "Wrong",
]
