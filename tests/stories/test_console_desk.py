"""The console as an operator works with it: replay, the wall, panels, and what fails around them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from fixtures.browser import Site, Visitor, barriers, sign_in

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from madang.ground.city.models import City

pytestmark = [pytest.mark.browser, pytest.mark.story]
SLOW = 60_000  # a software renderer on a busy machine
LON, LAT = 127.0286, 37.2636
BOX = {"west": 126.93, "south": 37.22, "east": 127.10, "north": 37.34}
NO_WEBGL = """
const real = HTMLCanvasElement.prototype.getContext;
HTMLCanvasElement.prototype.getContext = function (kind, ...more) {
  return /webgl/.test(kind) ? null : real.call(this, kind, ...more);
};
"""
BREAKS = """
const real = WebGL2RenderingContext.prototype.drawArrays;
WebGL2RenderingContext.prototype.drawArrays = function (...words) {
  if (this.canvas.className === "moving") throw new Error("the driver gave up");
  return real.apply(this, words);
};
"""
Shoot = Callable[["Page", str], Path]


@pytest.fixture(scope="module")
def cookies(site: Site) -> dict[str, str]:
    """The session of an operator of a small city, where an ambulance drove for the last hour."""
    from fixtures.people import make_person
    from madang.ground.city.models import City
    from madang.ground.people.public import create_organisation
    from madang.ground.trail.public import Actor

    with site.django():
        city = City.objects.create(
            key="quiet", names={"ko": "고요시", "en": "Quiet"}, simulated=True, **BOX
        )
        drive(city)
        flood(city)
        hall = create_organisation(Actor(name="test"), city, "hall", "city", {"ko": "시청"})
        return sign_in(make_person("operator", hall))


def flood(city: City) -> None:
    """An alarm that was raised forty minutes ago, and is closed now."""
    from django.db import transaction

    from madang.ground.cases.domain.handling import close
    from madang.ground.cases.domain.steps import Told, begin
    from madang.ground.cases.models import Alarm, Outcome, Step
    from madang.ground.trail.public import Actor

    then = datetime.now(UTC) - timedelta(minutes=40)
    times = dict.fromkeys(("happened", "raised", "last_happened"), then)
    where = {"lon": LON, "lat": LAT + 0.004, "x": 0.0, "y": 0.0, "place": "연무 지하차도"}
    words = {"kind": "underpass_flooded", "cause": "1", "subject": "수위 0.42 m", "severity": 4}
    alarm, actor = Alarm(city=city, **words, **where, **times), Actor(name="test")
    with transaction.atomic():
        begin(alarm, actor, Step.RAISED, Told())
    close(actor, city.pk, alarm.pk, Outcome.TRUE)


def drive(city: object) -> None:
    """An ambulance that went round a circle, carrying somebody, a fact a second."""
    import numpy as np
    from django.db import connection

    from madang.ground.city.projection import to_metres
    from madang.ground.sensing.domain.devices import DeviceSpec, register_devices
    from madang.ground.sensing.domain.kinds import KindSpec, declare_kind
    from madang.ground.sensing.models import Device
    from madang.ground.trail.public import Actor

    declare_kind(city, KindSpec("ambulance", {"ko": "구급차"}, max_speed=50))  # type: ignore[arg-type]
    spec = DeviceSpec("AMBULANCE-001", "ambulance", "연무소방서 구급 1호")
    register_devices(city, [spec], Actor(name="test"))  # type: ignore[arg-type]
    number = Device.objects.get().number
    begin = datetime.now(UTC) - timedelta(hours=1)
    angle = np.arange(3600) / 100
    lon, lat = LON + 0.01 * np.sin(angle), LAT + 0.01 * np.cos(angle)
    x, y = to_metres(lon, lat, "EPSG:5186")
    heading = (90 + np.degrees(angle)) % 360
    facts = zip(range(3600), lon, lat, x, y, heading, strict=True)
    with connection.cursor() as cursor:
        days = [begin.date(), begin.date() + timedelta(days=1)]
        cursor.execute("SELECT sensing_make_days(%s, %s)", days)
        cursor.executemany(
            """INSERT INTO sensing_position (device, time, lon, lat, x, y, speed, heading)
               VALUES (%s, %s, %s, %s, %s, %s, 12.5, %s)""",
            [(number, begin + timedelta(seconds=s), *map(float, fact)) for s, *fact in facts],
        )
        cursor.execute(
            "INSERT INTO sensing_state VALUES (%s, 'mission', %s, 'transporting', '')",
            [number, begin],
        )


def opened(page: Page) -> Page:
    page.wait_for_selector("[data-idle]", timeout=SLOW)
    return page


def test_an_ambulance_is_replayed(visit: Visitor, cookies: dict[str, str], shoot: Shoot) -> None:
    page = opened(visit("/quiet/console/", theme="dark", cookies=cookies))
    page.keyboard.press("/")
    page.keyboard.type("구급")
    page.locator(".hits li").first.wait_for(timeout=SLOW)
    page.keyboard.press("Enter")
    inspector = page.locator(".inspector")
    inspector.get_by_text("지금 보이지 않음").wait_for(timeout=SLOW)
    for _ in range(10):
        page.keyboard.press("Comma")
    inspector.get_by_text("이송").wait_for(timeout=SLOW)
    assert "45 km/h" in inspector.inner_text()
    page.get_by_text("과거 재생 — 실시간 아님").wait_for()
    before = page.locator(".time .moment").inner_text()
    page.keyboard.press("Space")
    page.wait_for_function(
        "before => document.querySelector('.time .moment').innerText !== before", arg=before
    )
    page.keyboard.press("Space")
    page.keyboard.press("g")
    shoot(page, "console-replay")
    assert barriers(page) == []
    page.keyboard.press("t")  # what waited then stands on the map, and in the table of alarms
    page.get_by_role("combobox", name="레이어").select_option("alarms")
    row = page.locator(".table tbody tr").filter(has_text="연무 지하차도")
    row.wait_for(timeout=SLOW)
    assert "대기" in row.inner_text()
    shoot(page, "console-replay-alarm")
    page.keyboard.press("End")
    row.wait_for(state="detached", timeout=SLOW)
    inspector.get_by_text("지금 보이지 않음").wait_for(timeout=SLOW)
    assert page.get_by_text("과거 재생 — 실시간 아님").count() == 0


def test_the_wall_follows_a_desk(visit: Visitor, cookies: dict[str, str], shoot: Shoot) -> None:
    wall = opened(visit("/quiet/board/", theme="dark", cookies=cookies))
    desk = opened(visit("/quiet/console/", theme="dark", cookies=cookies))
    desk.keyboard.press("v")
    desk.get_by_placeholder("상황판 제목").fill("매교역 침수")
    desk.keyboard.press("Enter")
    wall.get_by_role("heading", name="매교역 침수").wait_for(timeout=SLOW)
    for _ in range(5):
        desk.keyboard.press("Escape")
    desk.locator(".maps").first.click(position={"x": 300, "y": 300})
    desk.keyboard.press("s")
    desk.keyboard.press("p")
    wall.locator(".panes-2").wait_for(timeout=SLOW)
    shoot(wall, "console-board")
    assert barriers(wall) == []


def test_every_panel_is_without_barriers(
    visit: Visitor, cookies: dict[str, str], shoot: Shoot
) -> None:
    page = opened(visit("/quiet/console/", theme="light", cookies={**cookies, "theme": "light"}))
    found = []
    for key in ("i", "v", "h", "l", "n", "m", "t"):
        page.keyboard.press(key)
        found += [f"{key}: {one}" for one in barriers(page)]
    shoot(page, "console-panels")
    assert found == []


def test_what_fails_is_said_and_the_rest_goes_on(
    visit: Visitor, cookies: dict[str, str], shoot: Shoot
) -> None:
    page = opened(visit("/quiet/console/", theme="dark", cookies=cookies))
    page.route("**/console/points/places**", lambda route: route.abort())
    page.route("**/tiles/**", lambda route: route.abort())
    page.get_by_role("checkbox", name="시설").check()
    page.keyboard.press("h")
    page.locator(".side-panel").get_by_text("볼 수 없음").first.wait_for(timeout=SLOW)
    for _ in range(3):
        page.get_by_role("button", name="확대").click()
    page.get_by_text("지도 일부를 불러오지 못했습니다").wait_for(timeout=SLOW)
    page.keyboard.press("/")
    page.keyboard.type("구급")
    page.locator(".hits li").first.wait_for(timeout=SLOW)
    shoot(page, "console-faults")
    visit.complaints.clear()  # the browser complains of what was cut here


def test_a_broken_layer_is_given_up_and_the_rest_goes_on(
    visit: Visitor, site: Site, cookies: dict[str, str], shoot: Shoot
) -> None:
    page = visit("/account/login/", theme="dark", cookies=cookies)
    page.add_init_script(BREAKS)
    page.goto(f"{site.url}/quiet/console/")
    opened(page)
    for _ in range(10):
        page.keyboard.press("Comma")
    page.locator(".side-panel").get_by_text("그리지 못함").first.wait_for(timeout=SLOW)
    page.keyboard.press("h")
    page.locator(".side-panel").get_by_text("the driver gave up").first.wait_for(timeout=SLOW)
    page.get_by_role("button", name="확대").click()
    page.keyboard.press("/")
    page.keyboard.type("구급")
    page.locator(".hits li").first.wait_for(timeout=SLOW)
    page.keyboard.press("Enter")
    page.locator(".inspector").get_by_text("이송").wait_for(timeout=SLOW)
    shoot(page, "console-broken-layer")
    assert barriers(page) == []


def test_without_webgl_the_table_serves(
    visit: Visitor, cookies: dict[str, str], shoot: Shoot
) -> None:
    page = visit("/quiet/console/", theme="dark", cookies=cookies)
    page.add_init_script(NO_WEBGL)
    page.reload()
    page.get_by_text("지도를 그릴 수 없습니다").wait_for(timeout=SLOW)
    page.get_by_role("combobox", name="레이어").wait_for()
    shoot(page, "console-no-webgl")
    assert barriers(page) == []
    visit.complaints.clear()  # MapLibre says on the console that it found no WebGL
