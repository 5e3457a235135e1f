"""What is hidden of a picture is gone from every byte that leaves: live, as stills, in what was recorded."""

from __future__ import annotations

import asyncio
import io
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import av
import numpy as np
import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.utils import timezone
from PIL import Image

from fixtures.people import MakePerson
from fixtures.sites import make_sites
from madang.ground.city.models import City
from madang.ground.live.closing import Closed
from madang.ground.people.domain.grants import give_scope
from madang.ground.people.models import Account, Membership
from madang.ground.people.public import choose_reason, end_role
from madang.ground.trail.models import Entry
from madang.ground.trail.public import Actor
from madang.systems.cameras.domain.devices import CameraSpec, record_cameras
from madang.systems.cameras.domain.masks import (
    WHOLE,
    Veil,
    draw_zone,
    end_zone,
    receive_visitors,
    veil_of,
)
from madang.systems.cameras.errors import CameraError
from madang.systems.cameras.intake.sources import read_source
from madang.systems.cameras.live import warming
from madang.systems.cameras.live.closing import Close
from madang.systems.cameras.live.door import (
    Layout,
    Pass,
    open_door,
    open_playback,
    veils,
)
from madang.systems.cameras.live.playing import Asks, answer
from madang.systems.cameras.live.showing import Shown, Viewer
from madang.systems.cameras.live.wall import Wall
from madang.systems.cameras.masking.hiding import hide
from madang.systems.cameras.masking.passing import Passing, Slots
from madang.systems.cameras.messages import STILL_MIME, Piece
from madang.systems.cameras.models import Camera, MaskZone
from systems.cameras.test_pictures import Book, session_of
from systems.cameras.test_playback import BEGAN, ZERO, film
from systems.cameras.test_wall import Backstage, Page, until

ACTOR = Actor(name="test")
LEFT = ((0.1, 0.2), (0.4, 0.2), (0.4, 0.8), (0.1, 0.8))  # a zone in the left half


def stripes(library: str = "libx264", count: int = 30) -> Any:
    """Two seconds of a camera that sees fine stripes everywhere, of all shades."""
    sink = io.BytesIO()
    with av.open(sink, "w", format="mpegts") as out:
        stream: Any = out.add_stream(library, rate=15)
        stream.width, stream.height, stream.pix_fmt = 640, 480, "yuv420p"
        stream.codec_context.gop_size = 15
        stream.options = {"preset": "ultrafast", "tune": "zerolatency"}
        lines = np.where(np.arange(640) % 16 < 8, 235, 20).astype(np.uint8)
        picture = np.broadcast_to(lines[None, :, None], (480, 640, 3)).copy()
        for _number in range(count):
            out.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        out.mux(stream.encode())
    sink.seek(0)
    return av.open(sink)


def passed(camera: Any, veil: Veil, *, still: bool = False, most: int = 1) -> list[Piece]:
    """What leaves of camera's pictures through veil, where most streams may be encoded."""
    slots = Slots(lambda: most)
    with camera:
        stream = camera.streams.video[0]
        passing = Passing(stream, veil, 7, still=still, slots=slots)
        pieces = [
            one for packet in camera.demux(stream) if packet.size for one in passing.take(packet)
        ]
        passing.close()
    assert slots.take() == (most > 0)  # it gave back what it took
    return pieces


def decoded(pieces: list[Piece]) -> list[Any]:
    data = pieces[0].init + b"".join(one.data for one in pieces)
    with av.open(io.BytesIO(data)) as file:
        return [frame.to_ndarray(format="gray") for frame in file.decode(video=0)]


def is_hidden(picture: Any, zone: Any = LEFT) -> None:
    """Nothing of the stripes is left within zone, and all of them beside it."""
    height, width = picture.shape
    (left, top), (right, bottom) = zone[0], zone[2]
    inside = picture[
        int(top * height) : int(bottom * height), int(left * width) : int(right * width)
    ].astype(int)
    assert inside.max() - inside.min() < 24
    beside = picture[:, int(0.6 * width) :].astype(int)
    assert beside.max() - beside.min() > 120


