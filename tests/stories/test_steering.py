"""An operator turns a camera and sees its picture change; a shift leader takes it over, and both are told.
Every way of steering does what it says, a killed intake leaves no camera turning, and zones lie where the
head stood that they were drawn at."""

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
SLOW = 60_000  # a software renderer on a busy machine
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


WHOLE = f"""(whole) => {{
  const now = ({SEEN})();
  const spread = now ? Math.max(...now) - Math.min(...now) : -1;
  return whole ? spread >= 0 && spread < 12 : spread > 30;
}}"""
PAD = """() => {
  window.pad = { connected: true, axes: [0, 0, 0, 0], buttons: [{ pressed: false }, { pressed: false }] };
  navigator.getGamepads = () => [window.pad];
}"""


class Intake:
    """The process that owns the camera."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self.start()

    def start(self) -> None:
        words = [sys.executable, ROOT / "tests" / "process.py", "intake"]
        self._process = subprocess.Popen(words, env=self._site.environment)

    def end(self) -> None:
        self._process.terminate()
        self._process.wait(30)

    def kill(self) -> None:
        self._process.kill()
        self._process.wait(30)


@pytest.fixture(scope="module")
def turning(nats: TestNats, site: Site) -> Iterator[Device]:
    """A camera that turns."""
    with device() as camera:
        yield camera


@pytest.fixture(scope="module")
def intake(turning: Device, site: Site) -> Iterator[Intake]:
    made = Intake(site)
    yield made
    made.end()


@pytest.fixture(scope="module")
def made(turning: Device, intake: Intake, site: Site) -> dict[str, Any]:
    found: dict[str, Any] = beside(site, lambda: make_people(turning))
    return found


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
    made["site"] = str(site.pk)
    for role in ("operator", "shift_leader", "footage_officer"):
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
    turning: Device,
    made: dict[str, Any],
    site: Site,
    visit: Visitor,
    shoot: Callable[[Page, str], Path],
) -> None:
    path = f"/quiet/cameras/devices/{made['camera']}/live/"
    page = visit(path, cookies=made["operator"])
    page.wait_for_function(SEEN, timeout=SLOW)
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


def hold(page: Page, turning: Device) -> None:
    """Put the page's hand on the camera, which stands."""
    page.get_by_role("button", name="조작", exact=True).click()
    page.locator('.steer[data-state="mine"]').wait_for()
    until(lambda: not turning.head.moving, page)


def test_every_way_of_steering_does_what_it_says(
    turning: Device, made: dict[str, Any], visit: Visitor, shoot: Callable[[Page, str], Path]
) -> None:
    path = f"/quiet/cameras/devices/{made['camera']}/live/"
    page = visit(path, cookies=made["operator"], width=360)
    page.wait_for_function(SEEN, timeout=SLOW)
    hold(page, turning)
    shoot(page, "steering-phone")
    assert barriers(page) == []
    head = turning.head

    begin = head.at().pan
    page.locator('[data-way="left"]').scroll_into_view_if_needed()
    page.locator('[data-way="left"]').hover()
    page.mouse.down()
    until(lambda: head.at().pan < begin - 0.05, page)
    page.mouse.up()
    until(lambda: not head.moving, page)

    near = head.at().zoom
    page.locator(".picture").hover()
    for _turn in range(5):
        page.mouse.wheel(0, -100)
        page.wait_for_timeout(50)
    until(lambda: head.at().zoom > near + 0.02, page)
    until(lambda: not head.moving, page)

    box = page.locator(".picture").bounding_box()
    assert box is not None
    begin = head.at().pan
    page.locator(".picture").click(position={"x": box["width"] * 0.8, "y": box["height"] * 0.5})
    until(lambda: head.at().pan > begin + 0.002, page)
    until(lambda: not head.moving, page)

    page.evaluate(PAD)
    begin = head.at().pan
    page.evaluate("window.pad.axes = [1, 0, 0, 0]")
    until(lambda: head.at().pan > begin + 0.05, page)
    page.evaluate("window.pad.axes = [0.05, 0, 0, 0]")  # a stick never stands quite still
    until(lambda: not head.moving, page)
    page.evaluate("window.pad.buttons[0].pressed = true")
    until(lambda: abs(head.at().pan + 0.3) < 0.01 and not head.moving, page)
    page.keyboard.press("Escape")
    page.locator('.steer[data-state="free"]').wait_for()


