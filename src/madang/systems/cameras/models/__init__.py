from madang.systems.cameras.models.devices import (
    Camera,
    Consultation,
    Fault,
    Health,
    Kind,
    LifeState,
    Step,
    Wrong,
)
from madang.systems.cameras.models.policy import Policy
from madang.systems.cameras.models.sites import Purpose, Site
from madang.systems.cameras.models.wall import WallView

__all__ = [
    "Camera",
    "Consultation",
    "Fault",
    "Health",
    "Kind",
    "LifeState",
    "Policy",
    "Purpose",
    "Site",
    "Step",
    "WallView",
    "Wrong",
]