@pytest.mark.parametrize("library", ["libx264", "libx265"])
def test_what_is_hidden_is_gone_from_every_picture_that_leaves(library: str) -> None:
    pieces = passed(stripes(library), Veil((LEFT,)))
    shown = decoded(pieces)
    assert len(shown) == 30
    assert shown[0].shape == (360, 480)
    for picture in shown:
        is_hidden(picture)
    assert pieces[0].key
    assert pieces[0].mime.startswith("video/mp4")
    (whole, *_rest) = decoded(passed(stripes(library, 3), Veil((WHOLE,))))
    assert whole.std() < 2


def test_beyond_the_cap_there_are_masked_stills_and_video_once_a_stream_ends() -> None:
    (first, *_rest) = passed(stripes(), Veil((LEFT,)), most=0)
    assert first.mime == STILL_MIME
    is_hidden(np.asarray(Image.open(io.BytesIO(first.data)).convert("L")))
    (still, *_rest) = passed(stripes(), Veil((LEFT,)), still=True)
    assert still.mime == STILL_MIME
    slots, viewer, shown = Slots(lambda: 1), Viewer(), Shown()
    shown.join(viewer)
    with stripes() as camera, stripes() as other:
        ahead = Passing(other.streams.video[0], Veil((LEFT,)), 1, still=False, slots=slots)
        for packet in other.demux(other.streams.video[0]):
            list(ahead.take(packet))
        late = Passing(camera.streams.video[0], Veil((LEFT,)), 2, still=False, slots=slots)
        for number, packet in enumerate(camera.demux(camera.streams.video[0])):
            if number == 10:
                ahead.close()
            for piece in late.take(packet):
                shown.hear(piece)
        late.close()
    mimes = [one["mime"] for one in viewer._waiting if isinstance(one, dict)]
    assert mimes[0] == STILL_MIME
    assert mimes[1].startswith("video/mp4")


def test_of_a_coarse_picture_no_detail_is_left() -> None:
    for picture in decoded(passed(stripes(), Veil(coarse=True))):
        assert np.abs(np.diff(picture.astype(int), axis=1)).max() < 60


@pytest.fixture(autouse=True)
def one_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """What an intake process does after each question would end the test's transaction."""
    for module in ("intake.sources", "masking.hiding", "live.replaying"):
        monkeypatch.setattr(f"madang.systems.cameras.{module}.close_old_connections", lambda: None)


@pytest.fixture
def camera(city: City, settings: Any, tmp_path: Path) -> Camera:
    settings.FOOTAGE_FOLDER = tmp_path
    (site,) = make_sites(city, ("경기도 고요시 시장길 2", "crime", 127.004))
    record_cameras(city, [CameraSpec(site, 1, main_address="rtsp://10.0.0.1/a")], ACTOR)
    return Camera.objects.select_related("site", "city").get()


def watcher(city: City, person: MakePerson, role: str) -> Account:
    account: Account = person(role)
    give_scope(ACTOR, Membership.objects.get(account=account), ["view", "play"])
    choose_reason(account, city, "event")
    return account


def door(account: Account, camera: Camera) -> Pass:
    return open_door(session_of(account), camera.pk, Book(), "127.0.0.1")  # type: ignore[arg-type]


