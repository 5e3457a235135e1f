"""Somebody on duty puts cameras on the wall by number and around a place, and one is taken from them.

The pictures come from the test itself, by the words of live/wall.py: what is told is what the page makes
of them.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from PIL import Image

from fixtures.browser import Site, Visitor, barriers, sign_in

if TYPE_CHECKING:
    from playwright.sync_api import Page, WebSocketRoute

pytestmark = [pytest.mark.browser, pytest.mark.story]
POLES = (("시장길 1", 127.0020), ("시장길 2", 127.0024), ("시장길 3", 127.0032))


@pytest.fixture(scope="module")
def operator(site: Site) -> dict[str, str]:
    """The cookies of an operator who may see every camera of a city with three poles."""
    with site.django():
        from fixtures.people import make_person
        from fixtures.sites import make_sites
        from madang.ground.city.models import City
        from madang.ground.people.domain.grants import give_scope
        from madang.ground.people.models import Membership
        from madang.ground.people.public import create_organisation
        from madang.ground.trail.public import Actor
        from madang.systems.cameras.public import CameraSpec, record_cameras

        me = Actor(name="test")
        box = {"west": 126.99, "south": 37.25, "east": 127.03, "north": 37.28}
        city = City.objects.create(key="quiet", names={"ko": "고요시"}, simulated=True, **box)
        poles = make_sites(city, *((f"경기도 고요시 {name}", "crime", lon) for name, lon in POLES))
        specs = [
            CameraSpec(pole, number, bearing=90.0, main_address=f"rtsp://10.0.0.1/{number}")
            for pole in poles
            for number in (1, 2)
        ]
        record_cameras(city, specs, me)
        person = make_person(
            "operator", create_organisation(me, city, "hall", "city", {"ko": "시청"})
        )
        give_scope(me, Membership.objects.get(account=person), ["view"])
        return sign_in(person)


class Server:
    """The other end of the wall's WebSocket: shows a still in every tile that is asked for."""

    def __init__(self) -> None:
        self.socket: WebSocketRoute | None = None
        self.shown: list[dict[str, Any]] = []
        sink = io.BytesIO()
        Image.new("RGB", (320, 180), (70, 110, 90)).save(sink, "JPEG")
        self.picture = sink.getvalue()

    def serve(self, socket: WebSocketRoute) -> None:
        self.socket = socket
        socket.on_message(self.hear)

    def hear(self, message: str | bytes) -> None:
        word = json.loads(message)
        before = self.shown[-1]["tiles"] if self.shown else {}
        self.shown.append(word)
        for camera in word["tiles"]:
            if camera not in before:
                self.say(camera, t="door", mark="사람 0 · 2026-11-23 10:00", stream="still")
                self.say(camera, t="begin", mime="image/jpeg")
                assert self.socket is not None
                self.socket.send(UUID(camera).bytes + b"\x01" + self.picture)

    def say(self, camera: str, **word: Any) -> None:
        assert self.socket is not None
        self.socket.send(json.dumps({**word, "camera": camera}))


def states(page: Page) -> list[str]:
    return [str(one.get_attribute("data-state")) for one in page.locator("[data-tile]").all()]


def test_a_wall_is_filled_by_number_and_around_a_place(
    visit: Visitor, shoot: Callable[[Page, str], Path], operator: dict[str, str]
) -> None:
    page = visit("/quiet/cameras/", cookies=operator, theme="dark")
    server = Server()
    page.route_web_socket("**/live/cameras/wall", server.serve)
    page.get_by_role("link", name="영상월", exact=True).click()
    page.get_by_role("dialog").get_by_text("왜 보십니까").or_(
        page.locator(".why-card")
    ).first.wait_for()
    page.keyboard.press("1")
    page.locator(".why").wait_for(state="detached")

    page.keyboard.type("2-2")
    page.keyboard.press("Enter")
    page.locator('[data-tile="0"][data-state="live"] img').wait_for()
    assert "C2-2" in page.locator('[data-tile="0"] .tile-name').inner_text()
    assert "사람 0" in page.locator('[data-tile="0"] .tile-mark').inner_text()
    page.keyboard.type("99")
    page.keyboard.press("Enter")
    page.get_by_role("alert").get_by_text("99").wait_for()

    page.keyboard.press("ArrowLeft")
    page.keyboard.press("n")
    page.locator(".side-list li").nth(5).wait_for()
    page.locator("[data-state=live]").nth(3).wait_for()
    assert barriers(page) == []
    shoot(page, "wall-net")

    gone = page.locator('[data-tile="1"]').get_attribute("data-camera")
    assert gone is not None
    server.say(gone, t="shut", code=4403, why="")
    black = page.locator('[data-tile="1"][data-state="shut"]')
    black.get_by_text("권한이 없습니다").wait_for()
    assert black.locator("img").count() == 0
    assert black.locator("video").is_hidden()
    assert states(page).count("live") == 3

    page.locator(".side-name input").fill("시장")
    page.get_by_label("순찰관제로").check()
    page.get_by_role("button", name="저장", exact=True).click()
    page.get_by_role("button", name="시장 10초").or_(
        page.locator(".side-kept li button").first
    ).first.click()
    page.locator(".wall-patrol").wait_for()
    assert len(server.shown[-1]["patrol"]) >= 4
    page.keyboard.press("p")
    page.get_by_role("button", name="계속").wait_for()
