"""The wall: who sees what beside each other, what is written down of it, stills, the net and what is kept."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client
from PIL import Image
from shapely import LineString, Point
from starlette.websockets import WebSocketDisconnect

from fixtures.people import MakePerson
from fixtures.sites import make_sites
from madang.ground.cases.domain.raising import Cause, Finding, Spot, raise_alarm
from madang.ground.city.models import City, RoadLink
from madang.ground.city.public import Record, Source, write
from madang.ground.live.closing import Closed
from madang.ground.people.domain.grants import give_scope
from madang.ground.people.models import Account, Membership
from madang.ground.people.public import choose_reason
from madang.ground.trail.models import Entry
from madang.ground.trail.public import Actor
from madang.systems.cameras.domain.devices import CameraSpec, record_cameras
from madang.systems.cameras.intake.stills import Budget, Stills
from madang.systems.cameras.live.closing import Close
from madang.systems.cameras.live.door import Layout, Pass, open_layout
from madang.systems.cameras.live.wall import Wall
from madang.systems.cameras.models import Camera, Site
from madang.systems.cameras.net import cast_ahead, cast_net, looks_at
from systems.cameras.test_pictures import Book, clip, session_of

ACTOR = Actor(name="test")


class Page:
    """A wall's page: says words, keeps what it is told."""

    def __init__(self) -> None:
        self.said: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.words: list[dict[str, Any]] = []
        self.pictures: list[bytes] = []

    async def receive(self) -> dict[str, Any]:
        return await self.said.get()

    async def send_text(self, text: str) -> None:
        self.words.append(json.loads(text))

    async def send_bytes(self, data: bytes) -> None:
        self.pictures.append(data)

    def shows(self, *cameras: UUID, patrol: Sequence[UUID] = (), which: str = "sub") -> None:
        word = {"tiles": {str(one): which for one in cameras}, "patrol": [str(p) for p in patrol]}
        self.said.put_nowait({"type": "websocket.receive", "text": json.dumps(word)})

    def leaves(self) -> None:
        self.said.put_nowait({"type": "websocket.disconnect", "code": 1001})


class Backstage:
    """Streams that show one picture at once, rights that may end, and the entries that were left."""

    def __init__(self, refused: UUID) -> None:
        self.refused = refused
        self.entries: list[tuple[str, set[UUID]]] = []
        self.ends: dict[UUID, asyncio.Future[Closed]] = {}
        self.joined: list[tuple[UUID, str]] = []
        self.left: list[tuple[UUID, str]] = []

    async def open(self, cameras: Sequence[UUID], note: Any) -> Layout:
        layout = Layout({}, {})
        for one in cameras:
            if one == self.refused:
                layout.shut[one] = Closed(Close.NO_RIGHT, "no")
            else:
                layout.open[one] = Pass(None, one, one, None, "r", "mark", ("main", "sub"), True)  # type: ignore[arg-type]
        if note:
            self.entries.append((note, set(layout.open)))
        return layout

    def watch(self, seen: Pass) -> asyncio.Future[Closed]:
        end = self.ends[seen.camera] = asyncio.get_running_loop().create_future()
        return end

    def forget(self, end: asyncio.Future[Closed]) -> None:
        pass

    async def join(self, stream: tuple[UUID, str], viewer: Any) -> None:
        self.joined.append(stream)
        viewer.picture(b"picture", True)

    async def leave(self, stream: tuple[UUID, str], viewer: Any) -> None:
        self.left.append(stream)


async def until(true: Any) -> None:
    async with asyncio.timeout(10):
        while not true():
            await asyncio.sleep(0.01)


