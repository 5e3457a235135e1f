"""A planner plants a street and greens roofs within a budget, while carbon and heat change."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import numpy as np
import pytest

from fixtures import surfaces as yard
from fixtures.browser import ROOT, Serve, Site, Visitor, barriers, sign_in
from fixtures.nats import CONFIG, TestNats
from fixtures.people import make_person

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.story]
SLOW = 60_000  # a software renderer on a busy machine


@pytest.fixture(scope="module", autouse=True)
def nats(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[TestNats]:
    """Before the site, which must know its address."""
    server = TestNats(tmp_path_factory.mktemp("nats"), CONFIG)
    server.start()
    request.module.SITE = Serve(environment={"NATS_URL": server.url})
    yield server
    server.stop()


@pytest.fixture(scope="module", autouse=True)
def process(nats: TestNats, site: Site) -> Iterator[None]:
    import os

    environment = {
        **os.environ, "DATABASE_URL": site.database.app_url,
        "DATABASE_OWNER_URL": site.database.owner_url, "NATS_URL": nats.url,
    }  # fmt: skip
    climate = subprocess.Popen(
        [sys.executable, ROOT / "tests" / "process.py", "climate"], env=environment
    )
    wait_until_it_answers(nats.url)
    yield
    climate.terminate()
    climate.wait(20)


def wait_until_it_answers(url: str) -> None:
    from madang.ground.bus.asking import Asker, UnansweredError
    from madang.systems.climate.messages import SUBJECT, Total, encode

    until = time.monotonic() + 120
    with closing(Asker(url, "test")) as asker:
        while time.monotonic() < until:
            with suppress(UnansweredError):
                asker.ask(SUBJECT, encode(Total(city=uuid4())), 20)
                return
            time.sleep(0.1)
    raise AssertionError("the climate process does not answer")


@pytest.fixture(scope="module")
def planner(site: Site, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    from madang.ground.people.public import create_organisation

    with site.django():
        city = yard.city(tmp_path_factory.mktemp("surfaces"))
        yard.houses(city)
        yard.streets(city)
        hall = create_organisation(yard.ACTOR, city, "hall", "city", {"ko": "시청"})
        return sign_in(make_person("planner", hall))


def test_a_street_is_planted_and_roofs_greened_within_a_budget(
    visit: Visitor,
    site: Site,
    nats: TestNats,
    planner: dict[str, str],
    shoot: Callable[[Page, str], Path],
) -> None:
    from playwright.sync_api import expect

    page = visit("/yard/climate/studio/", cookies=planner, theme="dark")
    page.get_by_role("button", name="새 계획안").click(timeout=SLOW)
    page.get_by_label("계획안 이름").fill("행궁동 가로수")
    page.get_by_role("button", name="시작").click()
    page.get_by_role("heading", name="행궁동 가로수").wait_for(timeout=SLOW)
    page.wait_for_selector('.map[data-idle][data-painted="0"]', timeout=SLOW)
    before = picture(page)
    page.get_by_role("radio", name="가로수").click()
    map_box = page.locator(".map").bounding_box()
    assert map_box
    middle = map_box["y"] + map_box["height"] / 2
    left, right = (map_box["x"] + map_box["width"] * part for part in (0.15, 0.45))
    page.mouse.click(left, middle)
    [dot] = page.locator(".draft circle").all()  # where it was pressed
    drawn = dot.bounding_box()
    assert drawn
    assert abs(drawn["x"] + drawn["width"] / 2 - left) < 2
    assert abs(drawn["y"] + drawn["height"] / 2 - middle) < 2
    page.mouse.move(right, middle, steps=4)
    page.wait_for_selector("table[data-tried=true]", timeout=SLOW)  # while it is being drawn
    page.mouse.click(right, middle)
    page.keyboard.press("Enter")
    page.wait_for_selector('.map[data-painted="1"]', timeout=SLOW)
    assert picture(page) != before
    row = page.get_by_role("row", name="탄소 t C")
    planted = row.locator("td").first.inner_text()
    assert planted.startswith("+")

    page.get_by_role("button", name="이곳의 체감 더위 보기").click()
    page.get_by_role("button", name="지도 가운데").click()
    page.wait_for_selector("table[data-walked=true]", timeout=SLOW)
    felt = page.get_by_role("row", name="체감온도").locator("td")
    assert number(felt.nth(1).inner_text()) < number(
        felt.nth(0).inner_text()
    )  # in the trees' shade
    page.get_by_role("button", name="치우기").click()
    page.get_by_label("보는 단위").select_option("dong")
    page.wait_for_selector('.map[data-areas="2"]', timeout=SLOW)
    page.get_by_label("보는 단위").select_option("cells")

    page.get_by_role("radio", name="예산").click()
    page.get_by_label("예산, 원").fill("60000000")
    page.get_by_role("button", name="선택").click()
    page.get_by_role("button", name="계획안에 넣기").click(timeout=SLOW)
    page.wait_for_selector('.map[data-painted="2"], .map[data-painted="3"]', timeout=SLOW)
    assert "경량형" in page.locator(".studio-tools").inner_text()
    shoot(page, "studio-ko-dark-desk")
    assert barriers(page) == []

    page.keyboard.press("Control+z")
    expect(page.locator(".edits li")).to_have_count(2, timeout=SLOW)  # the trees and one roof

    for_a_budget(page, "가로수", "한 그루 단가(원)", "400000", 8_000_000)
    shoot(page, "studio-ko-dark-trees-for-a-budget")
    for_a_budget(page, "쿨루프", "㎡당 원", "30000", 20_000_000)
    page.get_by_label("레이어").select_option("temperature_change")
    page.wait_for_selector('.map[data-shown="temperature_change"]', timeout=SLOW)
    page.get_by_label("레이어").select_option("night")
    page.wait_for_selector('.map[data-shown="night"]', timeout=SLOW)
    assert "나무와 지붕으로는 바뀌지 않고" in page.locator(".legend").inner_text()
    shoot(page, "studio-ko-dark-night")
    assert barriers(page) == []

    page.get_by_role("link", name="계획안 페이지와 보고서").click()
    page.get_by_role("button", name="보고서 만들기(PDF)").click(timeout=SLOW)
    page.get_by_text("보고서를 만들고 있습니다").wait_for(timeout=SLOW)
    assert barriers(page) == []
    make_reports(site, nats)
    with page.expect_download(timeout=SLOW) as download:
        page.get_by_role("link", name="보고서(PDF)").click(timeout=SLOW)
    assert download.value.path().read_bytes().startswith(b"%PDF-")
    shoot(page, "plan-report-ko-dark-desk")


def for_a_budget(page: Page, aim: str, price: str, won: str, budget: int) -> None:
    """Look for places for a budget, take them, and see carbon or heat change for it."""
    from playwright.sync_api import expect

    page.get_by_role("radio", name="예산").click()
    page.get_by_label("예산으로 할 일").select_option(label=aim)
    assert page.get_by_role("button", name="선택").is_disabled()  # nobody published a price
    page.get_by_label(price).fill(won)
    page.get_by_label("예산, 원").fill(str(budget))
    before, drawn = cost(page), page.locator(".edits li").count()
    page.get_by_role("button", name="선택").click()
    page.get_by_role("button", name="계획안에 넣기").click(timeout=SLOW)
    expect(page.locator(".edits li")).not_to_have_count(drawn, timeout=SLOW)
    page.wait_for_selector("table[data-tried=false]", timeout=SLOW)
    assert before < cost(page) <= before + budget / 1e6


def cost(page: Page) -> float:
    """Million won of the plan, without its interval."""
    told = page.get_by_role("row", name="비용").locator("td").first.inner_text()
    return number(told.split()[0].replace("+", ""))


def make_reports(site: Site, nats: TestNats) -> None:
    """Do what the jobs' process would, asking the climate process of this story."""
    from django.test import override_settings

    from madang.systems.climate import asking

    asking.asker.cache_clear()
    with site.django(), override_settings(NATS_URL=nats.url):
        yard.make_reports()
        asking.asker().close()
    asking.asker.cache_clear()


