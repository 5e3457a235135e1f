"""Cameras: how soon the first picture is seen, and how fast the register answers for 16,000 of them.

A picture counts as seen when Chromium has handed its first frame to the screen, from the moment at which
the page was asked for; each camera has been watched by nobody before. The demo's cameras draw on the same
machine, and Chromium decodes and composes in software. What each part of the way took is said too.

`python -m bench.cameras --first` looks at first pictures only.
"""

from __future__ import annotations

import os
import sys
import time
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.browsing import There, chromium, demo, signed_in
from bench.report import figure, heading, percentile
from bench.turning_camera import GLASS, PASSWORD, USER, Turning, turning

if TYPE_CHECKING:
    from playwright.sync_api import Page

PICTURES, CASTS, PATIENCE = 20, 60, 60_000
FIRST, LISTED, STEERED, CAUGHT = 1.0, 0.2, 0.5, 0.1  # seconds allowed
FRAMES, TURNS = 40, 6  # looked at while the camera turns to one side; sides
SEEN = """() => new Promise((seen) => {
  const video = document.querySelector("[data-live-picture] video");
  const told = () => seen(performance.now() / 1000);
  if (video.readyState >= 2 && video.currentTime > 0) told();
  else video.requestVideoFrameCallback(told);
})"""
# The page's own marks (frontend/pages/live-picture.ts), each with what is over by then.
PARTS = {
    "answered": "the page's first byte",
    "asked": "its script, which asks for the picture",
    "door": "who looks has been let in",
    "begin": "the camera's stream begins",
    "decoded": "its first frame is decoded",
    "seen": "it is on the screen",
}
MARKS = """() => {
  const [page] = performance.getEntriesByType("navigation");
  const found = { answered: page.responseStart / 1000 };
  for (const { name, startTime } of performance.getEntriesByType("mark"))
    found[name.replace("picture-", "")] ??= startTime / 1000;
  return found;
}"""
FIRST_ONLY = "--first"


def main() -> None:
    heading("cameras", pictures=PICTURES)
    given = [word for word in sys.argv[1:] if word != FIRST_ONLY]
    if len(given) > 1:  # a platform that runs already: its address and home
        measure(given[0], Path(given[1]))
        return
    with demo() as running:
        measure(running.address, running.home)


def measure(address: str, home: Path) -> None:
    settle(home)
    # Before Playwright, whose loop Django's database would not be asked beside.
    watched, around = cameras(), places()
    with turning() as camera:
        steered = record_turning(camera)
        with chromium() as browser:
            page = signed_in(browser, There(address, home), "operator", "/demo/cameras/")
            first_pictures(page, address, watched)
            if FIRST_ONLY in sys.argv:
                return
            steering(page, address, steered)
            register(page, address)
            net(page, address, around)


def settle(home: Path) -> None:
    """Let the demo's operator see cameras of every purpose, for a reason."""
    os.environ.update(MADANG_HOME=str(home), DJANGO_SETTINGS_MODULE="madang.run.django_settings")
    import django

    django.setup()
    from madang.ground.city.models import City
    from madang.ground.people.domain.grants import give_scope
    from madang.ground.people.models import Account, Membership
    from madang.ground.people.public import choose_reason
    from madang.ground.trail.public import Actor

    account = Account.objects.get(email="operator@demo.example")
    membership = Membership.objects.get(account=account, ends=None)
    give_scope(Actor(name="bench"), membership, ["view", "steer"])
    choose_reason(account, City.objects.get(key="demo"), "patrol")


