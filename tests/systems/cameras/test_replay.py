"""What a recorder of the city holds: shown beside our own, played through our playback, under its rules."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone
from PIL import Image

from fixtures.onvif import PASSWORD, USER, Device, recorder
from fixtures.people import MakePerson
from fixtures.sites import make_sites
from madang.ground.city.models import City
from madang.ground.people.models import Account
from madang.ground.trail.models import Entry
from madang.ground.trail.public import Actor
from madang.systems.cameras import tasks
from madang.systems.cameras.domain.devices import CameraSpec, record_cameras
from madang.systems.cameras.domain.heads import Stood, keep_stands
from madang.systems.cameras.domain.masks import clear_place, draw_zone, turned_with_zones
from madang.systems.cameras.live.door import Playback, open_playback
from madang.systems.cameras.live.playing import Asks, answer
from madang.systems.cameras.live.replaying import Taken, replay
from madang.systems.cameras.masking.hiding import hide
from madang.systems.cameras.models import Camera, OnvifChannel, Stand
from madang.systems.cameras.recorders import devices, taking
from madang.systems.cameras.recorders.depacket import Depacketizer, Unit
from madang.systems.cameras.steering.edges import Position
from systems.cameras.test_masks import LEFT, one_connection
from systems.cameras.test_pictures import Book, session_of
from systems.cameras.test_playback import ACTOR, frames, operator

__all__ = ["one_connection", "operator"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("one_connection")]
AHEAD = 600  # seconds by which the recorder's clock is wrong


@pytest.fixture
def device() -> Iterator[Device]:
    with recorder(channels=1, ahead=AHEAD) as made:
        yield made


@pytest.fixture
def camera(city: City, device: Device, settings: Any, tmp_path: Path) -> Camera:
    settings.FOOTAGE_FOLDER = tmp_path / "footage"
    (site,) = make_sites(city, ("경기도 고요시 시장길 2", "crime", 127.004))
    record_cameras(city, [CameraSpec(site, 1)], ACTOR)
    made = devices.ask_device(devices.add_device(city, ACTOR, device.address, USER, PASSWORD))
    assert made is not None
    taking.take_over(made, ACTOR, taking.suggestions(made))
    return Camera.objects.select_related("site").get()


@pytest.fixture
def opened(operator: Account, camera: Camera) -> Playback:
    return open_playback(session_of(operator), camera.pk, Book(), "127.0.0.1")  # type: ignore[arg-type]


def ms(at: datetime) -> int:
    return round(at.timestamp() * 1000)


def test_a_piece_of_what_the_recorder_holds_is_played_by_our_clock(opened: Playback) -> None:
    at = ms(timezone.now() - timedelta(hours=2))
    asked = answer(opened, Asks(1, at))
    assert asked.replaying is not None
    taken = replay(asked.replaying)
    assert taken.word["t"] == "take", taken.word
    assert abs(taken.word["begins"] - at) < 150
    assert 3_500 <= taken.word["ends"] - taken.word["begins"] <= 4_500
    assert taken.word["fps"] == pytest.approx(10, abs=0.5)
    assert len(frames(taken)) >= 40
    follows = answer(opened, Asks(2, taken.word["ends"]))
    assert follows.replaying is not None
    entry = Entry.objects.filter(action="people.cameras.play")
    assert entry.count() == 1  # of one camera and day, whoever recorded it


def test_for_fast_play_only_key_frames_come(opened: Playback) -> None:
    asked = answer(opened, Asks(1, ms(timezone.now() - timedelta(hours=2)), keys=True))
    assert asked.replaying is not None
    taken = replay(asked.replaying)
    assert taken.word["ends"] - taken.word["begins"] > 20_000
    assert len(frames(taken)) < 40


def test_a_small_picture_of_what_the_recorder_holds_is_made(opened: Playback) -> None:
    at = ms(timezone.now() - timedelta(hours=2))
    asked = answer(opened, Asks(1, at, thumb=True))
    assert asked.replaying is not None
    small = replay(asked.replaying)
    assert small.pictures.startswith(b"\xff\xd8")
    assert abs(small.word["at"] - at) < 1_500


def test_whoever_looks_at_the_newest_has_the_recorder_asked_anew(
    camera: Camera, opened: Playback
) -> None:
    from procrastinate.contrib.django.models import ProcrastinateJob

    channel = OnvifChannel.objects.select_related("device").get(camera=camera)
    held = channel.held.get()
    channel.held.update(ends=timezone.now() - timedelta(minutes=5))
    late = ms(timezone.now() - timedelta(minutes=2))
    for number in range(3):
        assert answer(opened, Asks(number, late)).word["next"] is None
    jobs = ProcrastinateJob.objects.filter(task_name="cameras.renew_held")
    assert [one.args for one in jobs] == [{"channel": str(channel.pk)}]
    tasks.renew_held(channel=str(channel.pk))
    again = channel.held.get()
    # A device says its clock in whole seconds: each asking corrects it by up to one second else.
    assert again.ends > held.ends - timedelta(seconds=2)
    assert answer(opened, Asks(9, late)).replaying is not None


def test_zones_hide_what_a_recorder_holds_too(camera: Camera, opened: Playback) -> None:
    draw_zone(camera, ACTOR, "창문", "사생활", LEFT)
    asked = answer(opened, Asks(1, ms(timezone.now() - timedelta(hours=2))))
    assert asked.replaying is None
    assert asked.hiding is not None
    hidden = hide(asked.hiding)
    assert hidden.why == ""
    assert hidden.word["t"] == "take"


def test_of_a_recorders_pieces_a_place_with_nothing_to_hide_is_shown(
    camera: Camera, opened: Playback, person: MakePerson
) -> None:
    gate, road = Position(0.2, -0.1, 0.0), Position(-0.4, -0.1, 0.3)
    Camera.objects.update(kind="turning")
    camera.refresh_from_db()
    assert turned_with_zones() == set()
    officer = person("footage_officer")
    draw_zone(camera, ACTOR, "창문", "사생활", LEFT, at=gate)
    assert turned_with_zones() == {
        camera.pk
    }  # its recorder holds it: where it stands is written down
    at = timezone.now() - timedelta(hours=2)

    def whole() -> bool:
        asked = answer(opened, Asks(1, ms(at)))
        assert asked.hiding is not None
        hidden = hide(asked.hiding)
        assert hidden.why == ""
        low, high = (
            frames(Taken(hidden.word, hidden.pictures))[10].to_image().convert("L").getextrema()
        )
        small = answer(opened, Asks(2, ms(at), thumb=True)).replaying
        assert small is not None
        picture = Image.open(BytesIO(replay(small).pictures)).convert("L")
        least, most = picture.getextrema()
        assert (most - least < 24) == (high - low < 24)
        return bool(high - low < 24)

    begins = at.timestamp()
    keep_stands(camera.city_id, camera.pk, [(uuid4(), Stood(begins - 30, begins + 30, road))])
    assert whole()  # nobody said that there is nothing to hide
    clear_place(camera, Actor(officer.pk, str(officer)), "도로만 보임", road)
    assert not whole()
    Stand.objects.all().delete()
    assert whole()  # nobody knows where it looked


def test_before_the_oldest_there_is_a_hole_that_says_where_it_goes_on(
    camera: Camera, opened: Playback
) -> None:
    held = OnvifChannel.objects.get(camera=camera).held.get()
    hole = answer(opened, Asks(1, ms(held.begins - timedelta(hours=1))))
    assert (hole.word["t"], hole.word["next"]) == ("hole", ms(held.begins))


def test_a_recorder_that_is_gone_or_refuses_is_said_so(
    camera: Camera, opened: Playback, device: Device
) -> None:
    asked = answer(opened, Asks(1, ms(timezone.now() - timedelta(hours=2))))
    assert asked.replaying is not None
    channel = OnvifChannel.objects.select_related("device").get(camera=camera)
    devices.change_access(channel.device, ACTOR, USER, "falsch")
    refused = replay(asked.replaying)
    assert (refused.word["t"], refused.pictures) == ("hole", b"")
    assert "거절" in refused.word["why"]
    OnvifChannel.objects.update(replay_address="rtsp://127.0.0.1:1/x")
    for language, words in (("ko", "거부"), ("en", "refuses connections"), ("ja", "拒否")):
        gone = replay(replace(asked.replaying, language=language))
        assert words in gone.word["why"]


def test_the_timeline_says_what_is_on_the_recorder(
    camera: Camera, operator: Account, city: City
) -> None:
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(operator)
    now = timezone.now()
    words = {"begins": (now - timedelta(hours=1)).isoformat(), "ends": now.isoformat()}
    found = client.get(f"/api/v1/cities/quiet/cameras/{camera.pk}/footage", words).json()
    assert found["spans"] == []
    (held,) = found["held"]
    begins = datetime.fromisoformat(held["begins"])
    assert abs(begins - (now - timedelta(hours=1))) < timedelta(seconds=1)
    page = client.get(f"/quiet/cameras/devices/{camera.pk}/playback/").content.decode()
    assert 'id="playback"' in page
    page = client.get(f"/quiet/cameras/playback/?camera={camera.pk}").content.decode()
    assert 'id="together"' in page


@pytest.mark.parametrize("codec", ["h264", "hevc"])
def test_units_in_parts_and_several_at_once_are_put_together(codec: str) -> None:
    made = Depacketizer(codec)
    if codec == "h264":
        sets, picture = bytes([0x67, 1, 2]), bytes([0x65, *range(50)])
        several = b"\x18" + b"\x00\x03" + sets
        parts = [bytes([0x7C, 0x85]) + picture[1:20], bytes([0x7C, 0x45]) + picture[20:]]
    else:
        sets, picture = bytes([0x42, 1, 2]), bytes([0x26, 1, *range(50)])
        several = b"\x60\x01" + b"\x00\x03" + sets
        parts = [bytes([0x62, 1, 0x93]) + picture[2:20], bytes([0x62, 1, 0x53]) + picture[20:]]
    found: list[Unit] = [*made.take(several, 90, ends=False), *made.take(parts[0], 90, ends=False)]
    assert found == []
    (unit,) = made.take(parts[1], 90, ends=True)
    assert unit == Unit(b"\0\0\0\1" + sets + b"\0\0\0\1" + picture, 90, True)
    # A part whose beginning was lost is nothing.
    assert list(made.take(parts[1], 180, ends=True)) == []
