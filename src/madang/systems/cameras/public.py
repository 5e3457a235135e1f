"""What other systems and the demo may call of cameras."""

from madang.systems.cameras.domain.devices import CameraSpec, camera_key, record_cameras

__all__ = ["CameraSpec", "camera_key", "record_cameras"]
