"""The console in trouble: sixteen thousand sites at once, a lost line, a laptop asleep."""

from __future__ import annotations

import asyncio
import csv
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import pytest

from fixtures.browser import Serve, Site, Visitor, barriers, sign_in
from fixtures.live_site import BOX, opened_log
from fixtures.nats import CONFIG, TestNats, free_port

if TYPE_CHECKING:
    from playwright.sync_api import Page, WebSocketRoute

pytestmark = [pytest.mark.browser, pytest.mark.story]
PORT = free_port()
URL = f"nats://127.0.0.1:{PORT}"
SITE = Serve(environment={"NATS_URL": URL})
SLOW = 60_000  # a software renderer on a busy machine
SITES = 16_000
WIDE, HIGH = (
    (BOX["east"] - BOX["west"]) / 8,
    (BOX["north"] - BOX["south"]) / 6,
)  # of a dong, degrees
MOST_HEAP = 150e6  # bytes of script with all of them on the map and in the table
REGISTER = ["관리번호", "설치목적구분", "카메라대수", "소재지도로명주소", "WGS84경도", "WGS84위도"]
# The one that was imported, again and again, where MANY says.
MANY_MORE = """
INSERT INTO cameras_site SELECT (jsonb_populate_record(one, jsonb_build_object(
    'id', gen_random_uuid(), 'key', 500000 + n, 'road_address', '가온로 ' || n,
    'purpose', (ARRAY['crime', 'school-zone', 'enforcement', 'disaster'])[mod(n, 4) + 1],
    'lon', east, 'lat', north, 'x', one.x + (east - one.lon) * 88700,
    'y', one.y + (north - one.lat) * 111000))).*
FROM cameras_site one, unnest(%s::float8[], %s::float8[]) WITH ORDINALITY spread(east, north, n)
"""
NO_WEBGL = "HTMLCanvasElement.prototype.getContext = () => null;"
Result = TypeVar("Result")
Shoot = Callable[["Page", str], Path]


def beside(act: Callable[[], Result]) -> Result:
    """Do something in a thread: Playwright's loop runs in this one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(act).result()


@pytest.fixture(scope="module", autouse=True)
def nats(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestNats]:
    server = TestNats(tmp_path_factory.mktemp("nats"), CONFIG.replace("{port}", str(PORT)))
    server.port = PORT
    server.start()
    beside(lambda: asyncio.run(make_streams()))
    yield server
    server.kill()


async def make_streams() -> None:
    async with opened_log(URL):
        pass


@pytest.fixture(scope="module")
def cookies(site: Site, nats: TestNats, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The session of an operator of a city with sixteen thousand camera sites."""
    file = tmp_path_factory.mktemp("register") / "cctv.csv"

    def make() -> dict[str, str]:
        with site.django():
            return made_city(file)

    return beside(make)


def spread() -> Iterator[list[float]]:
    """Longitudes and latitudes of all but one site: corners of streets, more in some dong than in others."""
    import numpy as np

    random = np.random.default_rng(4)
    middles = np.array([(lon, lat) for _key, _gu, lon, lat in dongs()])
    share = random.dirichlet(np.full(len(middles), 1.6))
    at = middles[random.choice(len(middles), SITES - 1, p=share)]
    at = at + random.normal(0, (0.0042, 0.0036), at.shape)
    street = np.array((0.0011, 0.0009))
    corner = np.round(at / street) * street + random.normal(0, 0.00009, at.shape)
    inside = np.clip(corner, (BOX["west"], BOX["south"]), (BOX["east"], BOX["north"]))
    yield from (inside[:, 0].tolist(), inside[:, 1].tolist())


def dongs() -> Iterator[tuple[str, str, float, float]]:
    """Key, gu and middle of forty-eight dong, eight by six, of four gu."""
    for column in range(8):
        for row in range(6):
            gu = f"4111{column // 4 * 2 + row // 3 + 1}"
            lon = BOX["west"] + WIDE * (column + 0.5)
            lat = BOX["south"] + HIGH * (row + 0.5)
            yield f"{gu}{column + 1}{row}000", f"{gu}00000", lon, lat


def bring_districts(city: object) -> None:
    from shapely import box, union_all

    from madang.ground.city.models import District
    from madang.ground.city.public import Record, Source, write
    from madang.ground.trail.public import Actor

    parts: dict[str, list[object]] = {}
    records = []
    for number, (key, gu, lon, lat) in enumerate(dongs(), 1):
        outline = box(lon - WIDE / 2, lat - HIGH / 2, lon + WIDE / 2, lat + HIGH / 2)
        parts.setdefault(gu, []).append(outline)
        said = {"level": "dong", "parent_key": gu, "names": {"ko": f"가온{number}동"}}
        records.append(Record(District, key, said, outline))
    for name, (key, outlines) in zip(
        ("가람구", "나래구", "다솜구", "라온구"), parts.items(), strict=True
    ):
        said = {"level": "gu", "parent_key": None, "names": {"ko": name}}
        records.insert(0, Record(District, key, said, union_all(outlines)))
    write(city, Source("districts", {"ko": "구와 동"}), records, Actor(name="test"))  # type: ignore[arg-type]


