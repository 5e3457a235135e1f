"""Cameras for a load: an RTSP server that sends one encoded clip over and over, a picture at a time.

Nothing is drawn or encoded while it sends, and a picture's packets are written at once: what it costs is
little beside what takes them in. `python -m bench.looping COUNT` prints its port, then serves /0 … /COUNT-1.
"""

from __future__ import annotations

import asyncio
import io
import itertools
import random
import struct
import sys
import time
from base64 import b64encode
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from madang.demo.eyes.rtsp import PAYLOAD, START_CODE, Ask, Packets, reply

WIDTH, HEIGHT, FPS = 1280, 720, 15
SECONDS, KEYS_EVERY, BITS, SEED = 10, 30, 2_000_000, 7
STEP = 90_000 // FPS
SLOW = (
    8 << 20
)  # bytes that wait for a client before it gets nothing more: it has lost pictures then
METHODS = "OPTIONS, DESCRIBE, SETUP, PLAY, GET_PARAMETER, TEARDOWN"


@dataclass(frozen=True)
class Picture:
    """One picture as it goes over the wire, and where its RTP headers have their sequence numbers."""

    wire: bytes
    numbers: tuple[int, ...]


def clip() -> tuple[bytes, list[bytes]]:
    """What decodes the clip (its parameter sets), and its pictures in Annex B form."""
    import av
    import numpy as np

    chance = np.random.default_rng(SEED)
    ground = chance.integers(40, 200, (HEIGHT // 16, WIDTH // 16 + 80, 3), np.uint8)
    ground = ground.repeat(16, 0).repeat(16, 1)
    sink = io.BytesIO()
    with av.open(sink, "w", format="h264") as out:
        stream: Any = out.add_stream("libx264", rate=FPS)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        stream.bit_rate = BITS
        words = f"keyint={KEYS_EVERY}:scenecut=0:bframes=0:nal-hrd=cbr:vbv-maxrate={BITS // 1000}"
        words += f":vbv-bufsize={BITS // 1000}:slices=1"
        stream.options = {"preset": "veryfast", "x264-params": words}
        pictures = []
        for number in range(SECONDS * FPS):
            frame = ground[:, number * 8 : number * 8 + WIDTH].copy()
            frame[::2] += chance.integers(0, 12, (HEIGHT // 2, WIDTH, 1), np.uint8)
            pictures += stream.encode(av.VideoFrame.from_ndarray(frame, format="rgb24"))
        pictures += stream.encode()
        return bytes(stream.codec_context.extradata or b""), [bytes(one) for one in pictures]


def wired(pictures: list[bytes]) -> list[Picture]:
    """The pictures as interleaved RTP; sequence number and time are filled in when they are sent."""
    found = []
    for picture in pictures:
        packets: list[bytes] = []
        Packets(lambda packet, to=packets: to.append(packet) or True).send(picture, 0, True)  # type: ignore[misc]
        wire, numbers = b"", []
        for packet in packets:
            numbers.append(len(wire) + 6)
            wire += struct.pack(">cBH", b"$", 0, len(packet)) + packet
        found.append(Picture(wire, tuple(numbers)))
    return found


class Loop:
    """Every path shows the same clip, each client from another moment of it on."""

    def __init__(self) -> None:
        sets, pictures = clip()
        self.pictures = wired(pictures)
        self.bytes_a_second = sum(len(one.wire) for one in self.pictures) / SECONDS
        units = [one for one in START_CODE.split(sets) if one and one[0] & 0x1F in (7, 8)]
        self.sets = ",".join(b64encode(one).decode() for one in units)
        self._tasks: set[asyncio.Task[None]] = set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One client."""
        playing: asyncio.Task[None] | None = None
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            while ask := await self._read(reader):
                writer.write(self._answer(ask).encode())
                if ask.method == "PLAY" and playing is None:
                    playing = asyncio.create_task(self._play(writer))
                if ask.method == "TEARDOWN":
                    break
        if playing is not None:
            playing.cancel()
        writer.close()

    async def _read(self, reader: asyncio.StreamReader) -> Ask | None:
        while (first := await reader.read(1)) == b"$":
            _channel, size = struct.unpack(">BH", await reader.readexactly(3))
            await reader.readexactly(size)
        if not first:
            return None
        head = (first + await reader.readuntil(b"\r\n\r\n")).decode()
        line, *rest = head.split("\r\n")
        words = {a.strip().lower(): b.strip() for a, _, b in (one.partition(":") for one in rest)}
        method, url, *_version = line.split(" ")
        return Ask(method, url, words)

    def _answer(self, ask: Ask) -> str:
        if ask.method == "OPTIONS":
            return reply(ask, 200, {"Public": METHODS})
        if ask.method == "DESCRIBE":
            lines = [
                "v=0",
                "o=- 0 0 IN IP4 127.0.0.1",
                "s=load",
                "t=0 0",
                f"m=video 0 RTP/AVP {PAYLOAD}",
                f"a=rtpmap:{PAYLOAD} H264/90000",
                f"a=fmtp:{PAYLOAD} packetization-mode=1; sprop-parameter-sets={self.sets}",
                "a=control:track",
            ]
            words = {"Content-Base": f"{ask.url}/", "Content-Type": "application/sdp"}
            return reply(ask, 200, words, "\r\n".join(lines) + "\r\n")
        if ask.method == "SETUP":
            how = "RTP/AVP/TCP;unicast;interleaved=0-1"
            return reply(ask, 200, {"Transport": how, "Session": "1;timeout=600"})
        return reply(ask, 200, {"Session": "1"})

    async def _play(self, writer: asyncio.StreamWriter) -> None:
        number, stamp = random.getrandbits(16), random.getrandbits(31)
        start = random.randrange(SECONDS * FPS // KEYS_EVERY) * KEYS_EVERY
        due = time.monotonic() + random.random() / FPS
        for at in itertools.count(start):
            due += 1 / FPS
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            picture = self.pictures[at % len(self.pictures)]
            wire = bytearray(picture.wire)
            stamp = (stamp + STEP) & 0xFFFFFFFF
            for place in picture.numbers:
                number = (number + 1) & 0xFFFF
                struct.pack_into(">HI", wire, place, number, stamp)
            if writer.transport.get_write_buffer_size() < SLOW:
                writer.write(wire)


async def main() -> None:
    loop = Loop()
    server = await asyncio.start_server(loop.serve, "127.0.0.1", 0, limit=1 << 16)
    print(server.sockets[0].getsockname()[1], round(loop.bytes_a_second), flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    import uvloop

    sys.exit(uvloop.run(main()))
