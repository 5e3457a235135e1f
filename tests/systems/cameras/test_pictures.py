"""From a camera to a viewer: remux, clock, who pulls, who is dropped, and who is let in."""

from __future__ import annotations

import io
import itertools
from functools import cache
from typing import Any
from uuid import UUID

import av
import numpy as np
import pytest

from fixtures.people import MakePerson
from fixtures.sites import make_sites
from madang.ground.city.models import City
from madang.ground.live.closing import Closed
from madang.ground.people.domain.grants import end_scope, give_scope
from madang.ground.people.models import Account, Membership
from madang.ground.people.public import choose_reason, read_camera_rights, reason_of
from madang.ground.trail.models import Entry
from madang.ground.trail.public import Actor
from madang.systems.cameras.domain.devices import CameraSpec, record_cameras
from madang.systems.cameras.intake.fragments import TIMESCALE, Broken, Clock, Fragments
from madang.systems.cameras.intake.leases import GONE_AFTER, GROUPS, Members
from madang.systems.cameras.intake.pull import Source, scale_of, stamps
from madang.systems.cameras.intake.since import Since
from madang.systems.cameras.live.closing import Close
from madang.systems.cameras.live.door import open_door
from madang.systems.cameras.live.showing import MOST_WAITING, Shown, Viewer
from madang.systems.cameras.messages import Piece, parts, read_piece
from madang.systems.cameras.models import Camera
from madang.systems.cameras.troubles import noted

ACTOR = Actor(name="test")
STREAM = (UUID(int=1), "main")


