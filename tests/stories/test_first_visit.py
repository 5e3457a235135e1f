"""A person who comes for the first time: the real systems in three languages, and the shell around them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from fixtures.browser import Serve, Site, Visitor, barriers, sign_in

if TYPE_CHECKING:
    from playwright.sync_api import Page

SITE = Serve()
pytestmark = [pytest.mark.browser, pytest.mark.story]


@pytest.fixture(scope="module")
def administrator(site: Site) -> dict[str, str]:
    """The cookies of the administrator of an empty city."""
    with site.django():
        from madang.ground.city.models import City
        from madang.ground.people.models import Account
        from madang.ground.people.public import demo_accounts

        names = {"ko": "마당시", "en": "Madang City", "ja": "マダン市"}
        city = City.objects.create(key="demo", names=names, simulated=True)
        made = demo_accounts(city, "a secret of this test")
        email = next(one.email for one in made if one.role.key == "administrator")
        return sign_in(Account.objects.get(email=email))


@pytest.mark.parametrize(
    ("language", "theme", "width", "title"),
    [
        ("ko", "dark", 1280, "사용자와 권한"),
        ("en", "light", 1280, "People and rights"),
        ("ja", "dark", 360, "利用者と権限"),
    ],
)
def test_the_systems_of_a_city(
    visit: Visitor,
    shoot: Callable[[Page, str], Path],
    administrator: dict[str, str],
    language: str,
    theme: str,
    width: int,
    title: str,
) -> None:
    page = visit("/demo/", cookies=administrator, language=language, theme=theme, width=width)
    page.locator(".card", has_text=title).wait_for()
    shoot(page, f"systems-{language}-{theme}-{width}")
    assert barriers(page) == []


def test_the_shell_by_keyboard_without_script_and_enlarged(
    visit: Visitor, shoot: Callable[[Page, str], Path], administrator: dict[str, str]
) -> None:
    page = visit("/demo/", cookies=administrator)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"
    page.context.set_offline(True)
    page.locator("#offline").wait_for()
    shoot(page, "shell-offline")
    page.context.set_offline(False)
    page.locator("#offline").wait_for(state="hidden")

    page = visit("/demo/", zoom=400, script=False)
    page.locator("summary", has_text="언어").click()
    page.get_by_role("button", name="English").click()
    assert page.locator("html").get_attribute("lang") == "en"
    city = page.locator(".top-place strong").bounding_box()
    assert city is not None
    assert city["height"] < 30  # one line
    shoot(page, "shell-zoom-400-without-script")
