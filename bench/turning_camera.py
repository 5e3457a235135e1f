"""A camera that turns and writes into each picture when it was taken: to measure how late it is seen."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

KEY, USER, PASSWORD = "steered", "bench", "measured in pictures"
WIDTH, HEIGHT = 640, 360
BITS, BLOCK = 24, 16  # of the time in milliseconds; pixels of one
GLASS = """(count) => new Promise((done) => {
  const video = document.querySelector("[data-live-picture] video");
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [BITS * BLOCK, BLOCK];
  const ink = canvas.getContext("2d", { willReadFrequently: true });
  const found = [];
  const seen = () => {
    const now = Date.now() % 2 ** BITS;
    ink.drawImage(video, 0, video.videoHeight - BLOCK, BITS * BLOCK, BLOCK, 0, 0, BITS * BLOCK, BLOCK);
    const row = ink.getImageData(0, BLOCK / 2, BITS * BLOCK, 1).data;
    let taken = 0;
    for (let bit = 0; bit < BITS; bit++) taken = taken * 2 + (row[(bit * BLOCK + BLOCK / 2) * 4 + 1] > 127);
    found.push((now - taken + 2 ** BITS) % 2 ** BITS);
    if (found.length < count) video.requestVideoFrameCallback(seen);
    else done(found);
  };
  video.requestVideoFrameCallback(seen);
})""".replace("BITS", str(BITS)).replace("BLOCK", str(BLOCK))


@dataclass
class Turning:
    """Where it streams, and where its ONVIF service is."""

    stream: str
    onvif: str


@contextmanager
def turning() -> Iterator[Turning]:
    """The camera, in a loop of its own."""
    from madang.demo.eyes.encoding import Encoder, drawn
    from madang.demo.eyes.heads import Head
    from madang.demo.eyes.onvif import OnvifServer
    from madang.demo.eyes.onvif_stations import Channel, Station
    from madang.demo.eyes.rtsp import Picture, RtspServer

    loop, begun, ending = asyncio.new_event_loop(), threading.Event(), asyncio.Event()
    head = Head()
    found: list[Turning] = []

    async def serve() -> None:
        encoder = Encoder(drawn(_painted(head), WIDTH, HEIGHT))

        def stream(path: str) -> Picture | None:
            return encoder if path == KEY else None

        async def station(path: str) -> Station | None:
            streams = {"main": (found[0].stream, (WIDTH, HEIGHT))} if found else {}
            return Station(KEY, (Channel(KEY, streams, head),)) if path == KEY else None

        rtsp, onvif = RtspServer(stream, USER, PASSWORD), OnvifServer(station, USER, PASSWORD)
        ports = await rtsp.start("127.0.0.1", 0), await onvif.start("127.0.0.1", 0)
        address = f"http://127.0.0.1:{ports[1]}/{KEY}/onvif/device_service"
        found.append(Turning(f"rtsp://127.0.0.1:{ports[0]}/{KEY}", address))
        begun.set()
        await ending.wait()
        await rtsp.stop()
        await onvif.stop()

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()), daemon=True)
    thread.start()
    begun.wait(10)
    yield found[0]
    loop.call_soon_threadsafe(ending.set)
    thread.join(10)


def _painted(head: Any) -> Any:
    """A street as the head sees it, with the time in black and white below."""
    import numpy as np
    from PIL import ImageDraw

    from madang.demo.eyes.heads import eye_of
    from madang.demo.eyes.picture import Eye, Painter, Scene, View

    road = (np.array([[0.0, -100.0], [0.0, 100.0]]), 6.4)
    house = (np.array([[8.0, 20.0], [20.0, 20.0], [20.0, 40.0], [8.0, 40.0]]), 12.0)
    eye = Eye(-5.0, 0.0, 10.0)
    painter = Painter(View(eye, WIDTH, HEIGHT), Scene((road,), (house,)), KEY)

    def draw(now: float) -> Any:
        painter.look(eye_of(eye, head.at()))
        image = painter.picture(now, (), 0.0)
        ink = ImageDraw.Draw(image)
        for bit, one in enumerate(f"{round(now * 1000) % 2**BITS:0{BITS}b}"):
            left, top = bit * BLOCK, HEIGHT - BLOCK
            ink.rectangle((left, top, left + BLOCK - 1, HEIGHT), fill=(255 * int(one),) * 3)
        return image

    return draw
