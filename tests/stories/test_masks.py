"""The footage officer draws a zone while an operator plays back what it hides: the operator's picture is
painted over at once, and the zone's place in it holds nothing any more."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from fixtures.browser import ROOT, Serve, Site, Visitor, barriers, sign_in
from fixtures.nats import TestNats
from stories.test_seconded_officer import beside

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.story]
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


@pytest.fixture(scope="module", autouse=True)
def nats(request: pytest.FixtureRequest, nats_server: TestNats) -> TestNats:
    request.module.SITE = Serve(environment={"NATS_URL": nats_server.url})
    return nats_server


@pytest.fixture
def intake(site: Site) -> Iterator[None]:
    """The process that paints over what was recorded."""
    with (site.log.parent / "intake.log").open("ab") as out:
        process = subprocess.Popen(
            [sys.executable, ROOT / "tests" / "process.py", "intake"],
            env={**os.environ, **site.environment, "MADANG_FOOTAGE_LEAST_FREE_MB": "0"},
            stdout=out,
            stderr=out,
        )
    yield
    process.terminate()
    process.wait(20)


def make_footage() -> dict[str, Any]:
    """A camera with twenty seconds recorded, an operator who plays them back, and the footage officer."""
    from fixtures.people import make_person
    from fixtures.sites import make_sites
    from madang.ground.city.public import make_city
    from madang.ground.people.domain.grants import give_scope
    from madang.ground.people.models import Membership
    from madang.ground.people.public import choose_reason, create_organisation
    from madang.ground.trail.public import Actor
    from madang.systems.cameras.domain.devices import CameraSpec, record_cameras
    from madang.systems.cameras.models import Camera
    from systems.cameras.test_playback import film

    actor = Actor(name="test")
    city = make_city("quiet", {"ko": "고요시"}, actor, simulated=True)
    (site,) = make_sites(city, ("경기도 고요시 시장길 2", "crime", 127.004))
    record_cameras(city, [CameraSpec(site, 1, main_address="rtsp://10.0.0.1/a")], actor)
    camera = Camera.objects.get()
    film(camera, BEGAN, count=300)
    hall = create_organisation(actor, city, "hall", "city", {"ko": "시청"})
    operator, officer = (make_person(role, hall) for role in ("operator", "footage_officer"))
    give_scope(actor, Membership.objects.get(account=operator), ["view", "play"])
    choose_reason(operator, city, "event")
    return {"camera": camera.pk, "operator": sign_in(operator), "officer": sign_in(officer)}


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

    officer = visit(path, cookies=made["officer"], theme="dark")
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
