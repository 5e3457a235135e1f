"""Pages of devices under /<city>/devices/."""

from __future__ import annotations

from django.urls import path, re_path

from madang.ground.sensing.web import device, devices
from madang.ground.sensing.wire import DEVICE_KEY

KEY = f"(?P<key>{DEVICE_KEY.pattern})"

app_name = "sensing"
urlpatterns = [
    path("", devices.index, name="devices"),
    path("health/", devices.health, name="health"),
    path("quarantine/", devices.quarantine, name="quarantine"),
    re_path(rf"^at/{KEY}/$", device.device, name="device"),
    re_path(rf"^at/{KEY}/credential/$", device.renew, name="renew"),
    re_path(rf"^at/{KEY}/withdraw/$", device.take_out, name="withdraw"),
    re_path(rf"^at/{KEY}/return/$", device.bring_back, name="return"),
]
