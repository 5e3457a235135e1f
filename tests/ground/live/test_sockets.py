"""The live socket as a browser meets it: a real web process, a real log, real sessions."""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import msgpack
import pytest
import websockets

from fixtures.live_site import BOX, CITY, KIND, LiveSite, numbers, operator, positions
from madang.ground.bus.log import Log
from madang.ground.cases.domain.handling import acknowledge, close
from madang.ground.cases.domain.raising import Cause, Finding, raise_alarm
from madang.ground.cases.models import Outcome
from madang.ground.cases.outbox import Outbox
from madang.ground.city.models import City
from madang.ground.people.models import Membership
from madang.ground.people.public import end_role
from madang.ground.sensing.domain.devices import DeviceSpec, register_devices
from madang.ground.trail.public import Actor

pytestmark = pytest.mark.one_server

TOPIC = f"{CITY}/{KIND}"


async def test_an_operator_sees_what_moves(live_site: LiveSite, log: Log) -> None:
    _, cookie = await asyncio.to_thread(operator)
    devices = await asyncio.to_thread(numbers)
    await log.publish(positions(devices[:3]))
    async with live_site.screen(cookie) as screen:
        plane = await _subscribed(screen, TOPIC)
        shown = await screen.until("full")
        if not shown["rows"]:
            shown = await screen.until("change")
        assert sorted(shown.ids) == devices[:3]
        x, y = float(shown.column(1)[0]), float(shown.column(2)[0])
        assert abs(x + plane["x0"] - positions(devices[:1]).x[0]) < 0.01
        assert abs(y + plane["y0"] - positions(devices[:1]).y[0]) < 0.01
        names = await screen.until("names")
        assert names["labels"][:2] == ["버스 1", "버스 2"]
        began = time.monotonic()
        await log.publish(positions([devices[7]], step=5))
        moved = await screen.until("change", lambda seen: devices[7] in seen.ids)
        age = moved.column(3)[moved.ids.index(devices[7])]
        assert 0 <= age <= time.monotonic() - began + 0.1, "its age travels along"


async def test_a_device_registered_while_screens_look_on_is_shown(
    live_site: LiveSite, log: Log
) -> None:
    _, cookie = await asyncio.to_thread(operator)

    def register() -> int:
        spec = DeviceSpec("late", "cable_car", "늦은 버스")
        return register_devices(City.objects.get(key=CITY), [spec], Actor(name="test"))[
            "late"
        ].number

    async with live_site.screen(cookie) as screen:
        await _subscribed(screen, TOPIC)
        number = await asyncio.to_thread(register)
        publishing = asyncio.create_task(_keep_saying(log, [number]))
        await screen.until("change", lambda seen: number in seen.ids)
        publishing.cancel()
        assert any("늦은 버스" in seen["labels"] for seen in screen.seen if seen["t"] == "names"), (
            "its name comes before it"
        )


async def test_a_city_made_while_screens_are_open_is_known_at_once(live_site: LiveSite) -> None:
    """Not only when the tables are read again, which is every half minute."""
    _, cookie = await asyncio.to_thread(operator)
    topic = f"second/{KIND}"

    def make() -> None:
        City.objects.create(key="second", names={"ko": "둘째시"}, **BOX)

    async with live_site.screen(cookie) as screen:
        await screen.until("hello")
        await screen.say(t="subscribe", topics=[topic])
        assert (await screen.until("refused"))["topics"] == {topic: "unknown_city"}
        await asyncio.to_thread(make)
        async with asyncio.timeout(10):
            while not any(seen["topics"] == {topic: "no_right"} for seen in _refusals(screen)):
                await screen.say(t="subscribe", topics=[topic])
                await asyncio.sleep(0.2)


def _refusals(screen: Any) -> list[Any]:
    return [seen for seen in screen.seen if seen["t"] == "refused"]