@pytest.mark.django_db
def test_only_few_see_behind_a_zone_and_a_change_closes_what_is_open(
    city: City, person: MakePerson, camera: Camera
) -> None:
    operator, officer = (watcher(city, person, one) for one in ("operator", "footage_officer"))
    before = door(operator, camera)
    assert before.stream("main") == "main"
    zone = draw_zone(camera, Actor(officer.pk, "officer"), "창문", "주거 공간", LEFT)
    assert veils([before]) == [Veil((LEFT,))]  # no longer what it was opened with: it is closed
    seen, behind = door(operator, camera), door(officer, camera)
    assert seen.stream("sub") == f"mask-{Veil((LEFT,)).digest}"
    assert seen.stream("still").startswith("maskstill-")
    assert behind.stream("main") == "main"
    assert read_source(camera.pk, seen.stream("main"))[1] == Veil((LEFT,))
    with pytest.raises(CameraError):
        veil_of(camera.pk, Veil((WHOLE,)).digest)

    end_role(ACTOR, Membership.objects.get(account=officer))
    behind.renew()
    assert veils([behind]) == [Veil((LEFT,))]
    receive_visitors(Actor(operator.pk, "operator"), city, here=True)
    assert veils([seen]) == [Veil((LEFT,), coarse=True)]
    receive_visitors(Actor(operator.pk, "operator"), city, here=False)
    end_zone(zone, ACTOR, "나무가 자라 가려졌다")
    assert veils([seen]) == [None]
    assert seen.veil_since(timezone.now() - timedelta(hours=1)) == Veil((LEFT,))
    acts = ["cameras.mask_drawn", "cameras.mask_ended", "cameras.visitors_came"]
    assert Entry.objects.filter(action__in=acts).count() == 3

    Camera.objects.update(kind="turning")
    draw_zone(camera, ACTOR, "창문", "주거 공간", LEFT)
    assert veils([seen]) == [Veil((WHOLE,))]


@pytest.mark.django_db
def test_what_a_page_has_pulled_while_it_loads_is_what_its_viewer_will_see(
    city: City, person: MakePerson, camera: Camera, client: Client
) -> None:
    operator, officer = (watcher(city, person, one) for one in ("operator", "footage_officer"))
    pulled: list[tuple[UUID, str]] = []
    warming.begin(lambda *stream: pulled.append(stream))
    try:
        for account in (operator, officer):
            client.force_login(account)
            assert client.get(f"/quiet/cameras/devices/{camera.pk}/live/").status_code == 200
            assert pulled.pop() == (camera.pk, door(account, camera).stream("main"))
            draw_zone(camera, ACTOR, "창문", "주거 공간", LEFT)
        client.force_login(operator)
        client.get(f"/quiet/cameras/devices/{camera.pk}/live/")
        assert pulled.pop() == (camera.pk, door(operator, camera).stream("main"))
    finally:
        warming.end()
    assert door(operator, camera).stream("main").startswith("mask-")


@pytest.mark.django_db
def test_a_zone_is_one_area_of_the_picture_and_stays_as_it_was_drawn(camera: Camera) -> None:
    crossed = ((0.1, 0.1), (0.5, 0.5), (0.5, 0.1), (0.1, 0.5))
    for zone in (crossed, LEFT[:2], ((0, 0), (1.2, 0), (1, 1)), ((0.1, 0.1),) * 3):
        with pytest.raises(CameraError):
            draw_zone(camera, ACTOR, "창문", "까닭", zone)
    with pytest.raises(CameraError):
        draw_zone(camera, ACTOR, " ", "까닭", LEFT)
    zone = draw_zone(camera, ACTOR, "창문", "까닭", LEFT)
    for words in ({"points": [0, 0, 1, 0, 1, 1]}, {"begins": timezone.now()}):
        with pytest.raises(IntegrityError), transaction.atomic():
            MaskZone.objects.filter(pk=zone.pk).update(**words)
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM cameras_maskzone")
    zone.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        MaskZone.objects.create(
            city_id=camera.city_id, camera=camera, name="a", why="b", points=[0, 0, 2, 0, 1, 1]
        )


