"""Somebody on duty puts cameras on the wall by number and around a place, and one is taken from them.

The pictures come from the test itself, by the words of live/wall.py: what is told is what the page makes
of them.
"""

from __future__ import annotations

import io
import json
import re
import struct
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

import msgspec
import pytest
from PIL import Image

from fixtures.browser import Site, Visitor, barriers, sign_in
from madang.ground.live.frames import frame

if TYPE_CHECKING:
    from playwright.sync_api import Page, WebSocketRoute

pytestmark = [pytest.mark.browser, pytest.mark.story]
LAYOUT = ("id", "x", "y", "age", "heading", "speed", "state")
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


@pytest.fixture(scope="module")
def places(site: Site, operator: dict[str, str]) -> list[tuple[float, float]]:
    """Where the poles stand on the plane of what moves (metres east and north)."""
    with site.django():
        from madang.ground.city.models import City
        from madang.ground.live.plane import plane_of
        from madang.systems.cameras.models import Site as Pole

        plane = plane_of(City.objects.get(key="quiet"))
        assert plane is not None
        return [(one.x - plane.x0, one.y - plane.y0) for one in Pole.objects.order_by("lon")]


class Street:
    """The other end of the live socket: an ambulance with the number 7, and alarms."""

    def __init__(self, east: float, north: float) -> None:
        self.at = (east, north)
        self.socket: WebSocketRoute | None = None
        self.topics: dict[str, int] = {}
        self._sequence = 1

    def serve(self, socket: WebSocketRoute) -> None:
        self.socket = socket
        socket.on_message(self.hear)
        moving = {
            "moving": True,
            "columns": LAYOUT,
            "states": [],
            "stale_after": 15,
            "forget_after": 900,
        }
        kinds = {"emergency": moving, "alarms": {"moving": False}}
        words = {
            "v": 1,
            "epoch": "e",
            "beat": 5,
            "fed": True,
            "topics": 500,
            "cells": [512, 2048, 8192],
        }
        self.say({"t": "hello", "time": now(), "kinds": kinds, **words})

    def say(self, head: dict[str, Any], body: bytes = b"") -> None:
        assert self.socket is not None
        self.socket.send(frame(head, body))

    def hear(self, message: str | bytes) -> None:
        assert isinstance(message, bytes)
        word = msgspec.msgpack.decode(message)
        if word["t"] != "subscribe":
            return
        new = {name: len(self.topics) + at for at, name in enumerate(word["topics"], 1)}
        self.topics |= new
        self.say({"t": "subscribed", "topics": new})
        for name, number in new.items():
            if name.endswith("/alarms"):
                self.say({"t": "records", "topic": number, "seq": 1, "time": now(), "items": []})
            elif "/emergency" in name:
                names = {
                    "keys": ["A-7"],
                    "labels": ["구급차 7"],
                    "kinds": ["ambulance"],
                    "simulated": [],
                }
                head = {"city": "quiet", "kind": "emergency", "rows": 1, "time": now(), **names}
                self.say(
                    {"t": "names", "topic": number, "seq": 1, **head}, struct.pack("<2i", 7, 0)
                )
                self.place("full", number)

    def place(self, what: str, topic: int) -> None:
        head = {
            "t": what,
            "topic": topic,
            "seq": self._sequence,
            "time": now(),
            "rows": 1,
            "gone": 0,
        }
        east, north = self.at
        self.say(head, struct.pack("<i6f", 7, east, north, 0.2, 90.0, 10.0, float("nan")))

    def move(self, east: float, north: float) -> None:
        self.at = (east, north)
        self._sequence += 1
        for name, number in self.topics.items():
            if "/emergency" in name:
                self.place("change", number)

    def alarm(self, lon: float) -> None:
        item = {"key": "1", "kind": "underpass_flooded", "severity": 4, "state": "open"}
        item |= {"subject": "역전 지하차도", "place": "역전", "lon": lon, "lat": 37.265}
        topic = self.topics["quiet/alarms"]
        self.say(
            {"t": "record", "topic": topic, "seq": 2, "time": now(), "item": item, "over": False}
        )


def now() -> int:
    return round(time.time() * 1000)


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


def test_the_wall_follows_a_vehicle_and_looks_around_an_alarm_by_itself(
    site: Site,
    visit: Visitor,
    shoot: Callable[[Page, str], Path],
    operator: dict[str, str],
    places: list[tuple[float, float]],
) -> None:
    page = visit("/quiet/cameras/", cookies=operator, theme="dark")
    (east, north), far = places[0], places[-1]
    server, street = Server(), Street(east + 8, north)
    page.route_web_socket("**/live/cameras/wall", server.serve)
    page.route_web_socket(re.compile(r"/live$"), street.serve)
    page.goto(f"{site.url}/quiet/cameras/wall/?follow=7")
    page.locator('[data-follows="7"]').get_by_text("구급차 7").wait_for()
    if page.locator(".why").count():
        page.keyboard.press("1")
        page.locator(".why").wait_for(state="detached")
        street.move(east + 9, north)
    first = page.locator('[data-tile="0"] .tile-name')
    first.get_by_text("C1-").wait_for()
    street.move(far[0] + 8, far[1])
    first.get_by_text("C3-").wait_for()
    page.locator('[data-tile="0"][data-state="live"] img').wait_for()
    assert barriers(page) == []
    shoot(page, "wall-follows")

    page.get_by_role("button", name="그만 따라가기").click()
    page.locator(".side-alarms select").select_option("2")
    ends = time.monotonic() + 30
    while "quiet/alarms" not in street.topics:
        assert time.monotonic() < ends, "the wall does not hear of alarms"
        page.wait_for_timeout(50)
    before = [one.get_attribute("data-camera") for one in page.locator("[data-tile]").all()]
    street.alarm(POLES[0][1])
    page.locator(".wall-patrol.alarm").get_by_text("역전").wait_for()
    page.locator('[data-tile="0"] .tile-name').get_by_text("C1-").wait_for()
    page.get_by_role("button", name="돌아가기").click()
    first.get_by_text("C3-").wait_for()
    assert [one.get_attribute("data-camera") for one in page.locator("[data-tile]").all()] == before
