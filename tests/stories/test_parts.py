"""The shell's parts in a browser: tables, forms, charts, messages, error pages; also without script."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from fixtures.browser import Serve, Site, Visitor, barriers

if TYPE_CHECKING:
    from playwright.sync_api import Page

SITE = Serve(modules=("stories.gallery",))
pytestmark = [pytest.mark.browser, pytest.mark.story]
Shoot = Callable[["Page", str], Path]


@pytest.fixture(scope="module", autouse=True)
def cities(site: Site) -> None:
    with site.django():
        from madang.ground.city.models import City

        City.objects.create(key="demo", names={"ko": "마당시"}, simulated=True)
        for n in range(24):
            City.objects.create(key=f"city-{n:02}", names={"ko": f"도시 {n}"})


@pytest.mark.parametrize(("theme", "width"), [("light", 1280), ("dark", 1280), ("light", 360)])
def test_every_part_is_drawn_without_barriers(
    visit: Visitor, shoot: Shoot, theme: str, width: int
) -> None:
    page = visit("/demo/gallery/?toast=1", theme=theme, width=width)
    for chart in page.locator("figure.chart").all():
        chart.scroll_into_view_if_needed()
        chart.locator(".drawing canvas").wait_for()
    shoot(page, f"parts-{theme}-{width}")
    assert barriers(page) == []


def test_a_table_sorts_filters_and_pages_in_place(visit: Visitor) -> None:
    from playwright.sync_api import expect

    page = visit("/demo/gallery/")
    rows = page.locator("#table-cities tbody tr")
    page.get_by_role("link", name="주소").click()
    page.wait_for_url("**sort=-key**")
    expect(rows.first.locator("th")).to_have_text("demo")
    page.get_by_label("주소", exact=True).fill("city-1")
    page.wait_for_url("**q=city-1**")
    expect(rows).to_have_count(10)
    assert page.evaluate("document.activeElement.name") == "q"


def test_a_table_works_without_script(visit: Visitor, shoot: Shoot) -> None:
    page = visit("/demo/gallery/", script=False)
    assert page.locator("figure.chart table").first.is_visible()
    page.get_by_label("주소", exact=True).fill("city-0")
    page.locator("form.list-tools button").click()
    assert page.locator("#table-cities tbody tr").count() == 10
    page.locator(".pages a", has_text="2")
    shoot(page, "parts-without-script")


def test_a_form_says_what_is_wrong_and_leads_there(visit: Visitor, shoot: Shoot) -> None:
    page = visit("/demo/gallery/", width=360)
    page.get_by_label("전자우편", exact=True).first.fill("없는 주소")
    page.locator("form.form button").click()
    page.locator(".wrong-summary").wait_for()
    page.locator(".wrong-summary a").nth(1).click()
    assert page.evaluate("document.activeElement.name") == "email"
    shoot(page, "form-errors-phone")
    assert barriers(page) == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_error_pages(visit: Visitor, shoot: Shoot, theme: str) -> None:
    page = visit("/demo/nowhere/", theme=theme)
    shoot(page, f"error-404-{theme}")
    assert barriers(page) == []
    page = visit("/demo/broken/", theme=theme)
    assert "lava" not in page.content()
    shoot(page, f"error-500-{theme}")
    assert barriers(page) == []
    visit.complaints.clear()  # the browser itself reports the two statuses


def test_at_400_per_cent_nothing_is_cut_off(visit: Visitor, shoot: Shoot) -> None:
    page = visit("/demo/gallery/", zoom=400)
    overflow = page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    shoot(page, "parts-zoom-400")
    assert overflow <= 0
