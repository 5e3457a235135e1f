"""An operator plays back what a camera recorded, jumps, goes picture by picture and fast over a hole, until
the right to it ends and the picture is gone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from fixtures.browser import Site, Visitor, barriers, sign_in
from stories.test_seconded_officer import beside

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.story]
BEGAN = datetime(2025, 1, 15, 4, 0, tzinfo=UTC)  # 13:00 in Korea
ZERO = round(BEGAN.timestamp() * 1000)
LENGTH = 20  # seconds of each of two recordings, half a minute apart
AGAIN = ZERO + 50_000
SHADE = """() => {
  const video = document.querySelector(".play video");
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [8, 8];
  const ink = canvas.getContext("2d");
  ink.drawImage(video, 0, 0, 8, 8);
  return ink.getImageData(4, 4, 1, 1).data[1];
}"""


def make_footage() -> dict[str, Any]:
    """A camera with two recordings and a hole between, and somebody who may play them back."""
    from fixtures.people import make_person
    from fixtures.sites import make_sites
    from madang.ground.city.public import make_city
    from madang.ground.people.domain.grants import give_scope
    from madang.ground.people.models import Membership
    from madang.ground.people.public import create_organisation
    from madang.ground.trail.public import Actor
    from madang.systems.cameras.domain.devices import CameraSpec, record_cameras
    from madang.systems.cameras.models import Camera
    from systems.cameras.test_playback import film

    actor = Actor(name="test")
    city = make_city("quiet", {"ko": "고요시"}, actor, simulated=True)
    (site,) = make_sites(city, ("경기도 고요시 시장길 2", "crime", 127.004))
    addresses = {1: "rtsp://10.0.0.1/a", 2: "rtsp://10.0.0.2/a"}
    specs = [CameraSpec(site, number, main_address=one) for number, one in addresses.items()]
    record_cameras(city, specs, actor)
    camera, other = Camera.objects.order_by("number")
    film(other, BEGAN, count=LENGTH * 15)
    film(camera, BEGAN, count=LENGTH * 15)
    film(camera, BEGAN + timedelta(seconds=50), count=LENGTH * 15, gap="timed out")
    person = make_person(
        "operator", create_organisation(actor, city, "hall", "city", {"ko": "시청"})
    )
    scope = give_scope(actor, Membership.objects.get(account=person), ["view", "play"])
    return {"camera": camera.pk, "other": other, "cookies": sign_in(person), "scope": scope}


def end(scope: Any) -> None:
    from madang.ground.people.domain.grants import end_scope
    from madang.ground.trail.public import Actor

    end_scope(Actor(name="조장"), scope)


def played() -> int:
    from madang.ground.trail.models import Entry

    return Entry.objects.filter(action="people.cameras.play").count()


def at(page: Page) -> int:
    return int(page.locator(".play").get_attribute("data-at") or 0)


def until(page: Page, begins: int, ends: int) -> None:
    """Wait until what is shown lies between, and its picture stands."""
    page.wait_for_function(
        """([begins, ends]) => {
          const play = document.querySelector(".play"), video = play?.querySelector("video");
          if (!video) return false;
          const at = Number(play.dataset.at);
          return at >= begins && at <= ends && play.dataset.state === "shown"
            && video.readyState >= 2 && !video.seeking;
        }""",
        arg=[begins, ends],
    )


def in_step(page: Page, other: str) -> None:
    """Two cameras by one clock: where one has a hole the other goes on, and it says so."""
    page.get_by_role("link", name="다른 카메라와 함께").click()
    page.get_by_role("link", name=other).click()
    lane = page.locator(f'.step-tile[data-lane="{other}"]')
    page.locator(".play-jump input").fill("2025-01-15T13:00:10")
    page.locator(".play-jump input").press("Enter")
    page.locator('.step-tile[data-state="shown"]').nth(1).wait_for()
    page.locator(".play-jump input").fill("2025-01-15T13:00:55")
    page.locator(".play-jump input").press("Enter")
    lane.and_(page.locator('[data-state="hole"]')).wait_for()
    page.locator('.step-tile[data-state="shown"]').wait_for()
    page.get_by_role("button", name="멈춤").click()


def test_what_was_recorded_is_played_back_until_the_right_ends(
    site: Site, visit: Visitor, shoot: Callable[[Page, str], Path]
) -> None:
    made = beside(site, make_footage)
    page = visit(f"/quiet/cameras/devices/{made['camera']}/", cookies=made["cookies"])
    page.get_by_role("link", name="다시 보기").click()
    page.get_by_role("button", name="이벤트 확인").click()

    until(page, AGAIN, AGAIN + LENGTH * 1000)  # it opens near the end of what there is
    page.locator(".play-span").nth(1).wait_for()
    page.keyboard.press("Space")
    page.get_by_role("button", name="재생", exact=True).wait_for()
    page.locator(".play-jump input").fill("2025-01-15T13:00:10")
    page.locator(".play-jump input").press("Enter")
    until(page, ZERO + 9_990, ZERO + 10_010)
    assert page.evaluate(SHADE) == pytest.approx(96, abs=12)  # half of what it becomes
    page.locator(".play-clock").click()
    page.keyboard.press(".")
    until(page, ZERO + 10_050, ZERO + 10_150)
    page.keyboard.press("b")
    page.locator(".play-naming input").first.fill("흰 차")
    page.locator(".play-naming input").last.fill("좌회전")
    page.keyboard.press("Enter")
    page.locator(".play-mark").wait_for()
    page.locator(".play-speeds").nth(1).get_by_role("button", name="10분").click()
    page.locator(".play-clock").click()
    page.keyboard.press("i")
    page.locator(".play-strip img").first.wait_for()
    page.get_by_text("빠진 부분과 일어난 일").click()
    page.locator(".play-list li").get_by_text("timed out").wait_for()
    assert barriers(page) == []
    shoot(page, "playback")

    page.get_by_role("button", name="4×", exact=True).click()
    page.get_by_role("button", name="재생", exact=True).click()
    until(page, AGAIN, AGAIN + 60_000)  # over the hole
    page.get_by_text("timed out").first.wait_for()
    assert beside(site, played) == 1

    in_step(page, made["other"].key)
    shoot(page, "playback-in-step")
    assert barriers(page) == []
    page.go_back()
    until(page, ZERO, AGAIN + 60_000)

    beside(site, lambda: end(made["scope"]))
    page.locator(".play[data-state=closed]").wait_for()
    page.get_by_text("권한이 끝났습니다").wait_for()
    assert page.locator(".play video").get_attribute("src") is None
    assert page.locator(".play-span").count() == 0