@pytest.mark.parametrize(
    ("language", "theme", "width"), [("en", "light", 1280), ("ja", "dark", 360)]
)
def test_everybody_may_look_at_plans(
    visit: Visitor,
    planner: dict[str, str],
    shoot: Callable[[Page, str], Path],
    language: str,
    theme: str,
    width: int,
) -> None:
    page = visit("/yard/climate/studio/", language=language, theme=theme, width=width)
    page.wait_for_selector("[data-ready=true]", timeout=SLOW)
    page.wait_for_selector(".map[data-idle]", timeout=SLOW)
    assert page.get_by_role("radio").count() == 0
    shoot(page, f"studio-{language}-{theme}")
    assert barriers(page) == []


@pytest.mark.parametrize(
    ("language", "theme", "width", "word"),
    [
        ("ko", "dark", 360, "관심 등록"),
        ("en", "light", 1280, "Follow"),
        ("ja", "dark", 1280, "フォロー"),
    ],
)
def test_a_citizen_reads_of_a_place_and_of_the_plans_that_touch_it(
    visit: Visitor,
    site: Site,
    planner: dict[str, str],
    shoot: Callable[[Page, str], Path],
    language: str,
    theme: str,
    width: int,
    word: str,
) -> None:
    with site.django():
        begin_a_plan()
    page = visit("/yard/climate/here/", language=language, theme=theme, width=width)
    page.get_by_role("searchbox").fill("1동")
    page.keyboard.press("Enter")
    page.get_by_role("table").wait_for(timeout=SLOW)
    shoot(page, f"here-{language}-{theme}-{width}")
    assert barriers(page) == []
    page.get_by_role("link", name="느티나무길").click()
    page.get_by_role("button", name=word).wait_for(timeout=SLOW)
    shoot(page, f"plan-{language}-{theme}-{width}")
    assert barriers(page) == []


def begin_a_plan() -> None:
    from madang.ground.city.models import City
    from madang.systems.climate.domain import reckoning, scenarios
    from madang.systems.climate.models import Kind, Scenario

    city = City.objects.get(key="yard")
    if Scenario.objects.filter(city=city, name="느티나무길").exists():
        return
    reckoning.reckon(city.pk)
    plan = scenarios.make(city, "느티나무길", yard.ACTOR)
    street = [[(200_020.0, 519_800.0), (200_260.0, 519_800.0)]]
    trees = scenarios.Drawn(Kind.TREES, street, what={"species": "zelkova", "unit_cost": 400_000})
    scenarios.draw(plan.pk, 0, [trees], yard.ACTOR)


def test_a_city_without_surfaces_says_what_to_bring(visit: Visitor, site: Site) -> None:
    with site.django():
        from madang.ground.city.public import make_city

        make_city("bare", {"ko": "빈도시"}, yard.ACTOR)
    page = visit("/bare/climate/studio/", language="ko")
    page.get_by_text("이 도시에는 아직 지표면 자료가 없습니다").wait_for(timeout=SLOW)
    assert barriers(page) == []


def number(text: str) -> float:
    return float(text.replace(",", ""))


def picture(page: Page) -> int:
    """What the map shows, as a number."""
    return int(np.frombuffer(page.locator(".map").screenshot(), np.uint8).astype(np.int64).sum())
