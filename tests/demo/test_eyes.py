"""The demo's cameras: pictures of the street, behind RTSP as a real client asks for it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise

import av
import numpy as np
import pytest
import shapely
from PIL import Image, ImageDraw

from madang.demo.eyes.encoding import Encoder, drawn
from madang.demo.eyes.onvif import OnvifServer
from madang.demo.eyes.picture import Eye, Mover, Painter, Scene, View, written
from madang.demo.eyes.rtsp import Picture, RtspServer
from madang.demo.world.street import Links, Street

NOON, NIGHT = 1_750_042_800.0, 1_750_086_000.0  # 12:00 and 00:00 in Korea
ROAD = (np.array([[0.0, -100.0], [0.0, 100.0]]), 6.4)
HOUSE = (np.array([[8.0, 20.0], [20.0, 20.0], [20.0, 40.0], [8.0, 40.0]]), 12.0)


def painter(width: int = 320, height: int = 180) -> Painter:
    view = View(Eye(-5.0, 0.0, 10.0), width, height)
    return Painter(view, Scene((ROAD,), (HOUSE,)), "CCTV-1")


def test_the_night_is_darker_and_a_car_is_seen_where_it_drives() -> None:
    day, night = (np.asarray(painter().picture(at, (), 0.0), float) for at in (NOON, NIGHT))
    assert day.mean() > night.mean() * 1.5
    car = np.asarray(painter().picture(NOON, [Mover("car", 1.7, 25.0, 0.0)], 0.0), float)
    behind = np.asarray(painter().picture(NOON, [Mover("car", 1.7, -25.0, 0.0)], 0.0), float)
    assert np.abs(car - day).sum() > 1000
    assert np.abs(behind - day).sum() == 0


def test_faces_that_are_projected_at_once_lie_where_each_alone_does() -> None:
    view = View(Eye(3.0, -2.0, 40.0), 320, 180)
    chance = np.random.default_rng(7)
    faces = chance.uniform(-6.0, 6.0, (400, 1, 3)) + chance.uniform(-3.0, 3.0, (400, 4, 3))
    at_once, alone = view.drawn_all(faces), [view.drawn(one) for one in faces]
    assert at_once == alone
    assert {len(one) for one in alone} > {0, 4}  # behind, before, and cut off


def test_the_clock_in_the_picture_goes_on_by_tenths_beside_the_camera_s_name() -> None:
    seen = painter()
    one, next_, later = (
        np.asarray(seen.picture(NOON + after, (), 0.0), int) for after in (0.42, 0.55, 1.42)
    )
    assert np.array_equal(one, np.asarray(seen.picture(NOON + 0.48, (), 0.0), int))
    tenth, second = (np.flatnonzero(np.any(one != other, axis=(0, 2))) for other in (next_, later))
    assert tenth.size
    assert second.size
    assert second.max() <= tenth.min()  # the digit before it
    assert {int(at) for at in np.flatnonzero(np.any(one != next_, axis=(1, 2)))} < set(range(20))


def test_words_are_those_that_the_font_draws() -> None:
    shown = Image.new("L", (120, 20))
    ImageDraw.Draw(shown).text((0, 0), "SIMULATED", fill=255)
    mask = written("SIMULATED")
    assert shown.crop((0, 0, *mask.size)).tobytes() == mask.tobytes()
    assert shown.getbbox() == mask.getbbox()


def test_streets_in_sight_are_those_whose_line_comes_near() -> None:
    chance = np.random.default_rng(11)
    places = chance.uniform(0, 2000, (40, 2))
    ways = [(k, (k + step) % 40) for k in range(40) for step in (1, 39, 7)]
    lines = [
        np.array([places[a], (places[a] + places[b]) / 2 + chance.normal(0, 60, 2), places[b]])
        for a, b in ways
    ]
    every = np.ones(len(ways))
    begin, end = [str(a) for a, _b in ways], [str(b) for _a, b in ways]
    street = Street(Links(begin, end, lines, every, every, np.zeros(len(ways), dtype=bool)))
    assert len(street) == len(ways)
    for x, y in chance.uniform(-100, 2100, (60, 2)).tolist():
        away = [shapely.distance(shapely.LineString(one), shapely.Point(x, y)) for one in lines]
        assert street.within(x, y, 140.0).tolist() == [one <= 140.0 for one in away]


async def test_whoever_comes_has_a_key_frame_and_the_next_picture_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    waits: list[float] = []
    monkeypatch.setattr("madang.demo.eyes.encoding.time.sleep", waits.append)
    make = drawn(lambda now: painter().picture(now, (), 0.0), 320, 180)
    encoder = Encoder(make)
    pictures = make(encoder)
    for _ in range(3):
        encoder.fresh.set()
        waits.clear()
        _picture, stamp, key = next(pictures)
        assert key
        before = list(waits)
        _picture, later, key = next(pictures)
        assert not key
        assert waits == before  # nothing was waited for between them
        assert later - stamp == 90_000 // 15
        next(pictures)
        assert len(waits) == len(before) + 1


@contextmanager
def camera() -> Iterator[int]:
    """A server with one camera, /demo/one/main, in a loop of its own; its port."""
    loop = asyncio.new_event_loop()
    ready: list[int] = []
    begun = threading.Event()

    async def serve() -> None:
        encoder = Encoder(drawn(lambda now: painter().picture(now, (), 0.0), 320, 180))

        def find(path: str) -> Picture | None:
            return encoder if path == "demo/one/main" else None

        server = RtspServer(find, "madang", "열려라 참깨")
        ready.append(await server.start("127.0.0.1", 0))
        begun.set()
        await ending.wait()
        await server.stop()

    ending = asyncio.Event()
    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()), daemon=True)
    thread.start()
    assert begun.wait(10)
    yield ready[0]
    loop.call_soon_threadsafe(ending.set)
    thread.join(10)


async def nothing(path: str) -> None:
    return None


@pytest.mark.parametrize(
    ("server", "asked"),
    [
        (RtspServer(lambda path: None, "madang", "열려라 참깨"), b"OPTIONS * RTSP/1.0\r\n\r\n"),
        (OnvifServer(nothing, "madang", "열려라 참깨"), b"POST /onvif/x HTTP/1.1\r\n\r\n"),
    ],
    ids=["rtsp", "onvif"],
)
async def test_nobody_is_talked_to_any_more_once_a_server_has_stopped(
    server: RtspServer | OnvifServer, asked: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    ours = asyncio.all_tasks()
    port = await server.start("127.0.0.1", 0)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(asked)
    assert await reader.readuntil(b"\r\n\r\n")
    assert asyncio.all_tasks() > ours
    await server.stop()
    assert asyncio.all_tasks() == ours
    assert await reader.read() == b""
    writer.close()
    assert caplog.messages == []


@pytest.mark.parametrize("transport", ["tcp", "udp"])
def test_a_real_client_sees_pictures_over(transport: str) -> None:
    from madang.systems.cameras.intake.pull import Source

    with camera() as port:
        source = Source(
            f"rtsp://127.0.0.1:{port}/demo/one/main", transport, "madang", "열려라 참깨"
        )
        options = {"rtsp_transport": transport}
        with av.open(source.url, options=options, timeout=(10.0, 10.0)) as seen:
            frames = [frame for _number, frame in zip(range(8), seen.decode(video=0), strict=False)]
    assert {(frame.width, frame.height) for frame in frames} == {(320, 180)}
    stamps = [frame.pts for frame in frames if frame.pts is not None]
    assert len(stamps) >= 4
    assert all(one < other for one, other in pairwise(stamps))


def test_the_first_picture_that_a_camera_sends_is_shown() -> None:
    """Nothing that was read to know the stream is lost: a viewer would wait for a second more."""
    from madang.systems.cameras.intake.pull import Pull, Source
    from madang.systems.cameras.messages import Piece

    told: list[tuple[Piece, int]] = []
    came = threading.Event()

    def tell(piece: Piece) -> None:
        told.append((piece, pull.account.packets))
        came.set()

    with camera() as port:
        source = Source(f"rtsp://127.0.0.1:{port}/demo/one/main", "tcp", "madang", "열려라 참깨")
        pull = Pull(source, tell)
        pull.start()
        assert came.wait(20), "no piece came"
        pull.stop()
        pull.join(10)
    first, packets = told[0]
    assert first.why == ""
    assert first.key
    assert packets == 1
    assert 0 < (pull.account.first or 0) < 20  # what an operator reads of a slow camera


@pytest.mark.parametrize(
    ("path", "word"), [("demo/one/main", "falsch"), ("demo/two/main", "열려라 참깨")]
)
def test_neither_a_wrong_password_nor_another_path_shows_anything(path: str, word: str) -> None:
    from madang.systems.cameras.intake.pull import Source

    with camera() as port:
        source = Source(f"rtsp://127.0.0.1:{port}/{path}", "tcp", "madang", word)
        with pytest.raises((av.error.FFmpegError, OSError)):
            av.open(source.url, options={"rtsp_transport": "tcp"}, timeout=(10.0, 10.0))
