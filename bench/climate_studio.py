"""The studio in a browser on the whole demo city at 5 m: from an edit to its numbers and its picture.

A planner plants rows of trees one after the other. Served: the edit's answer with all numbers and what
changed of the picture, as a program on this machine asks for it; beside it the whole picture, as a map that
moves asks for it. Painted: in Chromium, from the finished
line to the map drawn with the new picture; a software renderer draws it where there is no graphics card.

`python -m bench.climate_studio --short` draws 20 edits instead of 100.
"""

from __future__ import annotations

import http.client
import json
import os
import random
import sys
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

from bench.browsing import chromium, demo, signed_in
from bench.report import figure, heading, percentile

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page

EDITS, SHORT, WARM, SEED = 100, 20, 3, 1
SERVED, PAINTED = 50.0, 150.0  # ms allowed
SLOW = 180_000  # ms
SETTLE = 60  # seconds: the first start reckons the city's indicators
API = "/api/v1/cities/demo/climate"
VIEW = {"west": 14_128_000, "south": 4_468_600, "east": 14_148_000, "north": 4_484_200,
        "width": 900, "height": 700}  # fmt: skip


def main() -> None:
    edits = SHORT if "--short" in sys.argv else EDITS
    heading("climate studio", edits=edits, seed=SEED, load=round(os.getloadavg()[0], 1))
    with demo({"MADANG_DEMO_RECORDED": "0"}) as running, chromium() as browser:
        time.sleep(SETTLE)
        context = browser.new_context(locale="ko-KR")
        signed_in(context, running, "planner", "/demo/").close()
        # First: the process reads the city's surfaces meanwhile.
        seen = served(context, running.address, edits)
        painted(opened(context, running.address, seen), seen, edits)


def opened(context: BrowserContext, address: str, seen: int) -> Page:
    """The studio with the newest plan at that version, painted, the whole city in view."""
    page = context.new_page()
    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto(f"{address}/demo/climate/studio/")
    page.wait_for_selector(f'.map[data-idle][data-painted="{seen}"]', timeout=SLOW)
    page.get_by_role("radio", name="가로수").wait_for(timeout=SLOW)
    return page


def served(context: BrowserContext, address: str, edits: int) -> int:
    """Edits over one kept connection, as the page asks for them; the version of the plan afterwards."""
    words = urlsplit(address)
    line = http.client.HTTPConnection(words.hostname or "", words.port)
    cookies = {one["name"]: one["value"] for one in context.cookies()}
    headers = {
        "Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items()),
        "X-CSRFToken": cookies.get("csrftoken", ""), "Content-Type": "application/json",
        "Referer": address, "Origin": address,
    }  # fmt: skip
    plan = json.loads(
        _asked(line, "POST", f"{API}/plans", headers, {"name": "측정", "premises": {}})
    )
    chance, answers, pictures = random.Random(SEED), [], []
    for seen in range(edits + WARM):
        body = {"seen": seen, "edits": [_row(chance)], "look": {"layer": "temperature", **VIEW}}
        began = time.perf_counter()
        said = _asked(line, "POST", f"{API}/plans/{plan['id']}/edits", headers, body)
        answered = time.perf_counter()
        asked = urlencode({**VIEW, "plan": plan["id"]})
        _asked(line, "GET", f"{API}/view/temperature.png?{asked}", headers)
        if not json.loads(said)["picture"]["width"]:
            raise SystemExit("an edit in view changed nothing of it")
        if seen >= WARM:
            answers.append((answered - began) * 1000)
            pictures.append((time.perf_counter() - answered) * 1000)
    p95 = percentile(answers, 0.95)
    figure("studio at 5 m, served: an edit with what changed of the picture, p95", p95, "ms",
           f"{SERVED:.0f} ms allowed", p95 / SERVED)  # fmt: skip
    figure("studio at 5 m, served: the same, median", percentile(answers, 0.5), "ms")
    figure("studio at 5 m, served: the whole picture, p95", percentile(pictures, 0.95), "ms")
    return edits + WARM


def _row(chance: random.Random) -> dict[str, Any]:
    """A row of trees of some 80 m somewhere in the middle of the city."""
    lon, lat = chance.uniform(126.97, 127.06), chance.uniform(37.23, 37.30)
    return {"kind": "trees", "rings": [[[lon, lat], [lon + 0.0009, lat]]],
            "what": {"species": "zelkova", "spacing": 8}}  # fmt: skip


def _asked(
    line: http.client.HTTPConnection,
    method: str,
    path: str,
    headers: dict[str, str],
    body: dict[str, Any] | None = None,
) -> bytes:
    line.request(method, path, None if body is None else json.dumps(body), headers)
    answer = line.getresponse()
    said = answer.read()
    if answer.status >= 400:
        raise SystemExit(f"{method} {path}: {answer.status} {said[:500]!r}")
    return said


def painted(page: Page, seen: int, edits: int) -> None:
    """Rows of trees drawn by mouse and keyboard on a plan at that version."""
    page.get_by_role("radio", name="가로수").click()
    box = page.locator(".map").bounding_box()
    assert box
    chance, times = random.Random(SEED), []
    for number in range(1, edits + WARM + 1):
        x = box["x"] + box["width"] * chance.uniform(0.35, 0.6)
        y = box["y"] + box["height"] * chance.uniform(0.35, 0.6)
        page.mouse.click(x, y)
        page.mouse.click(x + 12, y)
        page.evaluate("performance.clearMarks()")
        page.keyboard.press("Enter")
        page.wait_for_selector(f'.map[data-painted="{seen + number}"]', timeout=SLOW)
        took = page.evaluate(
            "() => { const [drawn] = performance.getEntriesByName('studio-drawn');"
            " const painted = performance.getEntriesByName('studio-painted').at(-1);"
            " return painted.startTime - drawn.startTime; }"
        )
        if number > WARM:
            times.append(float(took))
        page.wait_for_timeout(300)  # the hand rests, the page looks for others
    p95 = percentile(times, 0.95)
    figure(
        "studio at 5 m, edit to painted, p95", p95, "ms", f"{PAINTED:.0f} ms allowed", p95 / PAINTED
    )
    figure("studio at 5 m, edit to painted, median", percentile(times, 0.5), "ms")


if __name__ == "__main__":
    main()