def test_a_camera_is_steered_in_a_tile_of_the_wall(
    turning: Device, made: dict[str, Any], visit: Visitor, shoot: Callable[[Page, str], Path]
) -> None:
    wall = visit(
        f"/quiet/cameras/wall/?site={made['site']}", cookies=made["operator"], theme="dark"
    )
    tile = wall.locator(".tile", has=wall.locator("video")).first
    tile.click()
    wall.keyboard.press("s")
    wall.get_by_role("button", name="조작", exact=True).click()
    wall.locator('.tile-steer[data-state="mine"]').wait_for()
    begin = turning.head.at().pan
    wall.keyboard.down("ArrowRight")
    until(lambda: turning.head.at().pan > begin + 0.05, wall)
    wall.keyboard.up("ArrowRight")
    until(lambda: not turning.head.moving, wall)
    shoot(wall, "steering-wall")
    wall.keyboard.press("Escape")
    wall.locator('.tile-steer[data-state="free"]').wait_for()


def test_edges_are_drawn_and_taken_from_where_the_camera_looks(
    turning: Device, made: dict[str, Any], visit: Visitor, shoot: Callable[[Page, str], Path]
) -> None:
    path = f"/quiet/cameras/devices/{made['camera']}/edges/"
    edges = visit(path, cookies=made["footage_officer"])
    edges.wait_for_function(SEEN)
    edges.locator(".edges-at").wait_for()
    hold(edges, turning)
    edges.get_by_role("button", name="오른쪽 길").click()
    edges.wait_for_function("() => document.querySelector('.steer').dataset.at.startsWith('0.3 ')")
    until(lambda: not turning.head.moving, edges)
    # As long as the page hears of moving, what is drawn is drawn anew.
    edges.wait_for_function("() => document.querySelector('.steer').dataset.moving === 'false'")
    edges.get_by_role("button", name="여기를 오른쪽 한계로").click()
    right, left = (edges.locator(f"input[name={one}]") for one in ("pan_to", "pan_from"))
    assert (right.input_value(), left.input_value()) == ("30", "-100")
    edges.locator(".edges-edge").first.scroll_into_view_if_needed()
    box = edges.locator(".edges-edge").first.bounding_box()
    assert box is not None
    edges.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    edges.mouse.down()
    edges.mouse.move(box["x"] + 60, box["y"] + box["height"] / 2, steps=4)
    edges.mouse.up()
    assert -100 < float(left.input_value()) < 0
    edges.keyboard.press("Escape")
    shoot(edges, "steering-edges")
    assert barriers(edges) == []
    edges.get_by_role("button", name="저장", exact=True).click()
    edges.wait_for_url("**/devices/*/")
    dark = visit(path, cookies=made["footage_officer"], theme="dark")
    dark.locator(".edges-at").wait_for()
    shoot(dark, "steering-edges-dark")
    phone = visit(path, cookies=made["footage_officer"], width=360)
    phone.locator(".edges-at").wait_for()
    shoot(phone, "steering-edges-phone")
    phone.get_by_role("button", name="한계 없음").click()
    phone.get_by_role("button", name="저장", exact=True).click()
    phone.wait_for_url("**/devices/*/")


