"""The police ask for footage: it is prepared by one, approved by another, packed, collected once at its
address by somebody without an account, and verified offline."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from fixtures.browser import Site, Visitor, barriers, sign_in
from stories.test_seconded_officer import beside

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.story]
BEGAN = datetime(2025, 1, 15, 4, 0, tzinfo=UTC)


def make_footage() -> dict[str, Any]:
    """A camera with ten seconds recorded, a shift leader who may export them, and the footage officer."""
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
    film(camera, BEGAN)
    hall = create_organisation(actor, city, "hall", "city", {"ko": "시청"})
    leader, officer = (make_person(role, hall) for role in ("shift_leader", "footage_officer"))
    give_scope(actor, Membership.objects.get(account=leader), ["view", "play", "export"])
    choose_reason(leader, city, "event")
    return {"key": camera.key, "leader": sign_in(leader), "officer": sign_in(officer)}


@pytest.fixture(scope="module")
def made(site: Site) -> dict[str, Any]:
    found: dict[str, Any] = beside(site, make_footage)
    return found


def open_masked() -> str:
    """A request of which third persons are to be hidden, with its span; where it stands."""
    from madang.ground.city.models import City
    from madang.ground.people.models import Account
    from madang.ground.trail.public import Actor
    from madang.systems.cameras.giving import steps
    from madang.systems.cameras.models import Camera

    leader = Account.objects.get(memberships__role="shift_leader")
    actor, city = Actor(leader.pk, str(leader)), City.objects.get()
    words = {
        "deed": "giving", "basis": "18-2-2", "clause": "법 제1조", "receiver": "보험사",
        "document": "1", "purpose": "사고 확인", "items": "영상", "limits": "파기",
    }  # fmt: skip
    giving = steps.open_giving(actor, city, **words)
    ends = BEGAN + timedelta(seconds=10)
    steps.add_span(giving, actor, Camera.objects.get(), BEGAN, ends, "scope:x")
    return f"/quiet/cameras/giving/{giving.pk}/"


def pack() -> None:
    """What the job does."""
    from madang.systems.cameras.giving.steps import pack_now
    from madang.systems.cameras.models import Giving

    pack_now(Giving.objects.select_related("city").get())


def test_footage_goes_from_a_request_to_a_verified_export(
    site: Site,
    made: dict[str, Any],
    visit: Visitor,
    shoot: Callable[[Page, str], Path],
    tmp_path: Path,
) -> None:
    from madang.systems.cameras.commands import cameras as command

    page = visit("/quiet/cameras/giving/new/", cookies=made["leader"], width=360)
    page.get_by_label("열람·제공·반출 구분").select_option("giving")
    page.get_by_label("법적 근거").select_option("18-2-7")
    page.get_by_label("제공받는 자", exact=True).fill("고요경찰서 형사과")
    page.get_by_label("이용·제공 목적", exact=True).fill("절도 사건 수사")
    shoot(page, "giving-new")
    page.get_by_role("button", name="저장").click()
    page.get_by_role("textbox", name="카메라").fill(made["key"])
    page.get_by_label("시작", exact=True).fill("2025-01-15T13:00")
    page.get_by_label("끝", exact=True).fill("2025-01-15T13:01")
    page.get_by_role("button", name="추가").click()
    page.get_by_role("row").filter(has_text=made["key"]).get_by_text("13:00:10–13:01:00").wait_for()
    assert barriers(page) == []
    page.get_by_role("button", name="승인 요청").click()
    page.locator(".pill", has_text="승인 대기").wait_for()
    path = page.url.removeprefix(site.url)

    officer = visit(path, cookies=made["officer"], theme="dark")
    officer.get_by_role("button", name="승인", exact=True).click()
    officer.locator(".pill", has_text="제작 중").wait_for()
    beside(site, pack)
    officer.reload()
    officer.get_by_role("button", name="수령 주소 발급").click()
    address = officer.locator("[data-collect]").inner_text()
    assert barriers(officer) == []
    shoot(officer, "giving")

    for name, where in (("giving-ledger", "giving/ledger/"), ("cameras-overview", "")):
        for width in (1280, 360):
            seen = visit(f"/quiet/cameras/{where}", cookies=made["officer"], width=width)
            shoot(seen, f"{name}-{width}")
            assert barriers(seen) == []

    outside = visit(address.removeprefix(site.url))
    shoot(outside, "giving-collect")
    with outside.expect_download() as download:
        outside.get_by_role("button", name="받기").click()
    package = tmp_path / "package.zip"
    download.value.save_as(package)
    run = CliRunner().invoke(command, ["verify-export", str(package)])
    assert run.exit_code == 0, run.output
    changed = bytearray(package.read_bytes())
    changed[len(changed) // 2] ^= 1
    package.write_bytes(changed)
    assert CliRunner().invoke(command, ["verify-export", str(package)]).exit_code == 1


def drag(page: Page, on: Any, begin: tuple[float, float], end: tuple[float, float]) -> None:
    """From one place of a picture to another, in shares of it."""
    on.scroll_into_view_if_needed()
    box = on.bounding_box()
    for number, (x, y) in enumerate((begin, end)):
        page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"], steps=4)
        (page.mouse.up if number else page.mouse.down)()


def test_third_persons_are_hidden_on_the_picture(
    site: Site, made: dict[str, Any], visit: Visitor, shoot: Callable[[Page, str], Path]
) -> None:
    page = visit(beside(site, open_masked), cookies=made["leader"])
    page.get_by_role("button", name="화면에서 지정").click()
    page.wait_for_function("() => document.querySelector('.moving video').readyState >= 2")
    frame = page.locator(".moving-frame svg")
    frame.scroll_into_view_if_needed()
    drag(page, frame, (0.1, 0.2), (0.2, 0.5))
    for _ in range(4):
        page.get_by_role("button", name="+1초").click()
    page.locator(".moving-clock", has_text="4.0 / 10.0").wait_for()
    assert page.locator(".moving-box").count() == 0  # beyond its last moment nobody is hidden
    drag(page, frame, (0.5, 0.4), (0.6, 0.7))
    for _ in range(2):
        page.get_by_role("button", name="−1초").click()
    left = float(page.locator(".moving-box").get_attribute("x") or 0)
    assert left == pytest.approx(30, abs=1)  # halfway between
    page.get_by_role("button", name="사람 추가").click()
    drag(page, frame, (0.7, 0.1), (0.9, 0.4))
    assert page.locator(".moving-box").count() == 2
    shoot(page, "moving-masks")
    drag(page, frame, (0.8, 0.25), (0.75, 0.35))  # moved where it stands
    page.get_by_label("제공될 모습으로 보기").check()
    assert barriers(page) == []
    shoot(page, "moving-masks-preview")
    page.get_by_role("button", name="저장").last.click()
    words = page.locator("textarea[name=moving]").input_value()
    first, second = (one.split("\n") for one in words.strip().replace("\r", "").split("\n\n"))
    assert [one.split()[0] for one in first] == ["0", "4"]
    assert [float(one) for one in second[0].split()][:2] == pytest.approx([2, 65], abs=0.6)

    phone = visit(page.url.removeprefix(site.url), cookies=made["leader"], width=360)
    phone.get_by_role("button", name="화면에서 지정").click()
    phone.wait_for_function("() => document.querySelector('.moving video').readyState >= 2")
    assert barriers(phone) == []
    shoot(phone, "moving-masks-phone")
