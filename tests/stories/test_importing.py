"""An officer brings a file: sends it, sees what would change, applies it, takes what was rejected, undoes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from fixtures.browser import Site, Visitor, barriers, sign_in
from fixtures.people import add_factor

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.story]
HEADER = "정류장ID,정류장명,lon,lat\n"
BEFORE = HEADER + "201000313,권선구청,126.9709,37.2569\n201000344,중보들공원,126.9910,37.2446\n"
AFTER = (
    HEADER
    + "201000313,권선구청,126.9709,37.2569\n201000344,중보들공원 앞,126.9910,37.2446\n"
    + "201000351,장안문,127.0139,37.2884\n201000352,좌표 없음,,\n201000353,바다,124.1,37.3\n"
)
LOOKS = [("light", 1280, "desk"), ("dark", 360, "phone-dark")]


@pytest.fixture(scope="module")
def officer(site: Site, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The cookies of an administrator of a city that has two bus stops."""
    with site.django():
        from ground.city.bringing import bring_file, new_city, with_district
        from madang.ground.people.public import create_account
        from madang.ground.trail.public import Actor

        path = tmp_path_factory.mktemp("stops") / "before.csv"
        path.write_text(BEFORE)
        bring_file(with_district(new_city("yard")), path)
        account = create_account(Actor(), "officer@city.example", "김담당", steward=True)
        add_factor(account)
        return sign_in(account)


@pytest.mark.parametrize(("theme", "width", "look"), LOOKS)
def test_a_file_from_sending_to_undoing(
    visit: Visitor,
    shoot: Callable[[Page, str], Path],
    site: Site,
    officer: dict[str, str],
    tmp_path: Path,
    theme: str,
    width: int,
    look: str,
) -> None:
    path = tmp_path / "정류장.csv"
    path.write_bytes(AFTER.encode("cp949"))
    page = visit("/yard/data/upload/", cookies=officer, theme=theme, width=width)
    shoot(page, f"import-send-{look}")
    page.set_input_files("input[type=file]", path)
    page.locator("form[data-upload] button.primary").click()
    page.wait_for_url("**/data/imports/*/")
    assert page.locator("progress").count() == 1

    _work(site)
    page.locator("#changes").wait_for()
    assert page.locator("del").inner_text() == "중보들공원"
    assert page.locator("ins").inner_text() == "중보들공원 앞"
    assert _figures(page) == ["5", "1", "1", "1", "2"]
    assert barriers(page) == []
    shoot(page, f"import-shown-{look}")

    page.locator("button[value=apply]").click()
    _work(site)
    page.locator("#import details").wait_for()
    assert _stops(site) == ["권선구청", "장안문", "중보들공원 앞"]
    with page.expect_download() as download:
        page.locator("a[download]").click()
    rejected = download.value.path().read_text("utf-8-sig")
    assert "좌표 없음" in rejected
    assert "바다" in rejected
    shoot(page, f"import-applied-{look}")

    page.locator("#import details summary").click()
    page.fill("#reason", "잘못 올린 파일")
    page.locator("button[value=undo]").click()
    page.locator(".pill.empty").wait_for()
    assert _stops(site) == ["권선구청", "중보들공원"]


def _figures(page: Page) -> list[str]:
    return page.locator("dl.figures dd").all_inner_texts()


def _stops(site: Site) -> list[str]:
    with site.django():
        from madang.ground.city.models import Place

        return sorted(Place.objects.values_list("name", flat=True))


def _work(site: Site) -> None:
    """Do what the jobs' process would."""
    with site.django():
        from ground.city.bringing import do_jobs

        do_jobs()
