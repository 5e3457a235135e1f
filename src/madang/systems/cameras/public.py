"""What other systems and the demo may call of cameras."""

from madang.systems.cameras.domain.devices import CameraSpec, camera_key, record_cameras
from madang.systems.cameras.domain.policy import change_policy
from madang.systems.cameras.steering.register import record_onvif

__all__ = ["CameraSpec", "camera_key", "change_policy", "record_cameras", "record_onvif"]
