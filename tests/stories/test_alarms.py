"""A device falls silent: its alarm appears on the open console, is acknowledged by key, and closes.

Vehicles that fall silent are shown as such; and the server restarts under an open console.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import pytest

from fixtures.browser import Serve, Site, Visitor, barriers, sign_in
from fixtures.live_site import opened_log, positions
from fixtures.nats import CONFIG, TestNats, free_port

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.story]
PORT = free_port()
SITE = Serve(("stories.two_stations",), {"NATS_URL": f"nats://127.0.0.1:{PORT}"})
SLOW = 60_000  # a software renderer on a busy machine
EAST = "document.querySelector('.pane .ring').getBoundingClientRect().x"  # of the selected thing
MOVED = f"before => {EAST} > before + 20"
Result = TypeVar("Result")


@pytest.fixture(scope="module", autouse=True)
def nats(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestNats]:
    """The log, on the port that the site was told."""
    server = TestNats(tmp_path_factory.mktemp("nats"), CONFIG.replace("{port}", str(PORT)))
    server.port = PORT
    server.start()
    with ThreadPoolExecutor(1) as pool:
        pool.submit(lambda: asyncio.run(make_streams())).result()
    yield server
    server.kill()


async def make_streams() -> None:
    async with opened_log(f"nats://127.0.0.1:{PORT}"):
        pass


@pytest.fixture(scope="module")
def operator(site: Site) -> dict[str, str]:
    return beside(site, lambda: sign_in(make_operator()))


def beside(site: Site, act: Callable[[], Result]) -> Result:
    """Do something on the site's database, in a thread: Playwright's loop runs in this one."""

    def inside() -> Result:
        with site.django():
            return act()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(inside).result()


def make_operator() -> Any:
    """Somebody who is on duty."""
    from fixtures.people import make_person
    from madang.ground.city.models import City
    from madang.ground.people.public import create_organisation
    from madang.ground.trail.public import Actor

    hall = create_organisation(
        Actor(name="test"), City.objects.get(), "hall", "city", {"ko": "시청"}
    )
    return make_person("operator", hall)


def make_leader() -> Any:
    from fixtures.people import make_person
    from madang.ground.people.models import Organisation

    return make_person("shift_leader", Organisation.objects.get(key="hall"))


def make_incident() -> str:
    """An incident out of one alarm of a rain gauge, both linked with things; its number."""
    from django.utils import timezone

    from madang.ground.cases.domain.incidents import open_incident_of
    from madang.ground.cases.domain.linking import Thing, link
    from madang.ground.cases.domain.raising import Cause, Finding, Spot, raise_alarm
    from madang.ground.cases.models import Alarm
    from madang.ground.city.models import City
    from madang.ground.measure import Measure
    from madang.ground.sensing.models import Device
    from madang.ground.trail.public import Actor

    city, desk, kim = City.objects.get(), Actor(name="desk"), Actor(name="김관제")
    device = Device.objects.get(key="W-1")
    now = timezone.now()
    depth = Measure(value=22.0, unit="cm", time=now, provenance="simulated")
    finding = Finding(now, "장안지하차도", spot=Spot("장안지하차도"), measure=depth, threshold=15.0)
    cause = Cause("underpass_flooded", f"story:{now.timestamp()}")
    alarm = raise_alarm(desk, city.pk, cause, finding)
    link(kim, city.pk, Alarm, alarm.pk, Thing("device", str(device.number), device.name))
    return str(open_incident_of(kim, city.pk, [alarm.pk], "장안지하차도 침수").reference)


def hear(key: str, when: datetime) -> None:
    from madang.ground.sensing.models import Device, Health

    words = {"heard": when, "spoke": when}
    Health.objects.update_or_create(device=Device.objects.get(key=key), defaults=words)


def desk_looks(silent_since: timedelta) -> None:
    """What the desk does every ten seconds: looks for silence, and says what became of alarms."""
    from django.utils import timezone

    from madang.ground.bus.log import Log
    from madang.ground.cases.outbox import Outbox
    from madang.ground.city.models import City
    from madang.ground.desk.silence_desk import SilenceDesk

    now = timezone.now()
    hear("W-1", now)
    hear("W-2", now - silent_since)
    SilenceDesk().look(City.objects.get(), now)

    async def publish() -> None:
        bus = await Log.connect(f"nats://127.0.0.1:{PORT}", "test")
        with ThreadPoolExecutor(1) as threads:
            await Outbox(bus, threads).publish()
        await bus.close()

    asyncio.run(publish())


def test_a_silent_device_is_an_alarm_on_the_open_console_until_it_speaks(
    site: Site,
    operator: dict[str, str],
    visit: Visitor,
    shoot: Callable[[Page, str], Path],
) -> None:
    page = visit("/quiet/console/", theme="dark", cookies=operator)
    page.wait_for_selector("[data-idle]", timeout=SLOW)
    page.keyboard.press("i")
    page.get_by_text("확인을 기다리는 경보가 없습니다.").wait_for(timeout=SLOW)

    beside(site, lambda: desk_looks(timedelta(minutes=5)))
    notice = page.get_by_role("alert").filter(has_text="조원 기상관측소")
    notice.wait_for(timeout=SLOW)
    assert page.title().startswith("(1)")
    assert barriers(page) == []
    shoot(page, "alarm-arrives")

    page.keyboard.press("a")  # nothing is selected yet: it is shown first
    page.locator(".inspector").get_by_text("조원 기상관측소").first.wait_for(timeout=SLOW)
    notice.wait_for(state="hidden")
    page.keyboard.press("a")
    page.locator(".side-panel").get_by_text("사람 0").wait_for(timeout=SLOW)
    page.locator(".inspector").get_by_text("사람 0").first.wait_for(timeout=SLOW)
    assert not page.title().startswith("(")
    shoot(page, "alarm-acknowledged")
    assert barriers(page) == []

    beside(site, lambda: desk_looks(timedelta(0)))
    page.locator(".side-panel li").wait_for(state="detached", timeout=SLOW)


@pytest.mark.parametrize(
    ("language", "theme", "width"),
    [("ko", "dark", 1280), ("ko", "light", 360), ("ja", "light", 360)],
)
def test_the_pages_of_alarms(
    site: Site,
    operator: dict[str, str],
    visit: Visitor,
    shoot: Callable[[Page, str], Path],
    language: str,
    theme: str,
    width: int,
) -> None:
    beside(site, lambda: desk_looks(timedelta(minutes=5)))
    look = {"language": language, "theme": theme, "width": width, "cookies": operator}
    page = visit("/quiet/alarms/", **look)  # type: ignore[arg-type]
    name = f"alarms-{language}-{theme}-{'phone' if width < 500 else 'desk'}"
    shoot(page, name)
    assert barriers(page) == []
    page.get_by_role("link", name="조원 기상관측소").first.click()
    page.wait_for_load_state("networkidle")
    shoot(page, f"{name}-one")
    assert barriers(page) == []


@pytest.mark.parametrize(
    ("language", "theme", "width", "take", "shut", "finish"),
    [
        ("ko", "light", 360, "확인", "경보 종결", "사건 종결"),
        ("en", "dark", 1280, "Acknowledge", "Close the alarm", "Close the incident"),
    ],
)
def test_an_incident_from_its_alarm_to_its_end(
    site: Site,
    operator: dict[str, str],
    visit: Visitor,
    shoot: Callable[[Page, str], Path],
    language: str,
    theme: str,
    width: int,
    take: str,
    shut: str,
    finish: str,
) -> None:
    number = beside(site, make_incident)
    leader = beside(site, lambda: sign_in(make_leader()))
    look = {"language": language, "theme": theme, "width": width, "cookies": leader}
    name = f"incident-{language}-{theme}"
    page = visit("/quiet/incidents/", **look)  # type: ignore[arg-type]
    shoot(page, f"{name}-list")
    assert barriers(page) == []
    page.get_by_role("link", name=number).first.click()
    page.get_by_role("heading", name=number).wait_for()
    shoot(page, name)
    assert barriers(page) == []
    incident = page.url
    page.get_by_role("link", name="장안지하차도").first.click()
    page.locator("#detach + details summary").click()
    shoot(page, f"{name}-alarm")
    page.get_by_role("button", name=take, exact=True).click()
    page.get_by_role("button", name=shut).click()
    page.get_by_role("button", name=shut).wait_for(state="detached")
    shoot(page, f"{name}-alarm-closed")
    assert barriers(page) == []
    page.goto(incident)
    page.locator("#close_result").fill("배수 완료, 통행 재개")
    page.get_by_role("button", name=finish).click()
    page.locator("dd", has_text="통행 재개").wait_for()
    shoot(page, f"{name}-closed")
    assert barriers(page) == []
    page.goto(f"{incident.partition('/incidents/')[0]}/alarms/thresholds/new/")
    shoot(page, f"threshold-new-{language}-{theme}")
    assert barriers(page) == []


class Ambulances:
    """Both speak every half second until they are told to be silent; a step is a metre further east."""

    def __init__(self, site: Site) -> None:
        self.numbers = beside(site, ambulances)
        self.step = 0
        self.silent = threading.Event()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._speak()))

    def __enter__(self) -> Ambulances:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    async def _speak(self) -> None:
        async with opened_log(f"nats://127.0.0.1:{PORT}") as log:
            while not self._ended.is_set():
                if not self.silent.is_set():
                    await log.publish(positions(self.numbers, self.step, city="quiet"))
                await asyncio.sleep(0.5)


def ambulances() -> list[int]:
    from madang.ground.sensing.models import Device

    return list(Device.objects.filter(kind__key="ambulance").values_list("number", flat=True))


def test_vehicles_fall_silent_and_speak_again_and_the_server_restarts_under_the_screen(
    visit: Visitor, site: Site, operator: dict[str, str], shoot: Callable[[Page, str], Path]
) -> None:
    page = visit("/quiet/console/", theme="dark", cookies=operator)
    with Ambulances(site) as fleet:
        page.wait_for_selector("[data-idle]", timeout=SLOW)
        page.evaluate("window.untouched = true")  # gone if the page is loaded anew
        emergency = page.locator(".side-panel li").filter(has_text="긴급차량")
        emergency.get_by_text("2", exact=True).wait_for(timeout=SLOW)
        page.keyboard.press("/")
        page.keyboard.type("구급 1호")
        page.locator(".hits li").first.wait_for(timeout=SLOW)
        page.keyboard.press("Enter")
        inspector = page.locator(".inspector")
        inspector.get_by_text("29 km/h").wait_for(timeout=SLOW)
        old = inspector.get_by_text("오래됨")
        assert old.count() == 0
        page.wait_for_selector("[data-idle]", timeout=SLOW)
        fresh = looks(page)

        fleet.silent.set()
        old.wait_for(timeout=SLOW)
        page.wait_for_timeout(1500)  # the map looks for the silent once a second
        assert looks(page) != fresh  # drawn hollow
        page.keyboard.press("h")
        page.locator(".side-panel").get_by_text("2대는 최근 소식 없음").wait_for(timeout=SLOW)
        shoot(page, "console-stale")
        assert barriers(page) == []
        fleet.silent.clear()
        old.wait_for(state="detached", timeout=SLOW)
        page.wait_for_timeout(1500)
        assert looks(page) == fresh

        before = page.evaluate(EAST)
        site.kill()
        banner = page.get_by_role("alert").filter(has_text="연결이 끊겼습니다")
        banner.wait_for(timeout=SLOW)
        fleet.step = 60
        beside(site, make_incident)
        shoot(page, "console-server-gone")
        site.start()
        banner.wait_for(state="detached", timeout=SLOW)
        page.locator("button.connection").get_by_text("실시간").wait_for(timeout=SLOW)
        page.get_by_role("alert").filter(has_text="장안지하차도").wait_for(timeout=SLOW)
        old.wait_for(state="detached", timeout=SLOW)
        page.keyboard.press("l")
        emergency.get_by_text("2", exact=True).wait_for(timeout=SLOW)
        page.wait_for_function(MOVED, arg=before, timeout=SLOW)  # sixty metres on
        assert page.evaluate("window.untouched")
    visit.complaints.clear()  # the browser complains that the server was gone


def looks(page: Page) -> bytes:
    """What is drawn around the selected thing, under its ring."""
    box = page.locator(".pane .ring").bounding_box()
    assert box is not None
    clip = {"x": box["x"] - 6, "y": box["y"] - 6, "width": 46, "height": 46}
    return page.screenshot(clip=clip)  # type: ignore[arg-type]