async def test_a_wall_is_one_entry_and_a_right_that_ends_closes_its_tile_alone() -> None:
    one, two, shut, more = (uuid4() for _ in range(4))
    page, behind = Page(), Backstage(shut)
    wall = Wall(page, behind, behind.open, behind)  # type: ignore[arg-type]
    going = asyncio.create_task(wall.go_on())
    page.shows(one, two, shut)
    await until(lambda: len(page.pictures) == 2)
    assert {data[:16] for data in page.pictures} == {one.bytes, two.bytes}
    assert all(data[16] == 0 and data[17:] == b"picture" for data in page.pictures)
    assert behind.entries == [("layout", {one, two})]
    refused = next(word for word in page.words if word["t"] == "shut")
    assert (refused["camera"], refused["code"]) == (str(shut), Close.NO_RIGHT)

    behind.ends[one].set_result(Closed(Close.NO_RIGHT, "over"))
    await until(lambda: (one, "sub") in behind.left)
    assert [word["camera"] for word in page.words if word["t"] == "shut"] == [str(shut), str(one)]
    assert (two, "sub") not in behind.left

    page.shows(two, which="still")  # another way of showing it is no other looking
    await until(lambda: (two, "still") in behind.joined)
    await until(lambda: page.pictures[-1][16] == 1)
    page.shows(two, more, which="still")
    await until(lambda: len(behind.entries) == 2)
    assert behind.entries[1] == ("layout", {two, more})
    page.leaves()
    with pytest.raises(WebSocketDisconnect):
        await going
    await wall.end()
    assert {(two, "still"), (more, "still")} <= set(behind.left)


async def test_a_patrol_is_listed_whole_once_and_its_pages_leave_no_entry() -> None:
    cameras = [uuid4() for _ in range(4)]
    page, behind = Page(), Backstage(uuid4())
    wall = Wall(page, behind, behind.open, behind)  # type: ignore[arg-type]
    going = asyncio.create_task(wall.go_on())
    for at in (0, 2, 0):
        page.shows(*cameras[at : at + 2], patrol=cameras)
        await until(lambda at=at: behind.joined[-1:] == [(cameras[at + 1], "sub")])
    assert behind.entries == [("patrol", set(cameras))]
    page.said.put_nowait({"type": "websocket.receive", "text": '{"tiles": 7}'})
    with pytest.raises(Closed) as closed:
        await going
    assert closed.value.code == Close.BAD_WORD
    await wall.end()


@pytest.mark.parametrize("library", ["libx264", "libx265"])
def test_a_still_is_made_of_key_frames_while_there_is_time(library: str) -> None:
    with clip(library) as camera:
        stream = camera.streams.video[0]
        stills, poor = Stills(stream, Budget(1.0)), Stills(stream, Budget(0.0))
        packets = [one for one in camera.demux(stream) if one.size]
        made = [stills.take(bytes(one), one.is_keyframe) for one in packets]
        assert not any(poor.take(bytes(one), one.is_keyframe) for one in packets)
    (first, *rest) = [one for one in made if one]
    assert made[0] == first
    assert not rest  # the second key frame came too soon
    assert Image.open(io.BytesIO(first)).size == (320, 180)