async def test_alarms_are_told_as_they_change(live_site: LiveSite, log: Log) -> None:
    _, cookie = await asyncio.to_thread(operator)

    def raise_one(cause: str) -> Any:
        finding = Finding(datetime.now(UTC), "장안지하차도")
        city = City.objects.get(key=CITY)
        return raise_alarm(Actor(name="desk"), city.pk, Cause("underpass_flooded", cause), finding)

    before = await asyncio.to_thread(raise_one, "before")
    with ThreadPoolExecutor(1) as threads:
        async with live_site.screen(cookie) as screen:
            await _subscribed(screen, f"{CITY}/alarms")
            found = await screen.until("records", lambda seen: bool(seen["items"]))
            assert found["items"][0]["key"] == str(before.pk)
            assert found["items"][0]["severity"] == 4
            later = await asyncio.to_thread(raise_one, "later")
            kim = Actor(name="김관제")
            await asyncio.to_thread(acknowledge, kim, later.city_id, later.pk)
            await asyncio.to_thread(close, kim, later.city_id, later.pk, Outcome.TRUE)
            await Outbox(log, threads).publish()
            ended = await screen.until("record", lambda seen: bool(seen["over"]))
            said = [seen["item"]["state"] for seen in screen.seen if seen["t"] == "record"]
            assert said == ["open", "acknowledged", "closed"]
            assert ended["item"]["closed_by"] == "김관제"


async def test_a_right_that_is_taken_ends_what_it_showed_at_once(
    live_site: LiveSite, log: Log
) -> None:
    account, cookie = await asyncio.to_thread(operator)
    devices = await asyncio.to_thread(numbers)

    def take_role() -> None:
        end_role(Actor(name="test"), Membership.objects.get(account=account))

    async with live_site.screen(cookie) as screen:
        await _subscribed(screen, TOPIC)
        await asyncio.to_thread(take_role)
        async with asyncio.timeout(3):
            assert (await screen.until("ended"))["topics"] == [TOPIC]
        before = len(screen.seen)
        await log.publish(positions(devices))
        await asyncio.sleep(1)
        assert not {seen["t"] for seen in screen.seen[before:]} & {"full", "change"}
        await screen.say(t="subscribe", topics=[TOPIC])
        assert (await screen.until("refused"))["topics"] == {TOPIC: "no_right"}


async def test_signing_out_elsewhere_closes_the_socket(live_site: LiveSite) -> None:
    _, cookie = await asyncio.to_thread(operator)

    def sign_out() -> None:
        from django.contrib.sessions.models import Session

        Session.objects.get(session_key=cookie.partition("=")[2]).delete()

    async with live_site.screen(cookie) as screen:
        await screen.until("hello")
        await asyncio.to_thread(sign_out)
        code, reason = await screen.closed()
        assert (code, reason) == (4401, "signed out; sign in again")


async def test_strangers_and_strange_words(live_site: LiveSite) -> None:
    """A visitor sees nothing, another site's page is not let in, and garbage is told to be garbage."""
    async with live_site.screen() as visitor:
        await visitor.until("hello")
        await visitor.say(t="subscribe", topics=[TOPIC, f"{CITY}/alarms", "nowhere/devices"])
        assert set((await visitor.until("refused"))["topics"].values()) == {
            "no_right",
            "unknown_city",
        }
    with pytest.raises(websockets.InvalidStatus) as refused:
        await live_site.connection(Origin="https://elsewhere.example")
    assert refused.value.response.status_code == 403
    async with live_site.screen(Origin=f"http://127.0.0.1:{live_site.port}") as ours:
        await ours.until("hello")
    for garbage, code in (
        (b"\xc1\xc1\xc1", 4400),
        ("subscribe", 4400),
        (msgpack.packb({"t": "subscribe", "topics": [None]}), 4400),
        (bytes(300_000), 4413),
    ):
        async with live_site.screen() as strange:
            await strange.connection.send(garbage)
            closed, reason = await strange.closed()
            assert closed == code
            assert reason, "the reason says what was wrong"


async def _subscribed(screen: Any, topic: str) -> dict[str, Any]:
    """Follow the topic; what the screen is told of the city."""
    await screen.until("hello")
    await screen.say(t="subscribe", topics=[topic])
    await screen.until("subscribed")
    plane: dict[str, Any] = (await screen.until("city")).head
    return plane


async def _keep_saying(log: Log, devices: list[int]) -> None:
    for step in range(1000):
        await log.publish(positions(devices, step))
        await asyncio.sleep(0.2)
