"""The demo city's cameras on the network: rtsp://<loopback>/<city>/<camera>/main and /sub; those that turn
answer by ONVIF too, at http://<loopback>/<city>/<camera>/onvif/device_service."""

from __future__ import annotations

import asyncio
from functools import partial
from pathlib import Path
from typing import Any
from zlib import crc32

import structlog
from django.conf import settings
from django.db import close_old_connections

from madang.demo.devices.register import ANGLE, HEIGHT, TURNING, USER, WIDTH, password
from madang.demo.eyes.encoding import Encoder, drawn, looped
from madang.demo.eyes.heads import Head, eye_of
from madang.demo.eyes.onvif import Channel, OnvifServer, Station
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
        self._heads: dict[str, Head] = {}
        self._server = RtspServer(self._find, USER, password(city.key))
        self._onvif = OnvifServer(self._station, USER, password(city.key))
        folder = settings.DEMO_FOOTAGE
        self._clips = sorted(Path(folder).glob("*.mp4")) if folder else []

    async def open(self) -> None:
        """Let the cameras be reached; a port that is taken leaves the world without pictures, and says so."""
        doors = (
            (self._server, settings.DEMO_CAMERAS_ADDRESS),
            (self._onvif, settings.DEMO_ONVIF_ADDRESS),
        )
        for server, (host, port) in doors:
            try:
                await server.start(host, port)
            except OSError as error:
                log.warning("the demo's cameras cannot be reached", port=port, why=str(error))

    async def close(self) -> None:
        await self._server.stop()
        await self._onvif.stop()

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

    async def _station(self, path: str) -> Station | None:
        """The ONVIF device of a path: <city>/<camera>, a camera that turns."""
        city, _slash, key = path.partition("/")
        if city != self._city.key:
            return None
        if key not in self._heads:
            if not await asyncio.to_thread(self._turns, key):
                return None
            self._heads.setdefault(key, Head())
        return Station(key, (self._channel(key),))

    def _turns(self, key: str) -> bool:
        try:
            return Camera.objects.filter(city=self._city, key=key, kind=TURNING).exists()
        finally:
            close_old_connections()

    def _channel(self, key: str) -> Channel:
        host, port = settings.DEMO_CAMERAS_ADDRESS
        streams = {
            which: (f"rtsp://{host}:{port}/{self._city.key}/{key}/{which}", size)
            for which, size in SIZES.items()
        }
        return Channel(key, streams, self._heads.get(key))

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
            if (head := self._heads.get(key)) is not None:
                painter.look(eye_of(eye, head.at()))
            return painter.picture(now, self._sights.movers(now, eye), self._sights.rain)

        return drawn(draw, width, height)(encoder)
