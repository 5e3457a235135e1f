"""What was recorded, as a page asks for it: piece by piece, with its own right, reason and entry."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import av
import pytest
from django.test import Client
from PIL import Image

from fixtures.people import MakePerson
from fixtures.sites import make_sites
from madang.ground.cases.domain.raising import Cause, Finding, Spot, raise_alarm
from madang.ground.city.models import City
from madang.ground.live.closing import Closed
from madang.ground.people.domain.grants import end_scope, give_scope
from madang.ground.people.models import Account, Membership
from madang.ground.people.public import choose_reason
from madang.ground.trail.models import Entry
from madang.ground.trail.public import Actor
from madang.systems.cameras.domain import footage
from madang.systems.cameras.domain.bookmarks import end as end_bookmarks
from madang.systems.cameras.domain.bookmarks import set_bookmark
from madang.systems.cameras.domain.devices import CameraSpec, record_cameras
from madang.systems.cameras.live.closing import Close
from madang.systems.cameras.live.door import Playback, open_playback
from madang.systems.cameras.live.playing import Asks, answer, play
from madang.systems.cameras.live.replaying import Taken
from madang.systems.cameras.messages import Piece
from madang.systems.cameras.models import Bookmark, Camera, Destruction, Segment
from madang.systems.cameras.recording import store
from madang.systems.cameras.recording.track import Closed as ClosedFile
from madang.systems.cameras.recording.track import Track
from systems.cameras.test_pictures import Book, sent, session_of

ACTOR = Actor(name="test")
BEGAN = datetime(2025, 1, 15, 4, 0, tzinfo=UTC)
ZERO = round(BEGAN.timestamp() * 1000)
pytestmark = pytest.mark.django_db


def film(
    camera: Camera,
    began: datetime,
    seconds: float = 60,
    count: int = 150,
    gap: str = "",
    library: str = "libx264",
) -> list[Segment]:
    """count pictures, fifteen a second, as they are recorded from began on; gap: words of why there was
    nothing before."""
    files: list[ClosedFile] = []
    clock = [began.timestamp()]
    folder = store.of_camera(camera.pk)
    track = Track(camera.pk, folder, files.append, seconds=seconds, clock=lambda: clock[0])
    if gap:
        track.take(Piece(1, why=gap))
    for piece in sent(library, count):
        track.take(piece)
        clock[0] += 1 / 15
    track.end()
    for one in files:
        store.keep(one)
    footage.index(files)
    return list(Segment.objects.filter(camera=camera).order_by("begins"))


@pytest.fixture
def camera(city: City, settings: Any, tmp_path: Path) -> Camera:
    settings.FOOTAGE_FOLDER = tmp_path
    (site,) = make_sites(city, ("경기도 고요시 시장길 2", "crime", 127.004))
    record_cameras(city, [CameraSpec(site, 1, main_address="rtsp://10.0.0.1/a")], ACTOR)
    return Camera.objects.select_related("site").get()


@pytest.fixture
def operator(city: City, person: MakePerson) -> Account:
    account: Account = person("operator")
    give_scope(ACTOR, Membership.objects.get(account=account), ["view", "play"])
    choose_reason(account, city, "event")
    return account


@pytest.fixture
def opened(operator: Account, camera: Camera) -> Playback:
    return open_playback(session_of(operator), camera.pk, Book(), "127.0.0.1")  # type: ignore[arg-type]


def frames(taken: Taken) -> list[Any]:
    with av.open(io.BytesIO(taken.pictures)) as played:
        return list(played.decode(video=0))


def test_a_page_gets_whole_pictures_from_the_key_frame_before(
    camera: Camera, opened: Playback
) -> None:
    film(camera, BEGAN, seconds=6)
    first = answer(opened, Asks(1, ZERO + 1_500))
    word = first.word
    assert (word["t"], word["zero"], word["fps"]) == ("take", ZERO, 15.0)
    assert 0 <= word["begins"] - ZERO <= 1_500
    shown = frames(first)
    assert len(shown) == round((word["ends"] - word["begins"]) * 15 / 1000)
    assert shown[0].time == pytest.approx((word["begins"] - ZERO) / 1000, abs=0.01)
    seen, at = len(shown), word["ends"]
    while (taken := answer(opened, Asks(2, at))).word["t"] == "take":
        seen, at = seen + len(frames(taken)), taken.word["ends"]
    assert seen == 150 - round((word["begins"] - ZERO) * 15 / 1000)
    assert taken.word["next"] is None
    assert Entry.objects.filter(action="people.cameras.play").count() == 1


def test_fast_play_shows_each_key_frame_until_the_next(camera: Camera, opened: Playback) -> None:
    (segment,) = film(camera, BEGAN)
    taken = answer(opened, Asks(1, ZERO, keys=True))
    shown = frames(taken)
    assert [round(one.time * 1000) for one in shown] == pytest.approx(segment.key_ms, abs=1)
    assert all(one.key_frame for one in shown)
    assert taken.word["ends"] == round(segment.ends.timestamp() * 1000)


def test_a_hole_says_why_and_where_it_goes_on(camera: Camera, opened: Playback) -> None:
    film(camera, BEGAN)
    later = film(camera, BEGAN + timedelta(minutes=5), gap="timed out")[-1]
    hole = answer(opened, Asks(1, ZERO + 60_000)).word
    assert (hole["t"], hole["next"], hole["why"]) == ("hole", ZERO + 300_000, "timed out")
    assert Entry.objects.filter(action="people.cameras.play").count() == 0
    (store.folder() / later.path).unlink()
    assert answer(opened, Asks(2, ZERO + 300_000)).word["t"] == "hole"
    assert Destruction.objects.get().why == "lost"
    assert Segment.objects.count() == 1


def test_a_disk_that_is_not_mounted_has_lost_nothing(camera: Camera, opened: Playback) -> None:
    count = len(film(camera, BEGAN))
    away = store.folder().with_name("away")
    store.folder().rename(away)
    store.folder().mkdir()
    assert answer(opened, Asks(1, ZERO)).word["t"] == "hole"
    assert footage.end_terms(datetime.now(UTC)) == 0
    assert footage.make_room(1) == 0
    assert (Segment.objects.filter(gone=None).count(), Destruction.objects.count()) == (count, 0)
    store.folder().rmdir()
    away.rename(store.folder())
    assert answer(opened, Asks(2, ZERO)).word["t"] == "take"
    assert footage.end_terms(datetime.now(UTC)) == count


def test_playing_back_is_a_right_of_its_own_with_a_reason_and_one_entry_a_day(
    city: City, person: MakePerson, camera: Camera
) -> None:
    film(camera, BEGAN)
    film(camera, BEGAN + timedelta(days=1))
    account, book = person("operator"), Book()
    session, member = session_of(account), Membership.objects.get(account=account)

    def refused() -> int:
        with pytest.raises(Closed) as closed:
            open_playback(session, camera.pk, book, "127.0.0.1")  # type: ignore[arg-type]
        return int(closed.value.code)

    give_scope(ACTOR, member, ["view"])
    assert refused() == Close.NO_RIGHT
    given = give_scope(ACTOR, member, ["play"])
    assert refused() == Close.NO_REASON
    choose_reason(account, city, "event")
    opened = open_playback(session, camera.pk, book, "127.0.0.1")  # type: ignore[arg-type]
    for at in (0, 5_000, 24 * 3_600_000, 2_000):
        assert answer(opened, Asks(1, ZERO + at)).word["t"] == "take"
    entries = Entry.objects.filter(action="people.cameras.play").order_by("time")
    assert [one.detail["day"] for one in entries] == ["2025-01-15", "2025-01-16"]
    assert entries[0].right.startswith("scope:")
    assert opened.seen.holds(book)  # type: ignore[arg-type]
    end_scope(ACTOR, given)
    assert not opened.seen.holds(book)  # type: ignore[arg-type]


def test_small_pictures_come_through_the_same_door(camera: Camera, opened: Playback) -> None:
    (segment,) = film(camera, BEGAN)
    at = segment.key_ms[1]
    taken = answer(opened, Asks(1, ZERO + at + 300, thumb=True))
    assert taken.word == {"t": "thumb", "at": ZERO + at}
    with Image.open(io.BytesIO(taken.pictures)) as picture:
        assert picture.size == (192, 108)
    assert Entry.objects.filter(action="people.cameras.play").count() == 1
    assert opened.reached is None
    assert answer(opened, Asks(2, ZERO - 1000, thumb=True)) == Taken({"t": "thumb", "at": None})
    footage.end_terms(datetime.now(UTC))
    assert answer(opened, Asks(3, ZERO + at, thumb=True)).pictures == b""


def test_what_is_played_on_over_midnight_is_one_session(camera: Camera, opened: Playback) -> None:
    midnight = datetime(2025, 1, 15, 15, 0, tzinfo=UTC)  # in Korea
    film(camera, midnight - timedelta(seconds=5), seconds=3)
    at = round(midnight.timestamp() * 1000) - 5_000
    while (taken := answer(opened, Asks(1, at))).word["t"] == "take":
        at = taken.word["ends"]
    entries = Entry.objects.filter(action="people.cameras.play").order_by("time")
    assert [one.detail["day"] for one in entries] == ["2025-01-15"]
    answer(opened, Asks(2, at - 2_000))  # a jump on the new day
    assert [one.detail["day"] for one in entries.all()] == ["2025-01-15", "2025-01-16"]


def test_bookmarks_are_a_persons_own_and_end_with_the_footage(
    camera: Camera, operator: Account, person: MakePerson, client: Client
) -> None:
    film(camera, BEGAN)
    api = f"/api/v1/cities/quiet/cameras/{camera.pk}"
    words = {"begins": BEGAN.isoformat(), "ends": (BEGAN + timedelta(hours=1)).isoformat()}
    mark = {"at": (BEGAN + timedelta(seconds=3)).isoformat(), "name": " 흰 차 ", "note": "좌회전"}
    client.force_login(operator)
    made = client.post(f"{api}/bookmarks", mark, "application/json").json()
    assert (made["name"], made["note"]) == ("흰 차", "좌회전")
    later = {**mark, "at": (datetime.now(UTC) + timedelta(hours=1)).isoformat()}
    assert client.post(f"{api}/bookmarks", later, "application/json").status_code == 409
    blank = {**mark, "name": "  "}
    assert client.post(f"{api}/bookmarks", blank, "application/json").status_code == 422
    assert client.get(f"{api}/footage", words).json()["bookmarks"] == [made]

    other = person("shift_leader")
    client.force_login(other)
    assert client.post(f"{api}/bookmarks", mark, "application/json").status_code == 403
    give_scope(ACTOR, Membership.objects.get(account=other), ["play"])
    assert client.get(f"{api}/footage", words).json()["bookmarks"] == []
    one = f"/api/v1/cities/quiet/cameras/bookmarks/{made['id']}"
    assert client.delete(one).status_code == 404
    client.force_login(operator)
    assert client.delete(one).status_code == 204
    set_bookmark(camera, operator, BEGAN + timedelta(seconds=3), "흰 차", "")
    Bookmark.objects.update(made=datetime.now(UTC) - timedelta(days=1))
    assert end_bookmarks() == 0
    footage.end_terms(datetime.now(UTC))
    assert end_bookmarks() == 1


def test_several_cameras_are_played_back_in_step_where_each_is_open(
    city: City, camera: Camera, operator: Account, client: Client
) -> None:
    record_cameras(city, [CameraSpec(camera.site, 2), CameraSpec(camera.site, 3)], ACTOR)
    other, empty = Camera.objects.filter(site=camera.site).exclude(pk=camera.pk).order_by("number")
    for one in (camera, other):
        film(one, BEGAN)
    client.force_login(operator)
    words = {"camera": [str(camera.pk), str(empty.pk), "x"], "at": "2025-01-15T13:00"}
    page = client.get("/quiet/cameras/playback/", words)
    boot = page.context["boot"]
    assert [one["id"] for one in boot["cameras"]] == [str(camera.pk)]
    assert [one["id"] for one in boot["around"]] == [str(other.pk)]
    assert boot["at"] == ZERO
    assert empty.key in page.content.decode()
    nobody = client.get("/quiet/cameras/playback/", {"camera": str(empty.pk)})
    assert nobody.context["boot"] is None


async def test_words_that_are_no_question_close_the_playback(opened: Playback) -> None:
    class Page:
        async def receive(self) -> dict[str, Any]:
            return {"type": "websocket.receive", "text": json.dumps({"n": 1, "at": -5})}

    with pytest.raises(Closed) as closed:
        await play(Page(), opened, lambda question: question(), None)  # type: ignore[arg-type]
    assert closed.value.code == Close.BAD_WORD


def test_the_page_and_its_timeline(
    city: City, camera: Camera, operator: Account, person: MakePerson, client: Client
) -> None:
    (segment,) = film(camera, BEGAN)
    site = camera.site
    near = Finding(BEGAN, "시장길", Spot(x=site.x + 40, y=site.y, lon=site.lon, lat=site.lat))
    raise_alarm(ACTOR, city.pk, Cause("underpass_flooded", "1"), near)
    path = f"/quiet/cameras/devices/{camera.pk}/playback/"
    api = f"/api/v1/cities/quiet/cameras/{camera.pk}/footage"
    words = {
        "begins": (BEGAN - timedelta(hours=1)).isoformat(),
        "ends": (BEGAN + timedelta(hours=1)).isoformat(),
    }
    client.force_login(operator)
    assert 'id="boot"' in client.get(path, {"at": "2025-01-15T13:00"}).content.decode()
    found = client.get(api, words).json()
    assert [one["gap"] for one in found["spans"]] == ["began"]
    assert [one["metres"] for one in found["alarms"]] == [40]
    assert client.get(api, {**words, "ends": "2027-01-01T00:00:00Z"}).status_code == 422
    locked = {"begins": "2025-01-15T12:59", "ends": "2025-01-15T13:01", "why": "2025-3"}
    locked["until"] = (datetime.now(UTC) + timedelta(days=20)).date().isoformat()
    assert client.post(f"/quiet/cameras/devices/{camera.pk}/locks/", locked).status_code == 403

    leader = person("shift_leader")
    client.force_login(leader)
    assert client.get(api, words).status_code == 403
    assert 'id="boot"' not in client.get(path).content.decode()
    assert client.post(f"/quiet/cameras/devices/{camera.pk}/locks/", {}).status_code == 422
    assert client.post(f"/quiet/cameras/devices/{camera.pk}/locks/", locked).status_code == 302
    held = footage.locks_of(camera.pk).get()
    assert (held.begins, held.by) == (BEGAN - timedelta(minutes=1), leader)
    assert footage.end_terms(datetime.now(UTC)) == 0
    assert client.post(f"/quiet/cameras/locks/{held.pk}/release/").status_code == 302
    assert footage.end_terms(datetime.now(UTC)) == 1
    assert not (store.folder() / segment.path).exists()