@pytest.mark.django_db
def test_playback_is_masked_by_what_was_hidden_then_or_is_now(
    city: City, person: MakePerson, camera: Camera
) -> None:
    film(camera, BEGAN)
    operator, officer = (watcher(city, person, one) for one in ("operator", "footage_officer"))
    draw_zone(camera, ACTOR, "창문", "까닭", LEFT)
    open_ = partial(open_playback, camera=camera.pk, book=Book(), address="127.0.0.1")
    taken = answer(open_(session_of(operator)), Asks(1, ZERO + 1_500))
    assert (taken.pictures, taken.word) == (b"", {})
    assert taken.hiding is not None
    hidden = hide(taken.hiding)
    assert hidden.why == ""
    plain = answer(open_(session_of(officer)), Asks(1, ZERO + 1_500))
    assert {**hidden.word, "mime": ""} == {**plain.word, "mime": ""}
    with av.open(io.BytesIO(hidden.pictures)) as file, av.open(io.BytesIO(plain.pictures)) as whole:
        frames, all_ = list(file.decode(video=0)), list(whole.decode(video=0))
    assert [one.time for one in frames] == pytest.approx([one.time for one in all_], abs=0.001)
    picture = frames[-1].to_ndarray(format="gray").astype(int)
    assert picture[90, 60] == pytest.approx(47, abs=6)
    assert picture[90, 300] == pytest.approx(
        int(all_[-1].to_ndarray(format="gray")[90, 300]), abs=12
    )
    small = answer(open_(session_of(operator)), Asks(3, ZERO + 9_000, thumb=True)).pictures
    image = Image.open(io.BytesIO(small)).convert("L")
    shades = [image.getpixel((int(x * image.width), image.height // 2)) for x in (0.25, 0.8)]
    assert shades == [pytest.approx(47, abs=8), pytest.approx(190, abs=40)]
    keys = answer(open_(session_of(operator)), Asks(2, ZERO, keys=True))
    assert keys.hiding is not None
    with av.open(io.BytesIO(hide(keys.hiding).pictures)) as file:
        assert len(list(file.decode(video=0))) == 15


async def test_a_zone_that_is_drawn_meanwhile_lets_nothing_through_on_the_wall() -> None:
    camera, page = uuid4(), Page()
    hidden: list[Veil] = []

    class Behind(Backstage):
        async def open(self, cameras: Any, note: Any) -> Layout:
            layout = await super().open(cameras, note)
            for seen in layout.open.values():
                seen.veil = hidden[-1] if hidden else None
            return layout

    behind = Behind(uuid4())
    wall = Wall(page, behind, behind.open, behind)  # type: ignore[arg-type]
    going = asyncio.create_task(wall.go_on())
    page.shows(camera)
    await until(lambda: behind.joined == [(camera, "sub")])
    hidden.append(Veil((LEFT,)))
    from_here = len(page.words)
    behind.ends[camera].set_result(Closed(Close.VEIL_CHANGED, "hidden"))
    await until(lambda: len(behind.joined) == 2)
    assert behind.left == [(camera, "sub")]
    assert behind.joined[1] == (camera, f"mask-{hidden[0].digest}")
    shut, opened = page.words[from_here : from_here + 2]
    assert (shut["t"], shut["code"], opened["t"], opened["masked"]) == ("shut", 4300, "door", True)
    assert len(behind.entries) == 1  # it is the same looking
    going.cancel()
    await wall.end()


@pytest.mark.django_db
def test_the_officer_draws_and_ends_zones_on_the_page(
    city: City, person: MakePerson, camera: Camera, client: Client
) -> None:
    path = f"/quiet/cameras/devices/{camera.pk}/masks/"
    operator = watcher(city, person, "operator")
    client.force_login(operator)
    assert client.get(path).status_code == 403
    api = "/api/v1/cities/quiet/cameras/visitors"
    assert client.get(api).json() == {"here": False}
    assert client.put(api, {"here": True}, content_type="application/json").status_code == 200
    assert client.get(api).json() == {"here": True}
    client.force_login(person("footage_officer"))
    words = {"name": "3층 창문", "why": "주거 공간", "corners": "10 20, 40 20, 40 80"}
    for wrong in ("10 20, 40", "a b, c d, e f", "10 20, 140 20, 40 80", "10 10,50 50,50 10,10 50"):
        assert client.post(path, {**words, "corners": wrong}).status_code == 422
    assert client.post(path, words).status_code == 302
    zone = MaskZone.objects.get()
    assert zone.points == [0.1, 0.2, 0.4, 0.2, 0.4, 0.8]
    assert "3층 창문" in client.get(path).content.decode()
    end = f"/quiet/cameras/masks/{zone.pk}/end/"
    assert client.post(end, {"why": ""}).status_code == 302
    assert MaskZone.objects.filter(ended=None).count() == 1
    client.post(end, {"why": "건물이 헐렸다"})
    assert MaskZone.objects.filter(ended=None).count() == 0
    assert "건물이 헐렸다" in client.get(path).content.decode()