@pytest.fixture
def street(city: City) -> list[Site]:
    """A road west to east, and one that meets it; a pole at its end lies near only as the crow flies."""
    sites = make_sites(
        city,
        ("경기도 고요시 시장길 1", "crime", 127.002),
        ("경기도 고요시 시장길 2", "crime", 127.004),
        ("경기도 고요시 학교길 3", "school-zone", 127.0042),
    )
    ways = {
        "A": ("1", "2", [(127.0, 37.265), (127.004, 37.265)]),
        "B": ("2", "3", [(127.004, 37.265), (127.008, 37.265)]),
        "C": ("3", "4", [(127.008, 37.265), (127.008, 37.2655), (127.0042, 37.2655)]),
    }
    links = [
        Record(
            RoadLink,
            key,
            {"from_node": begin, "to_node": end, "rank": "city", "lanes": 2, "structure": "ground"},
            LineString(line),
        )
        for key, (begin, end, line) in ways.items()
    ]
    write(city, Source("links", {"ko": "도로"}), links, ACTOR)
    poles = [
        Record(Site, "C3", {"purpose": "school-zone", "cameras": 1, "details": {}}, Point(127.0042, 37.2655))
    ]  # fmt: skip
    write(city, Source("camera-sites-2", {"ko": "카메라"}), poles, ACTOR)
    Site.objects.filter(pk=sites[2].pk).delete()
    found = list(Site.objects.filter(city=city).order_by("lon"))
    record_cameras(
        city,
        [
            CameraSpec(found[0], 1, kind="fixed", bearing=90.0, main_address="rtsp://10.0.0.1/a"),
            CameraSpec(found[0], 2, kind="fixed", bearing=270.0, main_address="rtsp://10.0.0.1/b"),
            CameraSpec(found[1], 1, main_address="rtsp://10.0.0.1/c"),
            CameraSpec(found[2], 1, main_address="rtsp://10.0.0.1/d"),
        ],
        ACTOR,
    )
    return found


@pytest.mark.django_db
def test_the_net_goes_along_the_road_and_puts_first_what_looks_there(
    city: City, street: list[Site]
) -> None:
    caught = cast_net(city, 127.0026, 37.265, 9)
    keys = [one.camera.key for one in caught]
    west, middle, behind = street
    assert keys[0] == f"{west.key}-1"
    assert caught[0].sees is True
    assert keys[1] == f"{middle.key}-1"
    assert caught[1].sees is None
    assert next(one for one in caught if one.camera.key == f"{west.key}-2").sees is False
    metres = {one.camera.site_id: one.metres for one in caught}
    straight = 130
    assert metres[middle.pk] == pytest.approx(124, abs=3)
    assert metres.get(behind.pk, 1000.0) > 5 * straight
    assert cast_net(city, 128.0, 38.0, 9) == []
    camera = Camera.objects.get(key=f"{west.key}-1")
    assert looks_at(camera, camera.site.x + 30, camera.site.y) is True
    assert looks_at(camera, camera.site.x - 30, camera.site.y) is False


@pytest.mark.django_db
def test_the_wall_follows_along_the_way_and_hands_over(city: City, street: list[Site]) -> None:
    west, middle, _behind = street

    def first(lon: float, heading: float | None) -> str:
        return cast_ahead(city, lon, 37.265, heading, 9)[0].camera.key

    assert first(127.0024, 90.0) == f"{west.key}-1"  # it is past it, in its sight
    assert first(127.0034, 90.0) == f"{middle.key}-1"
    assert first(127.0034, 270.0).startswith(f"{west.key}-")
    assert first(127.0034, None) == f"{middle.key}-1"


@pytest.mark.django_db
def test_a_case_and_what_moves_open_the_wall_with_one_press(
    city: City, operator: Account, client: Client
) -> None:
    site = make_sites(city, ("경기도 고요시 시장길 1", "crime", 127.002))[0]
    spot = Spot(x=site.x, y=site.y, lon=site.lon, lat=site.lat)
    finding = Finding(datetime.now(UTC), "시장길", spot)
    alarm = raise_alarm(ACTOR, city.pk, Cause("underpass_flooded", "1"), finding)
    client.force_login(operator)
    url = f"/{city.key}/cameras/wall/?near={site.lon},{site.lat}"
    found = client.get(f"/api/v1/cities/{city.key}/console/things/alarm/{alarm.pk}").json()
    assert [(one["url"], one["window"]) for one in found["ways"]] == [(url, "madang-wall")]
    page = client.get(f"/{city.key}/alarms/{alarm.pk}/").content.decode()
    assert f'href="{url}" target="madang-wall"' in page
    site_found = client.get(f"/api/v1/cities/{city.key}/console/things/camera/{site.pk}").json()
    assert site_found["ways"][0]["url"].endswith(f"?site={site.pk}")