def made_city(file: Path) -> dict[str, str]:
    from django.db import connection

    from fixtures.people import make_person
    from ground.city.bringing import bring_file
    from madang.ground.city.models import City
    from madang.ground.people.public import create_organisation
    from madang.ground.trail.public import Actor

    city = City.objects.create(key="demo", names={"ko": "마당시"}, simulated=True, **BOX)
    with file.open("w", newline="") as out:
        csv.writer(out).writerows([REGISTER, [500_000, "생활방범", 1, "가온로 0", 126.93, 37.22]])
    bring_districts(city)
    bring_file(city, file)
    with connection.cursor() as cursor:
        cursor.execute(MANY_MORE, list(spread()))
    hall = create_organisation(Actor(name="test"), city, "hall", "city", {"ko": "시청"})
    return sign_in(make_person("operator", hall))


@dataclass
class Line:
    """The live socket of a page, which a test may cut and mend."""

    cut: bool = False
    open: list[WebSocketRoute] = field(default_factory=list)

    def __call__(self, socket: WebSocketRoute) -> None:
        if self.cut:
            socket.close(code=1012)
            return
        self.open.append(socket)
        socket.connect_to_server()

    def lose(self) -> None:
        self.cut = True
        for socket in self.open:
            socket.close(code=1012)
        self.open.clear()


def opened(page: Page) -> Page:
    page.wait_for_selector("[data-idle]", timeout=SLOW)
    return page


def test_sixteen_thousand_sites_are_drawn_listed_and_found(
    visit: Visitor, cookies: dict[str, str], shoot: Shoot
) -> None:
    page = opened(visit("/demo/console/", theme="dark", cookies=cookies))
    page.locator(".side-panel").get_by_text("16,000").wait_for(timeout=SLOW)
    page.keyboard.press("t")
    page.get_by_role("combobox", name="레이어").select_option("cameras")
    page.get_by_text("16,000건 중 16,000건").wait_for(timeout=SLOW)
    assert page.locator(".table tbody tr").count() < 100  # only what is in sight is in the page
    page.get_by_role("searchbox", name="행 거르기").fill("재난")
    page.get_by_text("16,000건 중 4,000건").wait_for(timeout=SLOW)
    page.get_by_role("button", name="표 닫기").click()
    page.keyboard.type("515999")
    page.keyboard.press("Enter")
    page.locator(".inspector").get_by_text("가온로 15999").first.wait_for(timeout=SLOW)
    page.keyboard.press("Escape")
    page.keyboard.press("Home")
    page.keyboard.press("c")
    page.get_by_role("row", name="생활방범").get_by_text("4,000").wait_for(timeout=SLOW)
    opened(page)
    shoot(page, "console-sixteen-thousand")
    assert barriers(page) == []
    page.keyboard.press("c")
    for nearer in ("clusters", "sites"):  # they fall apart, then each site is a sign of its own
        page.locator(".maplibregl-canvas").focus()
        page.keyboard.press("Shift+Equal")  # two steps at once
        page.wait_for_selector(".map:not([data-idle])", timeout=SLOW)
        opened(page)
        shoot(page, f"console-sixteen-thousand-{nearer}")
    session = page.context.new_cdp_session(page)
    session.send("HeapProfiler.collectGarbage")
    assert session.send("Runtime.getHeapUsage")["usedSize"] < MOST_HEAP


def test_a_lost_line_and_an_hour_of_sleep_are_said_until_it_is_live_again(
    visit: Visitor, site: Site, cookies: dict[str, str], shoot: Shoot
) -> None:
    line = Line()
    page = visit("/account/login/", theme="dark", cookies=cookies)
    page.route_web_socket("**/live", line)
    page.clock.install()
    page.goto(f"{site.url}/demo/console/")
    opened(page)
    connection = page.locator("button.connection")
    connection.get_by_text("실시간").wait_for(timeout=SLOW)
    line.lose()
    page.route("**/api/**", lambda route: route.abort())
    banner = page.get_by_role("alert").filter(has_text="연결이 끊겼습니다")
    banner.wait_for(timeout=SLOW)
    page.keyboard.press("/")
    page.keyboard.type("도서관")
    page.get_by_text("지금은 검색이 응답하지 않습니다").wait_for(timeout=SLOW)
    page.keyboard.press("Escape")

    page.clock.fast_forward("01:00:00")  # the lid was closed; timers of an hour fire once
    layer = page.locator(".side-panel li").filter(has_text="카메라 설치 장소").first
    layer.get_by_text("볼 수 없음").wait_for(timeout=SLOW)  # asked anew, in vain
    assert connection.inner_text().strip() == "연결 끊김"
    shoot(page, "console-slept")
    assert barriers(page) == []

    page.get_by_role("button", name="지금 시도").click()
    banner.wait_for()  # in vain: it is still said
    page.unroute("**/api/**")
    line.cut = False  # and it finds back by itself
    connection.get_by_text("실시간").wait_for(timeout=SLOW)
    layer.get_by_text("16,000").wait_for(timeout=SLOW)
    assert banner.count() == 0
    visit.complaints.clear()  # the browser complains of what was cut here


def test_a_wall_without_webgl_says_so(visit: Visitor, site: Site, cookies: dict[str, str]) -> None:
    page = visit("/account/login/", theme="dark", cookies=cookies)
    page.add_init_script(NO_WEBGL)
    page.goto(f"{site.url}/demo/board/")
    page.get_by_text("지도를 그릴 수 없습니다").wait_for(timeout=SLOW)
    assert barriers(page) == []
    visit.complaints.clear()  # MapLibre says on the console that it found no WebGL
