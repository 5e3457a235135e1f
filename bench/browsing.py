"""A browser on a platform with the demo city, for benchmarks of what its users see."""

from __future__ import annotations

import json
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bench.base import Running, remove, up

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

CHROMIUM = "/usr/bin/chromium"
FLAGS = ["--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]


@dataclass(frozen=True)
class There:
    """A platform that runs already."""

    address: str
    home: Path


@contextmanager
def demo(environment: Mapping[str, str] | None = None) -> Iterator[Running]:
    """A platform with the demo city, made anew and taken away afterwards."""
    home = Path(tempfile.mkdtemp(prefix="madang-bench-"))
    try:
        with up(home, demo=True, environment=environment) as running:
            yield running
    finally:
        remove(home)


@contextmanager
def chromium() -> Iterator[Browser]:
    """Headless, drawing by software: as everybody who runs a benchmark has it."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@contextmanager
def unwatched() -> Iterator[str]:
    """The address of a browser that runs by itself: tools that are attached keep what its pages fetch."""
    with tempfile.TemporaryDirectory(prefix="madang-bench-") as folder:
        words = [
            "--headless=new",
            "--remote-debugging-port=0",
            "--window-size=1280,800",
            f"--user-data-dir={folder}",
            *FLAGS,
        ]
        process = subprocess.Popen([CHROMIUM, *words, "about:blank"], stderr=subprocess.DEVNULL)
        try:
            yield f"http://127.0.0.1:{_port(Path(folder) / 'DevToolsActivePort')}"
        finally:
            process.terminate()
            process.wait(30)


def _port(said: Path) -> int:
    until = time.monotonic() + 30
    while not (said.exists() and said.read_text()):
        if time.monotonic() > until:
            raise SystemExit("the browser did not start")
        time.sleep(0.1)
    return int(said.read_text().splitlines()[0])


@contextmanager
def attached(address: str) -> Iterator[Browser]:
    """The browser at that address, for as long as it is looked at."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.connect_over_cdp(address)
        yield browser
        browser.close()  # lets go of it: its pages stay


def signed_in(
    context: Browser | BrowserContext, running: Running | There, role: str, path: str
) -> Page:
    """A page of the demo's account of role, at path."""
    accounts = json.loads((running.home / "secrets" / "demo-accounts.json").read_text())
    page = context.new_page()
    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto(f"{running.address}/account/login/?next={path}")
    page.fill("input[name=login]", f"{role}@demo.example")
    page.fill(
        "input[name=password]", next(one["password"] for one in accounts if one["role"] == role)
    )
    page.click("main form button[type=submit]")
    page.wait_for_load_state("load")
    return page
