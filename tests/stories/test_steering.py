"""An operator turns a camera and sees its picture change; a shift leader takes it over, and both are told."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from fixtures.browser import ROOT, Serve, Site, Visitor, barriers, sign_in
from fixtures.nats import CONFIG, TestNats
from fixtures.onvif import PASSWORD, USER, Device, device
from stories.test_seconded_officer import beside

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.story]
SEEN = """() => {
  const video = document.querySelector(".picture video");
  if (!video || video.readyState < 2) return null;
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [16, 9];
  const ink = canvas.getContext("2d");
  ink.drawImage(video, 0, 0, 16, 9);
  return [...ink.getImageData(0, 0, 16, 9).data].filter((_, at) => at % 4 === 1);
}"""
DIFFERS = f"""(before) => {{
  const now = ({SEEN})();
  return now && now.reduce((sum, one, at) => sum + Math.abs(one - before[at]), 0) / now.length > 6;
}}"""


@pytest.fixture(scope="module")
def nats(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[TestNats]:
    server = TestNats(tmp_path_factory.mktemp("nats"), CONFIG)
    server.start()
    request.module.SITE = Serve(environment={"NATS_URL": server.url})
    yield server
    server.stop()


@pytest.fixture(scope="module")
def turning(nats: TestNats, site: Site) -> Iterator[Device]:
    """A camera that turns, and the intake process that owns it."""
    with device() as camera:
        process = subprocess.Popen(
            [sys.executable, ROOT / "tests" / "process.py", "intake"], env=site.environment
        )
        yield camera
        process.terminate()
        process.wait(30)


def make_people(camera: Device) -> dict[str, Any]:
    """An operator and a shift leader who may steer the camera, and said why they look."""
    from fixtures.people import make_person
    from fixtures.sites import make_sites
    from madang.ground.city.public import make_city
    from madang.ground.people.domain.grants import give_scope
    from madang.ground.people.models import Membership
    from madang.ground.people.public import choose_reason, create_organisation
    from madang.ground.trail.public import Actor
    from madang.systems.cameras.models import Camera
    from madang.systems.cameras.public import CameraSpec, record_cameras, record_onvif

    me = Actor(name="test")
    city = make_city("quiet", {"ko": "고요시"}, me, simulated=True)
    (site,) = make_sites(city, ("경기도 고요시 시장길 2", "crime", 127.004))
    spec = CameraSpec(
        site, 1, kind="turning", main_address=camera.stream, user=USER, password=PASSWORD
    )
    record_cameras(city, [spec], me)
    record_onvif(city, {"C1-1": (camera.address, "one-main")})
    hall = create_organisation(me, city, "hall", "city", {"ko": "시청"})
    made: dict[str, Any] = {"camera": Camera.objects.get().pk}
    for role in ("operator", "shift_leader"):
        person = make_person(role, hall)
        give_scope(me, Membership.objects.get(account=person), ["view", "steer"])
        choose_reason(person, city, "event")
        made[role] = sign_in(person)
        made[f"{role}_name"] = str(person)
    return made


def entries() -> list[str]:
    from madang.ground.trail.models import Entry

    rows = Entry.objects.filter(action="people.cameras.steer").order_by("time")
    return [str(one.detail["why_ended"]) for one in rows]


def until(true: Callable[[], bool], page: Page) -> None:
    for _try in range(300):
        if true():
            return
        page.wait_for_timeout(100)
    raise AssertionError("it did not come to that")


def test_a_camera_is_turned_and_taken_over(
    turning: Device, site: Site, visit: Visitor, shoot: Callable[[Page, str], Path]
) -> None:
    made = beside(site, lambda: make_people(turning))
    path = f"/quiet/cameras/devices/{made['camera']}/live/"
    page = visit(path, cookies=made["operator"])
    page.wait_for_function(SEEN)
    page.locator(".steer[data-at]").wait_for()
    before = page.evaluate(SEEN)

    page.get_by_role("button", name="조작", exact=True).click()
    page.locator('.steer[data-state="mine"]').wait_for()
    page.keyboard.down("ArrowRight")
    until(lambda: turning.head.at().pan > 0.15, page)
    page.keyboard.up("ArrowRight")
    until(lambda: not turning.head.moving, page)
    page.wait_for_function(DIFFERS, arg=before)
    assert barriers(page) == []

    leader = visit(path, cookies=made["shift_leader"], theme="dark")
    leader.get_by_text(f"{made['operator_name']} 님이").wait_for()
    shoot(leader, "steering-held")
    leader.get_by_role("button", name="넘겨받기").click()
    leader.locator('.steer[data-state="mine"]').wait_for()
    page.get_by_role("alert").get_by_text(made["shift_leader_name"]).wait_for()
    assert page.locator('.steer[data-state="held"]').count() == 1

    leader.get_by_role("button", name="오른쪽 길").click()
    until(lambda: abs(turning.head.at().pan - 0.3) < 0.01, leader)
    leader.wait_for_function(SEEN)
    shoot(leader, "steering")
    leader.keyboard.press("Escape")
    leader.locator('.steer[data-state="free"]').wait_for()
    until(lambda: beside(site, entries) == ["taken", "released"], leader)
