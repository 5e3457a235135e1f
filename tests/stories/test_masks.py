"""The footage officer draws a zone while an operator plays back what it hides: the operator's picture is
painted over at once, and the zone's place in it holds nothing any more."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from fixtures.browser import Site, Visitor, barriers
from fixtures.watched import intake, nats, watched_city
from stories.test_seconded_officer import beside

if TYPE_CHECKING:
    from playwright.sync_api import Page

__all__ = ["intake", "nats"]
pytestmark = [pytest.mark.browser, pytest.mark.story, pytest.mark.usefixtures("nats")]
BEGAN = datetime(2025, 1, 15, 4, 0, tzinfo=UTC)
SEEN = """(hidden) => {
  const video = document.querySelector(".play video");
  if (!video || video.readyState < 2 || video.seeking) return false;
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [100, 100];
  const ink = canvas.getContext("2d");
  ink.drawImage(video, 0, 0, 100, 100);
  const [behind, beside] = [30, 80].map((x) => ink.getImageData(x, 50, 1, 1).data[1]);
  return beside > 120 && (hidden ? behind > 30 && behind < 65 : behind > 120);
}"""


def make_footage() -> dict[str, Any]:
    """A camera with twenty seconds recorded, an operator who plays them back, and the footage officer."""
    from madang.systems.cameras.models import Camera
    from systems.cameras.test_playback import film

    found = watched_city(1, 1, ("view", "play"), "operator", "footage_officer")
    film(Camera.objects.get(), BEGAN, count=300)
    return found


def test_a_zone_that_is_drawn_is_gone_from_what_an_operator_plays_back(
    site: Site, intake: None, visit: Visitor, shoot: Callable[[Page, str], Path]
) -> None:
    made = beside(site, make_footage)
    path = f"/quiet/cameras/devices/{made['camera']}/"
    page = visit(f"{path}playback/?at=2025-01-15T13:00:15", cookies=made["operator"])
    page.locator(".play[data-state=shown]").wait_for()
    page.wait_for_function(SEEN, arg=False)
    page.keyboard.press("Space")
    page.get_by_role("button", name="재생", exact=True).wait_for()

    officer = visit(path, cookies=made["footage_officer"], theme="dark")
    officer.get_by_role("link", name="가림 구역").click()
    officer.get_by_label("가리는 대상").fill("3층 주택 창문")
    officer.get_by_label("사유").fill("주거 공간")
    frame = officer.locator("[data-mask-draw] svg")
    box = frame.bounding_box()
    assert box is not None
    for x, y in ((0.2, 0.3), (0.4, 0.3), (0.4, 0.7), (0.2, 0.7)):
        frame.click(position={"x": x * box["width"], "y": y * box["height"]})
    shoot(officer, "mask-drawing")
    officer.get_by_role("button", name="가리기", exact=True).click()
    officer.get_by_role("row").filter(has_text="3층 주택 창문").wait_for()
    assert barriers(officer) == []

    page.get_by_text("일부 가림 처리됨").wait_for()
    page.wait_for_function(SEEN, arg=True)
    shoot(page, "playback-masked")
