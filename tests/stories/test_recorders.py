"""A recorder of the city: added by its address, its channels taken into the register, what it holds played
back in our own player; and what was recorded in H.265, in a browser without it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from fixtures.browser import Site, Visitor, barriers
from fixtures.onvif import PASSWORD, USER, recorder
from fixtures.watched import intake, nats, watched_city
from stories.test_seconded_officer import beside

if TYPE_CHECKING:
    from playwright.sync_api import Page

__all__ = ["intake", "nats"]
pytestmark = [pytest.mark.browser, pytest.mark.story, pytest.mark.usefixtures("nats")]
BEGAN = datetime(2025, 1, 15, 4, 0, tzinfo=UTC)
PAGES = "/quiet/cameras/"


def make_poles() -> dict[str, Any]:
    """Three poles; a camera of which ten seconds are recorded in H.265; who keeps it and who looks."""
    from madang.systems.cameras.models import Camera
    from systems.cameras.test_playback import film

    found = watched_city(3, 2, ("view", "play"), "operator", "administrator")
    film(Camera.objects.get(pk=found["camera"]), BEGAN, library="libx265")
    return found


def ask_all() -> None:
    """What the process of jobs would do."""
    from madang.systems.cameras.models import OnvifDevice
    from madang.systems.cameras.recorders.devices import ask_device

    for one in OnvifDevice.objects.all():
        ask_device(one)


def test_a_recorder_is_added_its_channels_taken_and_what_it_holds_played_back(
    site: Site, intake: None, visit: Visitor, shoot: Callable[[Page, str], Path]
) -> None:
    made = beside(site, make_poles)
    page = visit(f"{PAGES}recorders/", cookies=made["administrator"])
    shoot(page, "recorders-none")
    with recorder(channels=8) as device:
        page.get_by_role("link", name="장치 추가").click()
        page.get_by_label("주소").fill(device.address)
        page.get_by_label("사용자").fill(USER)
        page.get_by_label("비밀번호").fill("falsch")
        page.get_by_label("이름").fill("북수원 녹화장치")
        page.get_by_role("button", name="조회", exact=True).click()
        page.get_by_text("이 화면은 스스로 갱신됩니다").wait_for()
        shoot(page, "recorder-asking")
        beside(site, ask_all)
        page.locator(".note.error").wait_for()
        assert visit.complaints == []
        shoot(page, "recorder-refused")
        page.get_by_role("textbox", name="비밀번호").fill(PASSWORD)
        page.get_by_role("button", name="기록하고 다시 조회").click()
        beside(site, ask_all)
        box = page.get_by_label("C3-1의 카메라 또는 설치 지점")
        box.wait_for()
        assert page.get_by_label("C1-1의 카메라 또는 설치 지점").input_value() == "C1-1"
        box.fill("C9")
        page.get_by_role("button", name="대장에 등록").click()
        page.get_by_text("C3-1 → C9").wait_for()
        shoot(page, "recorder-wrong")
        visit.complaints.clear()  # the browser complains of the form that was not taken (422)
        box.fill("C3")
        page.get_by_role("button", name="대장에 등록").click()
        page.get_by_role("link", name="C3-1").wait_for()
        assert barriers(page) == []
        shoot(page, "recorder-taken")
        phone = visit(page.url.removeprefix(site.url), cookies=made["administrator"], width=360)
        shoot(phone, "recorder-phone")
        shoot(visit(f"{PAGES}recorders/", cookies=made["administrator"], theme="dark"), "recorders")
        found = visit(f"{PAGES}recorders/found/", cookies=made["administrator"])
        found.get_by_label("네트워크").select_option("127.0.0.1")
        found.get_by_role("button", name="네트워크에서 찾기").click()
        found.get_by_role("heading", name="응답한 장치", exact=True).wait_for()
        shoot(found, "recorders-found")

        at = datetime.now(UTC) - timedelta(hours=3)
        path = f"{PAGES}devices/{made['camera']}/playback/?at={at:%Y-%m-%dT%H:%M:%SZ}"
        player = visit(path, cookies=made["operator"])
        player.locator(".play[data-state=shown]").wait_for()
        player.locator(".picture-tag", has_text="녹화장치의 녹화").wait_for()
        shoot(player, "playback-recorder")

    path = f"{PAGES}devices/{made['camera']}/playback/?at=2025-01-15T13:00:03"
    player = visit(path, cookies=made["operator"])
    # Ten seconds are soon over: on a busy machine before anybody looks.
    player.keyboard.press("Space")
    player.get_by_role("button", name="재생", exact=True).wait_for()
    player.locator(".play-jump input").fill("2025-01-15T13:00:05")
    player.locator(".play-jump input").press("Enter")
    player.locator(".play[data-state=shown]").wait_for()
    player.wait_for_function("document.querySelector('.play video').videoWidth > 0")
    shoot(player, "playback-h265")
