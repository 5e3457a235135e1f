"""The demo city's cameras on the network: rtsp://<loopback>/<city>/<camera>/main and /sub; those that turn
answer by ONVIF too, at http://<loopback>/<city>/<camera>/onvif/device_service, and so does a recorder of
eight of them, at http://<loopback>/<city>/recorder/onvif/device_service."""

from __future__ import annotations

import asyncio
import contextlib
from functools import partial
from pathlib import Path
from typing import Any
from zlib import crc32

import structlog
from django.conf import settings
from django.db import close_old_connections

from madang.demo.devices.register import ANGLE, HEIGHT, TURNING, USER, WIDTH, password
from madang.demo.eyes.discovery import Responder
from madang.demo.eyes.encoding import Draw, Encoder, drawn, looped
from madang.demo.eyes.heads import Head, eye_of
from madang.demo.eyes.onvif import OnvifServer
from madang.demo.eyes.onvif_stations import Channel, Station
from madang.demo.eyes.replaying import Replayed
from madang.demo.eyes.rtsp import Picture, RtspServer
from madang.demo.eyes.street import Sights
from madang.demo.world.world import World
from madang.ground.city.models import City
from madang.systems.cameras.models import Camera

MOST = 32  # streams drawn at once: of 360p one takes a 25th of a core
RESTS = (18 * 3600 + 1800, 240)  # the recorder starts anew at half past three in Korea
RECORDER, CHANNELS = "recorder", 8  # a path below the city; cameras of the first sites
REPLAY = "replay"
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
        host, port = settings.DEMO_ONVIF_ADDRESS
        at = f"http://{host}:{port}/{city.key}/{RECORDER}/onvif/device_service"
        self._responder = Responder({at: "Madang-demo-recorder"})
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
        with contextlib.suppress(OSError):  # found or not, the recorder can be added by its address
            await self._responder.start()

    async def close(self) -> None:
        await self._server.stop()
        await self._onvif.stop()
        self._responder.stop()

    def _find(self, path: str) -> Picture | None:
        city, _slash, rest = path.partition("/")
        key, _slash, which = rest.rpartition("/")
        if city == self._city.key and which == REPLAY and key and "/" not in key:
            return Replayed(partial(self._past, key), SIZES["main"], rests=RESTS)
        if city != self._city.key or which not in SIZES or "/" in key or not key:
            return None
        self._encoders = {name: one for name, one in self._encoders.items() if one.busy}
        if path not in self._encoders:
            if len(self._encoders) >= MOST:
                return None
            self._encoders[path] = Encoder(partial(self._coded, key, which))
        return self._encoders[path]

    async def _station(self, path: str) -> Station | None:
        """The ONVIF device of a path: <city>/<camera>, a camera that turns, or <city>/recorder."""
        city, _slash, key = path.partition("/")
        if city != self._city.key:
            return None
        if key == RECORDER:
            keys = await asyncio.to_thread(self._recorded)
            channels = tuple(self._channel(one, recorded=True) for one in keys)
            return Station(f"{city}-{RECORDER}", channels, "Recorder", digest=True, rests=RESTS)
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

    def _recorded(self) -> list[str]:
        """The cameras that the recorder has as its channels."""
        try:
            rows = Camera.objects.filter(city=self._city, number=1).order_by("key")
            return list(rows.values_list("key", flat=True)[:CHANNELS])
        finally:
            close_old_connections()

    def _channel(self, key: str, *, recorded: bool = False) -> Channel:
        host, port = settings.DEMO_CAMERAS_ADDRESS
        streams = {
            which: (f"rtsp://{host}:{port}/{self._city.key}/{key}/{which}", size)
            for which, size in SIZES.items()
        }
        replay = f"rtsp://{host}:{port}/{self._city.key}/{key}/{REPLAY}" if recorded else ""
        return Channel(key, streams, self._heads.get(key), replay)

    def _past(self, key: str) -> Draw:
        """How a camera's street looked: without whoever moved there, for nobody remembers them."""
        from madang.demo.eyes.picture import Painter, View

        eye = self._eye(key)
        painter = Painter(View(eye, *SIZES["main"]), self._sights.scene(eye), key)
        return lambda now: painter.picture(now, (), self._sights.rain)

    def _eye(self, key: str) -> Any:
        from madang.demo.eyes.picture import Eye

        try:
            camera = Camera.objects.select_related("site").get(city=self._city, key=key)
        finally:
            close_old_connections()
        return Eye(camera.site.x, camera.site.y, camera.bearing or 0.0, camera.angle or ANGLE)

    def _coded(self, key: str, which: str, encoder: Encoder) -> Any:
        if self._clips:
            return looped(self._clips[crc32(key.encode()) % len(self._clips)])(encoder)
        from madang.demo.eyes.picture import Painter, View

        width, height = SIZES[which]
        eye = self._eye(key)
        painter = Painter(View(eye, width, height), self._sights.scene(eye), key)

        def draw(now: float) -> Any:
            if (head := self._heads.get(key)) is not None:
                painter.look(eye_of(eye, head.at()))
            return painter.picture(now, self._sights.movers(now, eye), self._sights.rain)

        return drawn(draw, width, height)(encoder)
