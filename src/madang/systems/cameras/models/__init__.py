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
from madang.systems.cameras.models.sites import Purpose, Site

__all__ = [
    "Camera",
    "Consultation",
    "Fault",
    "Health",
    "Kind",
    "LifeState",
    "Purpose",
    "Site",
    "Step",
    "Wrong",
]