def cameras() -> list[Any]:
    """Cameras far from each other in the register, so that nothing of one is warm for the next."""
    from madang.systems.cameras.models import Camera

    ids = list(Camera.objects.order_by("key").values_list("pk", flat=True))
    return ids[:: max(1, len(ids) // (PICTURES + 1))][: PICTURES + 1]


def first_pictures(page: Page, address: str, watched: list[Any]) -> None:
    """From asking for a camera's page to its first frame; the first of all (cold) apart."""
    took, marks = [], []
    for pk in watched:
        page.goto(f"{address}/demo/cameras/devices/{pk}/live/", wait_until="commit")
        page.wait_for_selector("[data-live-picture] video", timeout=PATIENCE, state="attached")
        took.append(float(page.evaluate(SEEN)))
        marks.append({**page.evaluate(MARKS), "seen": took[-1]})
    figure("cameras.first_picture_of_all", took[0], "s")
    figure("cameras.first_picture_p50", percentile(took[1:], 0.5), "s")
    worst = percentile(took[1:], 0.95)
    figure("cameras.first_picture_p95", worst, "s", "the limit, 1 s", worst / FIRST)
    parts(marks[1:])


def parts(marks: list[dict[str, float]]) -> None:
    """What each part of the way to the first picture took; the last two may change places."""
    for (before, name), words in zip(pairwise(["", *PARTS]), PARTS.values(), strict=True):
        spans = [max(0.0, one[name] - one.get(before, 0.0)) for one in marks]
        figure(f"cameras.first_picture.{name}_p50", percentile(spans, 0.5), "s", words)
        figure(f"cameras.first_picture.{name}_p95", percentile(spans, 0.95), "s", words)


def record_turning(camera: Turning) -> Any:
    """The camera in the register of the demo city; its id."""
    from madang.ground.city.models import City
    from madang.ground.trail.public import Actor
    from madang.systems.cameras.models import Camera, Site
    from madang.systems.cameras.public import (
        CameraSpec,
        camera_key,
        record_cameras,
        record_onvif,
    )

    city = City.objects.get(key="demo")
    site = Site.objects.filter(city=city).order_by("key")[0]
    spec = CameraSpec(
        site, 99, kind="turning", main_address=camera.stream, user=USER, password=PASSWORD
    )
    record_cameras(city, [spec], Actor(name="bench"))
    key = camera_key(site, 99)
    record_onvif(city, {key: (camera.onvif, "steered-main")})
    return Camera.objects.get(city=city, key=key).pk


def steering(page: Page, address: str, camera: Any) -> None:
    """How old pictures are when Chromium hands them to the screen, while the camera is turned."""
    page.goto(f"{address}/demo/cameras/devices/{camera}/live/")
    page.locator(".steer[data-at]").wait_for(timeout=PATIENCE)
    page.evaluate(SEEN)
    page.locator(".steer-take").click()
    page.locator('.steer[data-state="mine"]').wait_for(timeout=PATIENCE)
    late: list[float] = []
    for turn in range(TURNS):
        key = ("ArrowRight", "ArrowLeft")[turn % 2]
        page.keyboard.down(key)
        found = page.evaluate(GLASS, FRAMES)
        page.keyboard.up(key)
        late += [float(one) / 1000 for one in found] if turn else []  # the first warms up
    figure("cameras.glass_steering_p50", percentile(late, 0.5) * 1e3, "ms")
    worst = percentile(late, 0.95)
    figure("cameras.glass_steering_p95", worst * 1e3, "ms", "the limit, 500 ms", worst / STEERED)


PAGES = {
    "list": "devices/",
    "search": "devices/?q=0123",
    "map": "/api/v1/cities/demo/console/points/cameras",
}


def register(page: Page, address: str) -> None:
    """The register of the demo city as the same operator asks for it."""
    for name, path in PAGES.items():
        url = address + (path if path.startswith("/") else f"/demo/cameras/{path}")
        spans = []
        for number in range(41):
            began = time.perf_counter()
            answer = page.request.get(url)
            if not answer.ok:
                raise SystemExit(f"{url}: {answer.status}")
            if number:  # the first warms up
                spans.append(time.perf_counter() - began)
        span = percentile(spans, 0.95)
        figure(f"cameras.{name}_p95", span * 1e3, "ms", "the limit, 200 ms", span / LISTED)


def places() -> list[tuple[float, float]]:
    """Poles all over the city, as points around which something may happen."""
    from madang.systems.cameras.models import Site

    found = list(Site.objects.order_by("key").values_list("lon", "lat"))
    return found[:: max(1, len(found) // (CASTS + 1))][: CASTS + 1]


def net(page: Page, address: str, around: list[tuple[float, float]]) -> None:
    """The cameras around a place: from asking to the whole answer, the page's own way of asking."""
    spans = []
    for number, (lon, lat) in enumerate(around):
        words: dict[str, str | float | bool] = {"lon": lon, "lat": lat, "limit": 16}
        began = time.perf_counter()
        answer = page.request.get(f"{address}/api/v1/cities/demo/cameras/net", params=words)
        if not answer.ok:
            raise SystemExit(f"net view: {answer.status}")
        if number:
            spans.append(time.perf_counter() - began)
    figure("cameras.net_view_p50", percentile(spans, 0.5) * 1e3, "ms")
    worst = percentile(spans, 0.95)
    figure("cameras.net_view_p95", worst * 1e3, "ms", "the limit, 100 ms", worst / CAUGHT)


if __name__ == "__main__":
    main()