def test_a_killed_intake_leaves_no_camera_turning_and_the_hand_goes_on(
    turning: Device, intake: Intake, made: dict[str, Any], visit: Visitor
) -> None:
    page = visit(f"/quiet/cameras/devices/{made['camera']}/live/", cookies=made["operator"])
    page.wait_for_function(SEEN)
    hold(page, turning)
    page.keyboard.down("ArrowRight")
    until(lambda: turning.head.moving, page)
    intake.kill()
    until(lambda: not turning.head.moving, page)  # the end that its last move carried
    page.get_by_role("alert").get_by_text("응답").wait_for()
    page.keyboard.up("ArrowRight")
    intake.start()
    begin = turning.head.at().pan

    def turned() -> bool:
        page.keyboard.down("ArrowLeft")
        page.wait_for_timeout(400)
        page.keyboard.up("ArrowLeft")
        return bool(turning.head.at().pan < begin - 0.05)

    until(turned, page)
    assert page.locator('.steer[data-state="mine"]').count() == 1
    page.keyboard.press("Escape")
    page.locator('.steer[data-state="free"]').wait_for()
    until(lambda: not turning.head.moving, page)


def end_scopes() -> None:
    """What an administrator does; the operator's pages are open."""
    from madang.ground.people.domain.grants import end_scope
    from madang.ground.people.models import CameraScope
    from madang.ground.trail.public import Actor

    for scope in CameraScope.objects.filter(membership__role="operator", ends=None):
        end_scope(Actor(name="test"), scope)


def test_zones_lie_where_the_head_stood_and_a_right_that_ends_closes_the_masked_picture(
    turning: Device,
    made: dict[str, Any],
    site: Site,
    visit: Visitor,
    shoot: Callable[[Page, str], Path],
) -> None:
    path = f"/quiet/cameras/devices/{made['camera']}/"
    page = visit(f"{path}live/", cookies=made["operator"])
    page.wait_for_function(WHOLE, arg=False)

    officer = visit(f"{path}masks/", cookies=made["footage_officer"], width=360)
    officer.wait_for_function(SEEN)
    officer.get_by_role("button", name="조작", exact=True).click()
    officer.locator('.steer[data-state="mine"]').wait_for()
    officer.get_by_role("button", name="오른쪽 길").click()
    officer.wait_for_function(
        "() => document.querySelector('input[name=preset]').value === '오른쪽 길'"
    )
    officer.get_by_label("가리는 대상").fill("3층 주택 창문")
    officer.get_by_label("사유").fill("주거 공간")
    frame = officer.locator("[data-mask-draw] svg")
    box = frame.bounding_box()
    assert box is not None
    for x, y in ((0.1, 0.1), (0.4, 0.1), (0.4, 0.9), (0.1, 0.9)):
        frame.click(position={"x": x * box["width"], "y": y * box["height"]})
    shoot(officer, "mask-drawing-turning")
    assert barriers(officer) == []
    officer.get_by_role("button", name="가리기", exact=True).click()
    officer.get_by_role("row").filter(has_text="3층 주택 창문").wait_for()
    shoot(officer, "masks-turning")

    page.get_by_text("일부 가림 처리됨").wait_for()
    page.wait_for_function(WHOLE, arg=False)  # it stands at the preset: the rest is seen
    shoot(page, "live-masked-turning")
    turning.head.go(turning.head.home)  # by another hand, of which we hear nothing
    page.wait_for_function(WHOLE, arg=True)
    until(lambda: not turning.head.moving, page)
    page.wait_for_timeout(3000)
    assert page.evaluate(WHOLE, True)
    turning.head.go(turning.head.presets["2"][1])
    page.wait_for_function(WHOLE, arg=False)

    hold(officer, turning)
    officer.get_by_role("button", name="왼쪽 길").click()  # of which nobody said anything
    page.wait_for_function(WHOLE, arg=True)
    name = turning.head.presets["1"][0]
    officer.wait_for_function(
        "(name) => document.querySelector('input[name=clear-preset]').value === name", arg=name
    )
    officer.get_by_label("가릴 것이 없는 이유").fill("도로만 보임")
    officer.get_by_role("button", name="가릴 것이 없다고 기록").click()
    officer.get_by_role("row").filter(has_text="도로만 보임").wait_for()
    page.wait_for_function(WHOLE, arg=False)
    shoot(officer, "masks-clear")
    assert barriers(officer) == []

    beside(site, end_scopes)
    page.get_by_text("볼 권한이 끝나").wait_for()
    assert page.evaluate("document.querySelector('.picture video').readyState") == 0
