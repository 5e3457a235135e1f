"""The home page as people meet it: three languages, two themes, on a desk and on a phone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from fixtures.browser import Serve, Site, Visitor, barriers

if TYPE_CHECKING:
    from playwright.sync_api import Page

SITE = Serve(modules=("stories.sample_systems",))
pytestmark = [pytest.mark.browser, pytest.mark.story]


@pytest.fixture(scope="module", autouse=True)
def cities(site: Site) -> None:
    with site.django():
        from madang.ground.city.models import City

        City.objects.create(key="suwon", names={"ko": "수원시", "en": "Suwon", "ja": "水原市"})
        City.objects.create(
            key="demo",
            names={"ko": "마당시", "en": "Madang City", "ja": "マダン市"},
            simulated=True,
        )


@pytest.mark.parametrize(
    ("language", "theme", "width"),
    [  # every two of them once
        ("ko", "light", 1280),
        ("ko", "dark", 360),
        ("en", "light", 360),
        ("en", "dark", 1280),
        ("ja", "light", 360),
        ("ja", "dark", 1280),
    ],
)
def test_the_home_page(
    visit: Visitor,
    shoot: Callable[[Page, str], Path],
    language: str,
    theme: str,
    width: int,
) -> None:
    page = visit("/demo/", language=language, theme=theme, width=width)
    assert page.locator("html").get_attribute("lang") == language
    assert page.locator(".card").count() == 10
    shoot(page, f"home-{language}-{theme}-{'phone' if width < 500 else 'desk'}")
    assert barriers(page) == []
