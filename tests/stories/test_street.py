"""Traffic on the console: an operator sees where it is held up, what a signal shows, what was counted, and
has a district driven by SUMO."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import psutil
import pytest

from fixtures.browser import ROOT, Serve, Site, Visitor, barriers, sign_in
from fixtures.nats import TestNats

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from madang.ground.city.models import City
    from madang.systems.traffic.engine.network import Network

pytestmark = [pytest.mark.browser, pytest.mark.story]
SLOW = 60_000  # a software renderer on a busy machine
BOX = {"west": 127.02, "south": 37.257, "east": 127.039, "north": 37.271}
# vehicles an hour; the first street has two lanes, and no plan of any hour lets half as many through
VOLUMES = (4200, 90, 420, 700, 900, 1100, 1300, 1500, 1800, 2300, 350, 650, 1000)
MIDDLE = "N000013"  # of the town's 25 crossings
Shoot = Callable[["Page", str], Path]


@pytest.fixture(scope="module", autouse=True)
def nats(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[TestNats]:
    """Before the site, which must know its address."""
    server = TestNats(tmp_path_factory.mktemp("nats"))
    server.start()
    request.module.SITE = Serve(environment={"NATS_URL": server.url})
    yield server
    server.stop()


@pytest.fixture(scope="module")
def twin(nats: TestNats, site: Site) -> Iterator[psutil.Process]:
    """The process that holds microscopic windows."""
    words = [sys.executable, ROOT / "tests" / "process.py", "twin"]
    process = subprocess.Popen(words, env=site.environment)
    wait_until_it_answers(nats.url)
    yield psutil.Process(process.pid)
    process.terminate()
    process.wait(30)


def wait_until_it_answers(url: str) -> None:
    from madang.ground.bus.asking import Asker, UnansweredError
    from madang.systems.traffic.micro.messages import SUBJECT, Look, encode

    until, nobody = time.monotonic() + 120, uuid4()
    with closing(Asker(url, "test")) as asker:
        while time.monotonic() < until:
            with suppress(UnansweredError):
                asker.ask(SUBJECT, encode(Look(city=nobody, person=nobody, window=nobody)), 20)
                return
            time.sleep(0.1)
    raise AssertionError("the process of windows does not answer")


@pytest.fixture(scope="module")
def cookies(site: Site) -> dict[str, str]:
    """The session of an operator of a town with signals and detectors."""
    from fixtures.lit_streets import bring_streets, put_detectors
    from fixtures.people import make_person
    from madang.ground.city.models import City
    from madang.ground.people.public import create_organisation
    from madang.ground.trail.public import Actor
    from madang.systems.traffic.domain.in_force import in_force

    with site.django():
        names = {"ko": "불빛시", "en": "Lit"}
        city = City.objects.create(key="lit", names=names, simulated=True, **BOX)
        bring_streets(city)
        City.objects.filter(key="lit").update(**BOX)
        found = in_force(city)
        assert found is not None
        turns, ids = found.network.turns, found.network.edges.ids
        lit = sorted({ids[edge] for edge in turns.from_edge[turns.signal >= 0].tolist()})
        put_detectors(city, dict(zip(lit[::3], VOLUMES * 2, strict=False)))
        put_field(city, found.network)
        hall = create_organisation(Actor(name="test"), city, "hall", "city", {"ko": "시청"})
        return sign_in(make_person("operator", hall))


def put_field(city: City, network: Network) -> None:
    """A crossing whose turns are counted and whose controller reports, and two sections to it."""
    from fixtures.field_devices import count, put, say, take
    from madang.systems.traffic.engine.approaches import approaches, channel

    signal = [one.key for one in network.signals.controllers].index(MIDDLE)
    crossing = put(city, "smart_crossing", MIDDLE)
    for number, one in enumerate(approaches(network, signal), 1):
        for way in one.turns:
            for quarter in range(8):
                count(crossing, channel(number, way), 300, 37 * number, 60 + quarter * 900)
    controller = put(city, "signal_controller", MIDDLE)
    say(controller, "plan", "2", 30)
    say(controller, "phase", "φ1", 2)
    for ends, seconds in ((f"N000011>{MIDDLE}", 61.0), (f"N000023>{MIDDLE}", 180.0)):
        section = put(city, "travel_time_section", ends)
        count(section, "read", 300, 48, 50)
        count(section, "matched", 300, 31, 50)
        take(section, "travel_time", seconds, 50)


def test_levels_signals_and_detectors(
    visit: Visitor, cookies: dict[str, str], shoot: Shoot
) -> None:
    page = visit("/lit/console/", theme="dark", cookies=cookies)
    page.wait_for_selector("[data-idle]", timeout=SLOW)
    page.get_by_role("checkbox", name="서비스수준").check()
    page.get_by_role("checkbox", name="신호", exact=True).check()
    page.get_by_role("checkbox", name="차량검지기").check()
    page.get_by_role("button", name="서비스수준 표", exact=False).click()
    table = page.get_by_role("region", name="행", exact=True)
    by_delay = table.get_by_role("button", name="제어지체 (초)")
    by_delay.click()
    first = table.locator("tbody tr:not(.gap)").first
    first.get_by_text("알 수 없음").first.wait_for(timeout=SLOW)
    by_delay.click()
    first.get_by_text("FFF").wait_for(timeout=SLOW)
    shoot(page, "street-table")
    table.locator("button.row").first.click()
    inspector = page.locator(".inspector")
    inspector.get_by_text("서비스수준 산정 방법").wait_for(timeout=SLOW)
    assert "도로용량편람" in inspector.inner_text()
    inspector.locator(".course").first.wait_for(timeout=SLOW)
    page.get_by_role("button", name="표 닫기").click()
    page.wait_for_selector("[data-idle]", timeout=SLOW)
    shoot(page, "street-road")
    assert barriers(page) == []


def test_what_stands_at_crossings(visit: Visitor, cookies: dict[str, str], shoot: Shoot) -> None:
    page = visit("/lit/console/", theme="light", cookies=cookies)
    page.wait_for_selector("[data-idle]", timeout=SLOW)
    page.get_by_role("checkbox", name="구간통행시간").check()
    page.get_by_role("button", name="구간통행시간 표", exact=False).click()
    table = page.get_by_role("region", name="행", exact=True)
    table.get_by_text("65").first.wait_for(timeout=SLOW)  # per cent that matched
    table.locator("button.row").first.click()
    inspector = page.locator(".inspector")
    inspector.get_by_text("측정 구간").wait_for(timeout=SLOW)
    assert "31대 (65 %)" in inspector.inner_text()
    page.get_by_role("button", name="표 닫기").click()
    page.wait_for_selector("[data-idle]", timeout=SLOW)
    shoot(page, "street-sections")
    page.get_by_role("checkbox", name="구간통행시간").uncheck()
    page.get_by_role("checkbox", name="신호", exact=True).check()
    page.get_by_role("button", name="신호 표", exact=False).click()
    table.get_by_text("제어기", exact=True).first.wait_for(timeout=SLOW)
    table.locator("tbody tr:not(.gap)", has_text="12사거리").locator("button.row").click()
    inspector.get_by_text("최근 15분 회전교통량").wait_for(timeout=SLOW)
    said = inspector.inner_text()
    assert "제어기 보고" in said
    assert "북쪽에서" in said
    assert "직진" in said
    inspector.get_by_text("하루 회전교통량").scroll_into_view_if_needed()
    shoot(page, "street-crossing")
    assert barriers(page) == []


def test_a_district_is_driven_by_sumo(
    visit: Visitor, cookies: dict[str, str], shoot: Shoot, twin: psutil.Process
) -> None:
    page = visit("/lit/console/", theme="dark", cookies=cookies)
    page.wait_for_selector("[data-idle]", timeout=SLOW)
    page.get_by_role("button", name="미시 교통 창").click()
    window = page.get_by_role("region", name="미시 교통 창")
    window.get_by_text("한 점을 누르세요").wait_for()
    point_at_the_middle(page)
    window.get_by_text("상태에서 시작한 SUMO 모의").wait_for(timeout=2 * SLOW)
    window.get_by_text("알 수 없어").wait_for()  # what comes in where nothing is counted
    count = window.locator("dd").first
    assert int(count.inner_text().replace(",", "")) > 5
    for _ in range(2):
        page.get_by_role("button", name="확대", exact=True).click()
        page.wait_for_selector("[data-idle]", timeout=SLOW)
    shoot(page, "street-window")
    assert barriers(page) == []
    (sumo,) = running(twin)
    sumo.kill()
    window.get_by_role("alert").get_by_text("도중에 끝났습니다").wait_for(timeout=SLOW)
    window.get_by_role("button", name="다시 열기").click()
    window.get_by_text("상태에서 시작한 SUMO 모의").wait_for(timeout=2 * SLOW)
    assert len(running(twin)) == 1
    page.keyboard.press("d")
    page.set_viewport_size({"width": 360, "height": 780})
    page.get_by_role("button", name="닫기", exact=True).first.click()  # the panel of layers
    page.wait_for_selector("[data-idle]", timeout=SLOW)
    shoot(page, "street-window-phone")
    window.get_by_role("button", name="미시 창 닫기").click()
    window.wait_for(state="detached")
    until = time.monotonic() + 30
    while running(twin) and time.monotonic() < until:
        time.sleep(0.1)
    assert running(twin) == []


def point_at_the_middle(page: Page) -> None:
    box = page.locator(".map").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)


def running(twin: psutil.Process) -> list[psutil.Process]:
    """The simulations of the process that have not ended."""
    children = twin.children()
    return [one for one in children if one.status() != psutil.STATUS_ZOMBIE]
