"""The console as an operator and a visitor meet it, on real Suwon."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from fixtures.browser import Site, Visitor, barriers
from ground.city.bringing import bring_file, new_city

if TYPE_CHECKING:
    from playwright.sync_api import Page

SUWON = Path(__file__).parents[3] / "shared" / "suwon"
FILES = ("districts.geojson", "road_nodes.geojson", "road_links.geojson", "cctv.csv")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.story,
    pytest.mark.skipif(not SUWON.exists(), reason="the real files are not beside the project"),
]
SLOW = 60_000  # a software renderer on a busy machine


@pytest.fixture(scope="module", autouse=True)
def suwon(site: Site) -> None:
    with site.django():
        city = new_city("suwon")
        for file in FILES:
            bring_file(city, SUWON / file)


def opened(page: Page) -> Page:
    """The page once its map has drawn all it wants to."""
    page.wait_for_selector("[data-idle]", timeout=SLOW)
    return page


@pytest.mark.parametrize(
    ("language", "theme", "width"),
    [("ko", "dark", 1280), ("ko", "light", 360), ("en", "light", 1280), ("ja", "dark", 360)],
)
def test_the_public_map(
    visit: Visitor,
    shoot: Callable[[Page, str], Path],
    language: str,
    theme: str,
    width: int,
) -> None:
    page = opened(visit("/suwon/console/", language=language, theme=theme, width=width))
    shoot(page, f"console-{language}-{theme}-{'phone' if width < 500 else 'desk'}")
    assert barriers(page) == []


def test_a_camera_is_found_by_the_end_of_its_number(
    visit: Visitor, shoot: Callable[[Page, str], Path]
) -> None:
    from playwright.sync_api import expect

    page = opened(visit("/suwon/console/", theme="dark"))
    page.keyboard.press("l")
    page.get_by_role(
        "checkbox"
    ).first.focus()  # a layer was ticked: the keyboard is still the console's
    page.keyboard.type("808073")
    expect(page.get_by_role("combobox", name="도시 검색")).to_have_value("808073")
    page.keyboard.press("Enter")
    inspector = page.locator(".inspector")
    inspector.get_by_text("202537400000808073").first.wait_for(timeout=SLOW)
    assert "매탄로 177" in inspector.inner_text()
    page.wait_for_selector("[data-idle]", timeout=SLOW)
    shoot(page, "console-camera-by-number")
    assert barriers(page) == []


def test_initial_consonants_find_a_district(visit: Visitor) -> None:
    page = opened(visit("/suwon/console/"))
    page.keyboard.press("/")
    page.keyboard.type("ㅇㅌㄱ")
    page.get_by_role("option").filter(has_text="영통구").first.wait_for(timeout=SLOW)


def test_every_camera_is_in_the_table_too(
    visit: Visitor, shoot: Callable[[Page, str], Path]
) -> None:
    page = opened(visit("/suwon/console/", theme="dark"))
    page.keyboard.press("t")
    page.get_by_role("columnheader").first.wait_for()
    page.get_by_text("4,921건 중 4,921건").wait_for(timeout=SLOW)
    page.get_by_role("searchbox", name="행 거르기").fill("어린이보호")
    shoot(page, "console-table")
    assert barriers(page) == []


def test_help_tells_every_key(visit: Visitor, shoot: Callable[[Page, str], Path]) -> None:
    page = opened(visit("/suwon/console/", theme="dark"))
    page.keyboard.press("?")
    page.get_by_role("dialog").wait_for()
    shoot(page, "console-help")
    assert barriers(page) == []
