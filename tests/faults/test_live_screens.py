"""Screens while servers die, come back, or other screens hang."""

from __future__ import annotations

import asyncio

import psutil
import pytest

from fixtures.live_site import CITY, KIND, LiveSite, Screen, numbers, operator, positions
from madang.ground.bus.log import Log
from madang.ground.bus.messages import now_ms

pytestmark = pytest.mark.fault

TOPIC = f"{CITY}/{KIND}"


async def test_the_web_process_is_killed_and_every_screen_comes_back(
    live_site: LiveSite, log: Log
) -> None:
    """The new process knows from the log what moved just before, without a word from any device."""
    _, cookie = await asyncio.to_thread(operator)
    devices = await asyncio.to_thread(numbers)
    for _ in range(2):
        await log.publish(positions(devices))
        screens = [Screen(await live_site.connection(cookie)) for _ in range(20)]
        for screen in screens:
            await shown(screen, set(devices))
        live_site.kill()
        for screen in screens:
            await screen.closed()
        live_site.start()


async def test_what_was_not_heard_for_long_is_told_as_stale_by_a_new_process_too(
    live_site: LiveSite, log: Log
) -> None:
    """Its age travels along, and the greeting says from which age on a screen draws it as stale."""
    _, cookie = await asyncio.to_thread(operator)
    devices = await asyncio.to_thread(numbers)
    for attempt in range(2):
        await log.publish(positions(devices[:2], made=now_ms() - 20_000))
        await log.publish(positions(devices[2:3]))
        async with live_site.screen(cookie) as screen:
            greeting = await screen.until("hello")
            await screen.say(t="subscribe", topics=[TOPIC])
            ages = await ages_of(screen, set(devices[:3]))
        limit = greeting["kinds"][KIND]["stale_after"]
        assert ages[devices[0]] > limit
        assert ages[devices[1]] > limit
        assert ages[devices[2]] < ages[devices[0]] - 5
        if attempt == 0:
            live_site.kill()
            live_site.start()


async def test_a_restart_says_so_and_a_screen_takes_up_where_it_was(
    live_site: LiveSite, log: Log
) -> None:
    _, cookie = await asyncio.to_thread(operator)
    devices = await asyncio.to_thread(numbers)
    await log.publish(positions(devices))
    async with live_site.screen(cookie) as screen:
        await shown(screen, set(devices))
        last = [seen["seq"] for seen in screen.seen if seen["t"] in ("full", "change")][-1]
        epoch = (await screen.until("hello"))["epoch"]
    resume = {"epoch": epoch, "seq": {TOPIC: last}}
    await log.publish(positions(devices[:1], step=1))
    async with live_site.screen(cookie) as again:
        await again.until("hello")
        await again.say(t="subscribe", topics=[TOPIC], resume=resume)
        missed = await again.until("change", lambda seen: seen.ids == devices[:1])
        assert missed["seq"] == last + 1
        assert not [seen for seen in again.seen if seen["t"] == "full"]
        await asyncio.to_thread(live_site.stop)
        assert (await again.closed())[0] == 1012
    live_site.start()
    async with live_site.screen(cookie) as after:
        await after.until("hello")
        await after.say(t="subscribe", topics=[TOPIC], resume=resume)
        await after.until("full", lambda seen: True)


async def test_nats_is_killed_and_comes_back(live_site: LiveSite, log: Log) -> None:
    """Screens are told that nothing is heard, keep what they have, and go on when it is back."""
    _, cookie = await asyncio.to_thread(operator)
    devices = await asyncio.to_thread(numbers)
    await log.publish(positions(devices))
    async with live_site.screen(cookie) as screen:
        await shown(screen, set(devices))
        if not screen.seen[0]["fed"]:
            await screen.until("feed")
        live_site.nats.kill()
        await screen.until("feed", lambda seen: seen["up"] is False)
        await asyncio.to_thread(live_site.nats.start)
        back = [seen for seen in screen.seen if seen["t"] == "feed"]
        await screen.until("feed", lambda seen: seen["up"] and seen not in back)
        await log.publish(positions(devices[:1], step=9))
        await screen.until("change", lambda seen: seen.ids == devices[:1])


async def test_a_screen_that_hangs_costs_the_others_nothing_and_the_server_little(
    live_site: LiveSite, log: Log
) -> None:
    _, cookie = await asyncio.to_thread(operator)
    devices = await asyncio.to_thread(numbers)
    async with live_site.screen(cookie) as quick:
        slow = [Screen(await live_site.connection(cookie)) for _ in range(20)]
        for screen in slow:
            screen.slow = True
        for screen in (quick, *slow):
            await screen.until("hello")
            await screen.say(t="subscribe", topics=[TOPIC])
        await quick.until("full")
        assert live_site.web is not None
        process = psutil.Process(live_site.web.pid)
        before = process.memory_info().rss
        for step in range(200):
            await log.publish(positions(devices, step))
            await asyncio.sleep(0.02)
        last = float(positions(devices, 199).x[0])
        plane = await quick.until("city")
        await quick.until("change", lambda seen: abs(seen.column(1)[0] + plane["x0"] - last) < 0.1)
        assert process.memory_info().rss - before < 30_000_000
        assert max(sum(f["t"] == "change" for f in one.seen) for one in slow) < 20
        await slow[0].say(t="ack", n=slow[0]._messages)
        full = await slow[0].until("full", lambda seen: seen["seq"] > 20)
        assert abs(full.column(1)[0] + plane["x0"] - last) < 0.1
        for screen in slow:
            await screen.leave()


async def test_a_thousand_topics_on_one_socket(live_site: LiveSite, log: Log) -> None:
    _, cookie = await asyncio.to_thread(operator)
    devices = await asyncio.to_thread(numbers)
    cells = [f"{TOPIC}/512/{column}/{row}" for column in range(-20, 20) for row in range(-13, 12)]
    async with live_site.screen(cookie) as screen:
        await screen.until("hello")
        await screen.say(t="subscribe", topics=cells)
        assert len((await screen.until("subscribed"))["topics"]) == 1000
        await log.publish(positions(devices))
        found = await screen.until("change")
        assert sorted(found.ids) == devices
        await screen.say(t="unsubscribe", topics=cells)
        await screen.say(t="subscribe", topics=["demo/incidents"])
        await screen.until("records")


async def ages_of(screen: Screen, devices: set[int]) -> dict[int, float]:
    """The newest age, in seconds, that the screen was told of each device, once it knows them all."""
    ages: dict[int, float] = {}
    async with asyncio.timeout(60):
        while not devices <= ages.keys():
            for seen in screen.seen:
                if seen["t"] in ("full", "change"):
                    ages.update(zip(seen.ids, map(float, seen.column(3)), strict=True))
            await asyncio.sleep(0.05)
    return ages


async def shown(screen: Screen, devices: set[int]) -> None:
    """Follow everything, until every device is on the screen."""
    await screen.until("hello")
    await screen.say(t="subscribe", topics=[TOPIC])
    there: set[int] = set()
    async with asyncio.timeout(60):
        while not devices <= there:
            there = {
                number
                for seen in screen.seen
                if seen["t"] in ("full", "change")
                for number in seen.ids
            }
            await asyncio.sleep(0.05)
