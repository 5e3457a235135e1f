"""The demo city's cameras on the network: rtsp://<loopback>/<city>/<camera>/main and /sub."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any
from zlib import crc32

import structlog
from django.conf import settings
from django.db import close_old_connections

from madang.demo.devices.register import ANGLE, HEIGHT, USER, WIDTH, password
from madang.demo.eyes.encoding import Encoder, drawn, looped
from madang.demo.eyes.rtsp import Picture, RtspServer
from madang.demo.eyes.street import Sights
from madang.demo.world.world import World
from madang.ground.city.models import City
from madang.systems.cameras.models import Camera

MOST = 32  # streams drawn at once: of 360p one takes a 25th of a core
SIZES = {"main": (WIDTH, HEIGHT), "sub": (WIDTH // 2, HEIGHT // 2)}

log = structlog.get_logger(__name__)


class Eyes:
    """The cameras of a world; nothing is drawn, and no library for it loaded, until somebody watches."""

    def __init__(self, city: City, world: World, seed: int) -> None:
        self._city = city
        self._sights = Sights(city, world, seed)
        self._encoders: dict[str, Encoder] = {}
        self._server = RtspServer(self._find, USER, password(city.key))
        folder = settings.DEMO_FOOTAGE
        self._clips = sorted(Path(folder).glob("*.mp4")) if folder else []

    async def open(self) -> None:
        """Let the cameras be reached; a port that is taken leaves the world without pictures, and says so."""
        host, port = settings.DEMO_CAMERAS_ADDRESS
        try:
            await self._server.start(host, port)
        except OSError as error:
            log.warning("the demo's cameras cannot be reached", port=port, why=str(error))

    async def close(self) -> None:
        await self._server.stop()

    def _find(self, path: str) -> Picture | None:
        city, _slash, rest = path.partition("/")
        key, _slash, which = rest.rpartition("/")
        if city != self._city.key or which not in SIZES or "/" in key or not key:
            return None
        self._encoders = {name: one for name, one in self._encoders.items() if one.busy}
        if path not in self._encoders:
            if len(self._encoders) >= MOST:
                return None
            self._encoders[path] = Encoder(partial(self._coded, key, which))
        return self._encoders[path]

    def _coded(self, key: str, which: str, encoder: Encoder) -> Any:
        if self._clips:
            return looped(self._clips[crc32(key.encode()) % len(self._clips)])(encoder)
        from madang.demo.eyes.picture import Eye, Painter, View

        try:
            camera = Camera.objects.select_related("site").get(city=self._city, key=key)
        finally:
            close_old_connections()
        width, height = SIZES[which]
        eye = Eye(camera.site.x, camera.site.y, camera.bearing or 0.0, camera.angle or ANGLE)
        painter = Painter(View(eye, width, height), self._sights.scene(eye), key)

        def draw(now: float) -> Any:
            return painter.picture(now, self._sights.movers(now, eye), self._sights.rain)

        return drawn(draw, width, height)(encoder)
