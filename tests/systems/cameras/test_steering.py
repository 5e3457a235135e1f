"""One hand at a time on a camera, within its edges, stopped when it lets go, and home again by itself."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from datetime import timedelta
from threading import Barrier
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from fixtures.database import TestDatabase
from fixtures.nats import TestNats
from fixtures.onvif import PASSWORD, USER, device
from fixtures.onvif import Device as OnvifCamera
from fixtures.people import MakePerson, make_person
from fixtures.sites import make_sites
from madang.ground.bus.connecting import connect
from madang.ground.city.models import City
from madang.ground.people.models import Account
from madang.ground.people.public import choose_reason, create_organisation
from madang.ground.trail.models import Entry
from madang.ground.trail.public import Actor
from madang.systems.cameras.domain.devices import CameraSpec, record_cameras
from madang.systems.cameras.errors import CameraError
from madang.systems.cameras.models import Camera, LetGo, Onvif, SteeringRules, SteeringSession
from madang.systems.cameras.models.steering import USUAL_RANKS
from madang.systems.cameras.onvif.head import Head
from madang.systems.cameras.onvif.talk import Device, Talk
from madang.systems.cameras.steering import hand
from madang.systems.cameras.steering.arm import Arm
from madang.systems.cameras.steering.arms import Arms
from madang.systems.cameras.steering.edges import SLACK, Edges, Position
from madang.systems.cameras.steering.hand import Claim
from madang.systems.cameras.steering.register import record_onvif
from madang.systems.cameras.steering.words import (
    Do,
    Steer,
    Turned,
    encode,
    read_heard,
    wish_of,
)

ME = Actor(name="test")
ADDRESS = "http://10.0.0.1/onvif/device_service"
shares = st.floats(-1, 1)


@pytest.fixture
def camera(city: City) -> Camera:
    (site,) = make_sites(city, ("경기도 고요시 시장길 2", "crime", 127.004))
    record_cameras(
        city, [CameraSpec(site, 1, kind="turning", main_address="rtsp://10.0.0.1/a")], ME
    )
    record_onvif(city, {"C1-1": (ADDRESS, "main")})
    return Camera.objects.select_related("city").get()


def claim(account: Account) -> Claim:
    return Claim(Actor(account.pk, str(account), address="127.0.0.1"), "scope:1")


@pytest.fixture
def somebody(city: City, person: MakePerson) -> Callable[[str], Account]:
    """Make somebody with a role who has said why they look."""

    def make(role: str) -> Account:
        account: Account = person(role)
        choose_reason(account, city, "event", "골목에 사람이 쓰러져 있음")
        return account

    return make


def let_pass(session: SteeringSession, **ago: timedelta) -> None:
    now = timezone.now()
    SteeringSession.objects.filter(pk=session.pk).update(
        **{name: now - span for name, span in ago.items()}
    )


@pytest.mark.django_db
def test_who_ranks_higher_takes_over_and_the_trail_has_one_entry_of_each(
    camera: Camera, somebody: Callable[[str], Account]
) -> None:
    operator, leader, other = (somebody(one) for one in ("operator", "shift_leader", "operator"))
    first = hand.take(camera, claim(operator)).session
    hand.note_preset(first.pk, "2")
    hand.note_preset(first.pk, "2")
    with pytest.raises(CameraError, match=str(operator)):
        hand.take(camera, claim(other))
    taken = hand.take(camera, claim(leader))
    assert taken.before is not None
    assert taken.before.pk == first.pk
    with pytest.raises(CameraError):
        hand.take(camera, claim(operator))
    assert not hand.keep(first.pk, None)

    entry = Entry.objects.get(action="people.cameras.steer")
    assert entry.thing_id == str(camera.site_id)
    assert entry.detail["presets"] == ["2"]
    assert entry.detail["why_ended"] == "taken"
    assert entry.detail["reason"] == "event"
    assert entry.detail["began"] < entry.detail["ended"]
    first.refresh_from_db()
    assert (first.words, first.address) == ("", "")
    assert hand.end(taken.session, LetGo.RELEASED)
    assert not hand.end(taken.session, LetGo.LOST)
    assert Entry.objects.filter(action="people.cameras.steer").count() == 2


def test_two_hands_at_once_are_one(django_database: TestDatabase) -> None:
    city = City.objects.create(key="quiet", simulated=True)
    (site,) = make_sites(city, ("경기도 고요시 시장길 2", "crime", 127.004))
    record_cameras(city, [CameraSpec(site, 1)], ME)
    camera = Camera.objects.select_related("city").get()
    hall = create_organisation(ME, city, "hall", "city", {"ko": "시청"})
    people = [make_person("operator", hall) for _ in range(2)]
    for one in people:
        choose_reason(one, city, "event")
    gate = Barrier(2)

    def grasp(account: Account) -> str:
        connection.ensure_connection()
        gate.wait(30)
        try:
            hand.take(camera, claim(account))
        except CameraError:
            return "refused"
        finally:
            connection.close()
        return "taken"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(grasp, people)) == ["refused", "taken"]
    assert SteeringSession.objects.filter(ended=None).count() == 1


@pytest.mark.django_db
def test_ranks_are_data_and_a_quiet_or_lost_hand_may_be_followed(
    city: City, camera: Camera, somebody: Callable[[str], Account], person: MakePerson
) -> None:
    operator, other = somebody("operator"), somebody("operator")
    with pytest.raises(CameraError):  # without a reason
        hand.take(camera, claim(person("operator")))
    first = hand.take(camera, claim(operator)).session
    let_pass(first, moved=hand.QUIET + timedelta(seconds=1))
    second = hand.take(camera, claim(other)).session
    leader = somebody("shift_leader")
    SteeringRules.objects.create(city=city, ranks={"shift_leader": 1, "emergency": 99})
    with pytest.raises(CameraError):
        hand.take(camera, claim(leader))
    emergency = Claim(claim(leader).actor, "break-glass:1")
    third = hand.take(camera, emergency).session
    let_pass(third, seen=hand.LOST_AFTER + timedelta(seconds=1))
    fourth = hand.take(camera, claim(operator)).session
    ends = [SteeringSession.objects.get(pk=one.pk).why for one in (first, second, third, fourth)]
    assert ends == ["taken", "taken", "lost", ""]
    let_pass(fourth, seen=hand.LOST_AFTER + timedelta(seconds=1))
    assert [one.pk for one in hand.end_lost()] == [fourth.pk]
    both = SteeringSession.objects.filter(pk__in=(first.pk, fourth.pk))
    with pytest.raises(IntegrityError), transaction.atomic():  # the database keeps to it too
        both.update(ended=None, why="")


@pytest.mark.django_db
def test_a_camera_returns_home_some_minutes_after_it_was_let_go(
    city: City, camera: Camera, somebody: Callable[[str], Account]
) -> None:
    operator = somebody("operator")
    first = hand.take(camera, claim(operator)).session
    hand.end(first, LetGo.RELEASED)
    assert hand.to_return() == []
    SteeringRules.objects.create(city=city, home_after=2)
    let_pass(first, began=timedelta(minutes=9), ended=timedelta(minutes=3))
    assert hand.to_return() == [camera.pk]
    second = hand.take(camera, claim(operator)).session
    assert hand.to_return() == []
    hand.end(second, LetGo.IDLE)
    assert hand.to_return() == []
    let_pass(second, began=timedelta(minutes=9), ended=timedelta(minutes=3))
    hand.note_returned(camera.pk)
    assert hand.to_return() == []


@pytest.mark.django_db
def test_rules_and_edges_are_the_footage_officers(
    city: City, camera: Camera, person: MakePerson
) -> None:
    client = Client()
    paths = f"/{city.key}/cameras/steering/", f"/{city.key}/cameras/devices/{camera.pk}/edges/"
    client.force_login(person("operator"))
    assert [client.get(path).status_code for path in paths] == [403, 403]
    client.force_login(person("footage_officer"))
    assert [client.get(path).status_code for path in paths] == [200, 200]
    lone = client.post(paths[1], {"pan_from": "50", "pan_to": "-50"})
    assert lone.status_code == 422
    assert client.post(paths[1], {"pan_from": "10"}).status_code == 422
    beyond = client.post(paths[1], {"pan_from": "-101", "pan_to": "50", "zoom_to": "-1"})
    assert beyond.status_code == 422
    said = re.findall(r"(-?\d+)~100%", beyond.content.decode())
    assert {"-100", "0"} <= set(said)
    given_edges = {"pan_from": "-50", "pan_to": "50", "zoom_to": "12.3"}
    assert client.post(paths[1], given_edges).status_code == 302
    row = Onvif.objects.get()
    assert (row.pan_to, row.tilt_from, row.zoom_to) == (0.5, None, 0.123)
    assert 'value="12.3"' in client.get(paths[1]).content.decode()
    assert Entry.objects.get(action="cameras.edges_changed").detail["after"]["pan_from"] == -0.5
    ranks = dict.fromkeys(USUAL_RANKS, "10")
    assert (
        client.post(paths[0], {**ranks, "home_after": "0", "idle_after": "60"}).status_code == 422
    )
    assert (
        client.post(paths[0], {**ranks, "home_after": "3", "idle_after": "60"}).status_code == 302
    )
    assert hand.rules_of(city).rank("operator") == 10


def low_and_high() -> st.SearchStrategy[tuple[float, float]]:
    return (
        st.tuples(shares, shares).map(sorted).map(tuple).filter(lambda one: one[1] - one[0] > 0.02)
    )


@settings(max_examples=40)
@given(
    pan=low_and_high(),
    tilt=low_and_high(),
    most=st.floats(0, 1),
    wishes=st.lists(st.tuples(shares, shares, shares, st.floats(0, 0.45)), max_size=30),
    speed=st.floats(0.01, 1),
)
def test_no_wish_leads_beyond_an_edge(
    pan: Any, tilt: Any, most: float, wishes: list[tuple[float, float, float, float]], speed: float
) -> None:
    edges = Edges(pan, tilt, (-float("inf"), most))
    at = edges.nearest(Position(0.0, 0.0, 0.0))
    speeds = Position(1.0, 1.0, 1.0)
    for *wish, span in wishes:
        may = edges.braked(at, Position(*wish), speeds, 0.45)
        at = Position(*(one + v * speed * span for one, v in zip(at, may, strict=True)))
        assert edges.hold(at)


@given(pan=low_and_high(), out=st.floats(0.01, 0.5))
def test_who_looks_beyond_an_edge_may_only_come_back(pan: Any, out: float) -> None:
    edges = Edges(pan)
    beyond = Position(pan[1] + out, 0.0, 0.0)
    speeds = Position(1.0, 1.0, 1.0)
    assert edges.braked(beyond, Position(1.0, 0.0, 0.0), speeds, 0.45).pan == 0.0
    assert edges.braked(beyond, Position(-1.0, 0.0, 0.0), speeds, 0.45).pan < 0
    assert not edges.hold(beyond)
    assert edges.hold(edges.nearest(beyond))


@asynccontextmanager
async def arm(camera: OnvifCamera, edges: Edges) -> AsyncIterator[tuple[Arm, list[Turned]]]:
    told: list[Turned] = []
    async with Talk(Device(camera.address, USER, PASSWORD)) as talk:
        made = Arm(uuid4(), Head(talk, "one-main"), edges, told.append)
        try:
            await made.do(Steer(made.camera, None, "look"))  # loads what it needs
            yield made, told
        finally:
            await made.close()


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not true():
            await asyncio.sleep(0.02)


async def hold_down(arm: Arm, true: Callable[[], bool], **way: float) -> None:
    """Hold a key, as a page says it, until something is true."""
    async with asyncio.timeout(60):
        while not true():
            await arm.do(Steer(arm.camera, None, "move", **way))
            await asyncio.sleep(0.1)


async def test_a_camera_turns_while_a_key_is_held_and_stops_when_nobody_says_so_any_more() -> None:
    with device() as camera:
        head = camera.head
        async with arm(camera, Edges()) as (made, told):
            await hold_down(made, lambda: head.at().pan > 0.05, pan=1.0)
            await until(lambda: not head.moving)  # the page is gone
            assert any(one.moving for one in told)
            await made.do(Steer(made.camera, None, "home"))
            await until(lambda: head.at() == head.home and not head.moving)
            await hold_down(made, lambda: head.at().pan < -0.05, pan=-1.0)
            await made.do(Steer(made.camera, None, "stop"))
            assert not head.moving


async def test_neither_hand_nor_preset_nor_press_leads_beyond_the_edges() -> None:
    edges = Edges(pan=(-0.1, 0.15), zoom=(-float("inf"), 0.5))
    with device() as camera:
        async with arm(camera, edges) as (made, told):
            await hold_down(made, lambda: camera.head.at().pan > 0.12, pan=1.0, tilt=0.3)
            await hold_down(made, lambda: any(one.edge for one in told), pan=1.0)
            assert camera.head.at().pan <= 0.15 + SLACK
            await made.do(Steer(made.camera, None, "stop"))
            heard = await made.do(Steer(made.camera, None, "look"))
            assert [one.open for one in heard.presets or []] == [False, False, True]
            with pytest.raises(CameraError):
                await made.do(Steer(made.camera, None, "preset", word="2"))
            await made.do(Steer(made.camera, None, "centre", pan=1.0))
            await until(lambda: camera.head.at().pan > 0.15 + SLACK or camera.head.moving)
            await until(lambda: not camera.head.moving and edges.hold(Position(*camera.head.at())))


async def until_returned(camera: Camera) -> None:
    rows = SteeringSession.objects.filter(camera=camera, returned=None)
    async with asyncio.timeout(30):
        while await asyncio.to_thread(rows.exists):
            await asyncio.sleep(0.1)


def hands_on(address: str) -> tuple[Camera, list[Account]]:
    """A camera behind address, an operator and a shift leader with a reason."""
    city = City.objects.create(key="quiet", simulated=True)
    (site,) = make_sites(city, ("경기도 고요시 시장길 2", "crime", 127.004))
    record_cameras(city, [CameraSpec(site, 1, user=USER, password=PASSWORD)], ME)
    record_onvif(city, {"C1-1": (address, "one-main")})
    hall = create_organisation(ME, city, "hall", "city", {"ko": "시청"})
    people = [make_person(role, hall) for role in ("operator", "shift_leader")]
    for one in people:
        choose_reason(one, city, "event")
    return Camera.objects.select_related("city").get(), people


async def test_an_intake_hears_only_the_hand_on_a_camera_and_brings_it_home(
    django_database: TestDatabase, nats_server: TestNats
) -> None:
    with device() as onvif:
        camera, people = await asyncio.to_thread(hands_on, onvif.address)
        nats = await connect(nats_server.url, "test")
        arms = Arms(nats, lambda _camera: True)

        async def wish(session: SteeringSession, do: Do, **words: Any) -> str:
            asked = encode(Steer(camera.pk, session.pk, do, **words))
            answer = await nats.request(wish_of(camera.pk), asked, timeout=60)
            return read_heard(answer.data).why

        first, second = [
            (await asyncio.to_thread(hand.take, camera, claim(one))).session for one in people
        ]
        await arms.begin()
        try:
            assert await wish(first, "preset", word="1") != ""
            assert await wish(second, "preset", word="2") == ""
            assert await wish(first, "stop") != ""
            await until(lambda: abs(onvif.head.at().pan - 0.3) < 0.01)
            await asyncio.to_thread(hand.end, second, LetGo.RELEASED)  # … and nobody tells intake
            long_ago = {"began": timedelta(minutes=9), "ended": timedelta(minutes=8)}
            for one in (first, second):
                await asyncio.to_thread(let_pass, one, **long_ago)
            await until(lambda: onvif.head.at() == onvif.head.home)
            await until_returned(camera)
        finally:
            await arms.end()
            await nats.close()