@pytest.fixture
def operator(city: City, person: MakePerson) -> Account:
    """One who may see cameras of crime prevention, and has said why."""
    account: Account = person("operator")
    membership = Membership.objects.get(account=account)
    give_scope(ACTOR, membership, ["view"], purposes=["crime"])
    return account


@pytest.mark.django_db
def test_a_layout_is_one_entry_that_lists_what_was_open(
    city: City, operator: Account, street: list[Site]
) -> None:
    cameras = list(Camera.objects.order_by("site__lon", "number").values_list("pk", flat=True))
    session, book = session_of(operator), Book()
    with pytest.raises(Closed) as closed:
        open_layout(session, cameras, book, "127.0.0.1")  # type: ignore[arg-type]
    assert closed.value.code == Close.NO_REASON
    choose_reason(operator, city, "patrol")
    unknown = uuid4()
    layout = open_layout(session, [*cameras, unknown], book, "127.0.0.1")  # type: ignore[arg-type]
    assert set(layout.open) == set(cameras[:3])
    assert set(layout.shut) == {cameras[3], unknown}
    (entry,) = Entry.objects.filter(action="people.cameras.layout")
    (listed,) = entry.detail["cameras"].values()
    assert set(listed) == {str(one.pk) for one in street[:2]}
    open_layout(session, cameras[:1], book, "127.0.0.1", note=None)  # type: ignore[arg-type]
    assert Entry.objects.filter(action__startswith="people.cameras").count() == 1


@pytest.mark.django_db
def test_what_a_wall_asks(
    city: City, operator: Account, person: MakePerson, street: list[Site], client: Client
) -> None:
    api = "/api/v1/cities/quiet/cameras"
    assert client.get(f"{api}/found?q=1").status_code == 401
    client.force_login(operator)
    found = client.get(f"{api}/found", {"q": "1"}).json()
    assert [one["key"] for one in found] == ["C1-1", "C1-2"]
    assert [one["key"] for one in client.get(f"{api}/found", {"q": "1-2"}).json()] == ["C1-2"]
    assert client.get(f"{api}/found", {"q": "시장길 2"}).json()[0]["key"] == "C2-1"
    assert client.get(f"{api}/found", {"q": "\\"}).json() == []
    net = client.get(f"{api}/net", {"lon": 127.0026, "lat": 37.265, "limit": 4}).json()
    assert [one["opens"] for one in net[:3]] == [True, True, True]
    assert client.get(f"{api}/net", {"lon": 900, "lat": 37}).status_code == 422

    camera = found[0]["id"]
    aimed = client.put(
        f"{api}/{camera}/bearing",
        {"lon": 127.002, "lat": 37.2659},
        content_type="application/json",
    )
    assert (aimed.json()["bearing"] + 1.5) % 360 <= 3
    assert Entry.objects.filter(action="cameras.aimed").count() == 1
    at_the_pole = {"lon": found[0]["lon"], "lat": found[0]["lat"]}
    refused = client.put(f"{api}/{camera}/bearing", at_the_pole, content_type="application/json")
    assert refused.status_code == 422

    view = {"name": "시장", "layout": "1+5", "cameras": [camera, None], "dwell": None}
    for dwell in (None, 10):
        kept = client.put(
            f"{api}/wall/views", {**view, "dwell": dwell}, content_type="application/json"
        ).json()
    assert client.get(f"{api}/wall/views").json() == [{**view, "dwell": 10, "id": kept["id"]}]
    wrong = client.put(
        f"{api}/wall/views", {**view, "layout": "5"}, content_type="application/json"
    )
    assert wrong.status_code == 422
    other = Client()
    other.force_login(person("operator"))
    assert other.get(f"{api}/wall/views").json() == []
    assert other.delete(f"{api}/wall/views/{kept['id']}").status_code == 404
    assert client.delete(f"{api}/wall/views/{kept['id']}").status_code == 204