def clip(library: str, width: int = 320, count: int = 24) -> Any:
    """A second and a half of pictures as a camera would send them, unless count of them are wanted.

    They grow lighter: that of number is of the shade number * 192 // count.
    """
    sink = io.BytesIO()
    with av.open(sink, "w", format="mpegts") as out:
        stream: Any = out.add_stream(library, rate=15)
        stream.width, stream.height, stream.pix_fmt = width, 180, "yuv420p"
        stream.codec_context.gop_size = 10
        stream.options = {"preset": "ultrafast", "tune": "zerolatency"}
        for number in range(count):
            shade = np.full((180, width, 3), number * 192 // count, np.uint8)
            out.mux(stream.encode(av.VideoFrame.from_ndarray(shade, format="rgb24")))
        out.mux(stream.encode())
    sink.seek(0)
    return av.open(sink)


@cache
def sent(library: str = "libx264", count: int = 24) -> list[Piece]:
    """The same as an intake process passes it on."""
    with clip(library, count=count) as camera:
        stream = camera.streams.video[0]
        made, scale = Fragments(stream), scale_of(stream)
        pieces = []
        for packet in camera.demux(stream):
            if packet.size:
                data = made.take(bytes(packet), *stamps(packet, scale), packet.is_keyframe)
                words = {"mime": made.mime, "init": made.init} if packet.is_keyframe else {}
                pieces.append(Piece(1, packet.is_keyframe, data=data, **words))
        return pieces


@pytest.mark.parametrize(("library", "words"), [("libx264", "avc1."), ("libx265", "hvc1.1.6.L")])
def test_what_a_camera_sends_plays_as_fragmented_mp4(library: str, words: str) -> None:
    with clip(library) as camera:
        stream = camera.streams.video[0]
        made = Fragments(stream)
        assert f'codecs="{words}' in made.mime
        packets, scale = list(camera.demux(stream)), scale_of(stream)
        fragments = [
            made.take(memoryview(one), *stamps(one, scale), one.is_keyframe)
            for one in packets
            if one.size
        ]
    with av.open(io.BytesIO(made.init + b"".join(fragments))) as played:
        frames = list(played.decode(video=0))
    assert len(frames) == 24
    assert [round(frame.time * 15) for frame in frames] == list(range(24))
    assert frames[-1].to_ndarray(format="rgb24").mean() > 150


def test_a_picture_of_another_size_is_another_stream() -> None:
    with clip("libx264") as camera, clip("libx264", 640) as other:
        made = Fragments(camera.streams.video[0])
        first = next(one for one in other.demux(other.streams.video[0]) if one.size)
        with pytest.raises(Broken):
            made.take(bytes(first), 0, 0, True)


def test_a_clock_that_jumps_stands_or_goes_back_goes_forward_evenly() -> None:
    clock = Clock()
    step = TIMESCALE // 10
    stamps = [0, step, 2 * step, 2 * step, 10**9, 10**9 + step, 5, 5 + step, None]
    times = [clock.next(stamp) for stamp in stamps]
    assert [later - earlier for earlier, later in itertools.pairwise(times)] == [step] * 8
    assert clock.jumps == 3
    late = Clock()
    fifteenth = TIMESCALE // 15
    times = [late.next(one) for one in (None, None, 10**9, 10**9 + step)]
    assert times == [0, fifteenth, 2 * fifteenth, 2 * fifteenth + step]


def test_a_group_is_for_one_intake_and_for_another_when_that_is_gone() -> None:
    now = [0.0]
    names = ("a", "b", "c")
    intakes = {name: Members(name, lambda: now[0]) for name in names}

    def hear(alive: tuple[str, ...]) -> None:
        for one in intakes.values():
            for name in alive:
                one.hear(name, leaving=False)

    def owners(alive: tuple[str, ...]) -> list[list[str]]:
        return [[name for name in alive if intakes[name].mine(one)] for one in range(GROUPS)]

    hear(names)
    before = owners(names)
    assert {len(found) for found in before} == {1}
    assert {name for (name,) in before} == set(names)
    now[0] += GONE_AFTER + 0.1
    hear(("a", "b"))
    after = owners(("a", "b"))
    assert {len(found) for found in after} == {1}
    assert all(new == old for new, old in zip(after, before, strict=True) if old != ["c"])


def test_a_large_key_frame_travels_in_parts() -> None:
    piece = Piece(7, True, "m", b"init", bytes(2_000_000))
    shown, viewer = Shown(), Viewer()
    shown.join(viewer)
    messages = parts(piece)
    assert len(messages) > 1
    for message in messages:
        shown.hear(read_piece(message))
    assert sum(len(one) for one in viewer._waiting if isinstance(one, bytes)) == 2_000_004


async def test_a_slow_viewer_goes_on_with_the_next_key_frame() -> None:
    viewer = Viewer()
    picture = bytes(MOST_WAITING // 2)
    for number in range(6):
        viewer.picture(picture, key=number == 0)
    viewer.picture(b"key", key=True)
    viewer.picture(b"next", key=False)
    assert [await viewer.take() for _ in range(2)] == [b"key", b"next"]
    assert viewer.dropped


async def test_who_comes_late_sees_from_the_last_key_frame() -> None:
    shown = Shown()
    shown.hear(Piece(1, data=b"lost"))
    for piece in (Piece(1, True, "m", b"I", b"K"), Piece(1, data=b"d"), Piece(2, data=b"alien")):
        shown.hear(piece)
    late = Viewer()
    shown.join(late)
    assert await late.take() == {"t": "begin", "mime": "m"}
    assert await late.take() == b"IKd"


def test_who_begins_to_hear_a_stream_sees_from_the_key_frame_before_and_nothing_twice() -> None:
    every = sent()
    keys = [number for number, one in enumerate(every) if one.key]
    pieces = every[: keys[1]]
    assert len(pieces) > 7
    shown, viewer = Shown(), Viewer()
    shown.join(viewer)
    shown.hear(pieces[4])  # what came first, before it was said what was before
    kept = Since()
    kept.remember(STREAM, Piece(pieces[0].source, data=b"before any key frame"))
    assert kept.of(STREAM) is None
    for piece in pieces[:7]:
        kept.remember(STREAM, piece)
    before = kept.of(STREAM)
    assert before is not None
    for message in parts(before):
        shown.hear_before(read_piece(message))
    assert len(viewer._waiting) == 2  # what it is, and at once all of it
    for piece in pieces[5:]:  # two of these were among those before
        shown.hear(piece)
    data = b"".join(one for one in viewer._waiting if isinstance(one, bytes))
    assert data == pieces[0].init + b"".join(one.data for one in pieces)
    kept.remember(STREAM, Piece(pieces[0].source + 1, data=b"of another connection"))
    assert kept.of(STREAM) is None

    late, other = Shown(), Viewer()
    late.join(other)
    late.hear(pieces[0])
    late.hear_before(pieces[0])  # a key frame came meanwhile: what was before it is old
    assert sum(isinstance(one, dict) for one in other._waiting) == 1
    assert len(other._waiting) == 2


def test_no_password_is_said_with_what_went_wrong() -> None:
    url = Source("rtsp://10.0.0.1/a", "tcp", "user", "열려/라@").url
    assert "열려" not in url.split("@", 1)[1]
    assert "열려" not in noted(ValueError(f"cannot open {url}"))
    assert "%" not in noted(ValueError(f"cannot open {url}"))


class Book:
    """The rights as they are in the database now."""

    def by(self, account: UUID, facts: Any, act: str, now: Any = None) -> str | None:
        from django.utils import timezone

        return read_camera_rights(account).by(facts, act, now or timezone.now())


@pytest.fixture
def camera(city: City) -> Camera:
    (site,) = make_sites(city, ("경기도 고요시 시장길 2", "crime", 127.004))
    record_cameras(city, [CameraSpec(site, 1, main_address="rtsp://10.0.0.1/a")], ACTOR)
    return Camera.objects.get()


def session_of(account: Account) -> str:
    from django.test import Client

    client = Client()
    client.force_login(account)
    return str(client.cookies["sessionid"].value)


@pytest.mark.django_db
def test_the_door_asks_for_session_right_and_reason_and_writes_it_down(
    city: City, person: MakePerson, camera: Camera
) -> None:
    operator = person("operator")
    session, book = session_of(operator), Book()

    def refused(session: str) -> int:
        with pytest.raises(Closed) as closed:
            open_door(session, camera.pk, book, "127.0.0.1")  # type: ignore[arg-type]
        return int(closed.value.code)

    assert refused("nobody") == Close.SIGNED_OUT
    assert refused(session) == Close.NO_RIGHT
    membership = Membership.objects.get(account=operator)
    given = give_scope(ACTOR, membership, ["view"])
    assert refused(session) == Close.NO_REASON
    choose_reason(operator, city, "patrol")
    seen = open_door(session, camera.pk, book, "127.0.0.1")  # type: ignore[arg-type]
    assert seen.streams == ("main",)
    assert str(operator) in seen.mark
    entry = Entry.objects.filter(action="people.cameras.enlarge").get()
    assert entry.thing_id == str(camera.site_id)
    assert seen.holds(book)  # type: ignore[arg-type]
    end_scope(ACTOR, given)
    assert not seen.holds(book)  # type: ignore[arg-type]
    operator.is_active = False
    operator.save()
    assert not seen.renew()


@pytest.mark.django_db
def test_on_the_page_of_a_picture_a_reason_is_one_key(
    city: City, person: MakePerson, camera: Camera
) -> None:
    from django.test import Client

    operator, client = person("operator"), Client()
    give_scope(ACTOR, Membership.objects.get(account=operator), ["view"])
    client.force_login(operator)
    path = f"/{city.key}/cameras/devices/{camera.pk}/live/"
    assert 'value="patrol" accesskey="1"' in client.get(path).content.decode()
    wrong = {"kind": "other", "words": " "}, {"kind": "boredom"}
    assert [client.post(f"{path}reason/", one).status_code for one in wrong] == [422, 422]
    assert reason_of(operator.pk, city.pk) is None
    assert client.post(f"{path}reason/", {"kind": "patrol"}).status_code == 302
    found = reason_of(operator.pk, city.pk)
    assert found is not None
    assert found.kind == "patrol"
