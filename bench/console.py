"""The console: how fast it draws what moves, how soon its map is useful, how large it is, how it grows.

Everything is drawn by Chromium on software GL, so the renders count beside those of the peers of the same
run: MapLibre's GeoJSON source and deck.gl, on the same map with the same crowd. An hour's updates are fed as
fast as the machine goes; `--hour` also watches the memory of a whole page for an hour, not two minutes.
"""

from __future__ import annotations

import functools
import gzip
import http.server
import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.base import Running
from bench.browsing import attached, chromium, demo, signed_in, unwatched
from bench.report import figure, heading

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ROOT = Path(__file__).resolve().parent.parent
FRONTEND = ROOT / "frontend"
PAGE = ROOT / "bench" / "console_page"
BUILT = ROOT / "build" / "bench-console"
THINGS, SECONDS = 20_000, 20
WAYS = {"geojson": "MapLibre GeoJSON setData", "deck": "deck.gl", "ours": "ours"}
LEAST_RENDERS, SOONEST, LARGEST, MOST_GROWTH = 4.5, 3.0, 500e3, 0.05
HELD = {"object", "closure", "array", "string", "concatenated string", "sliced string", "number"}
SHORT, HOUR = 120, 3600  # seconds
SETTLED, WARM = 30, 600  # seconds before two minutes, and before an hour
COUNTS = """
window.held = 0;
for (const kind of ["Buffer", "Texture", "VertexArray", "Framebuffer"])
  for (const [act, step] of [["create", 1], ["delete", -1]]) {
    const real = WebGL2RenderingContext.prototype[act + kind];
    WebGL2RenderingContext.prototype[act + kind] = function (...words) {
      window.held += step;
      return real.apply(this, words);
    };
  }
"""


def main() -> None:
    watched = HOUR if "--hour" in sys.argv else SHORT
    heading("console", things=THINGS, hertz=5, seconds_each=SECONDS, seed=20260701)
    bundle()
    with chromium() as browser:
        renders(browser)
        hurried(browser)
    with demo() as running:
        with chromium() as browser:
            first_map(browser, running.address)
        growth(running, watched)


def bundle() -> None:
    """What the console's page loads, gzipped, besides MapLibre and its worker."""
    dist = FRONTEND / "dist"
    manifest = json.loads((dist / "manifest.json").read_text())
    files = {manifest[key]["file"] for key in reached(manifest, "console/main.ts", set())}
    own = [name for name in files if "maplibre" not in name]
    size = sum(len(gzip.compress((dist / name).read_bytes(), 9)) for name in own)
    figure("script of the console besides MapLibre, gzip", size, "B", "the limit", size / LARGEST)


def reached(manifest: dict[str, Any], key: str, seen: set[str]) -> set[str]:
    """Every chunk that key may load, at once or later."""
    if key not in seen:
        seen.add(key)
        chunk = manifest[key]
        for name in (*chunk.get("imports", ()), *chunk.get("dynamicImports", ())):
            reached(manifest, name, seen)
    return seen


def renders(browser: Browser) -> None:
    """Renders a second of a crowd that is updated five times a second."""
    build()
    rates = {}
    with served(BUILT) as address:
        for way in WAYS:
            page = browser.new_page(viewport={"width": 1280, "height": 800})
            failures = failures_of(page)
            page.goto(f"{address}/?way={way}&size={THINGS}&seconds={SECONDS}")
            page.wait_for_function("window.figures", timeout=(SECONDS + 180) * 1000)
            rates[way] = page.evaluate("window.figures.renders")
            page.close()
            if failures:
                raise SystemExit(f"{WAYS[way]} failed, so nothing is compared: {failures[0]}")
    for way, title in WAYS.items():
        name = f"renders of {THINGS} things: {title}"
        figure(name, rates[way], "1/s", WAYS["geojson"], rates[way] / rates["geojson"])
    ratio = rates["ours"] / LEAST_RENDERS
    figure("renders of ours beside the least wanted", rates["ours"], "1/s", "4.5/s", ratio)


def hurried(browser: Browser) -> None:
    """The growth of script and of what the graphics driver holds over as many updates as an hour has."""
    with served(BUILT) as address:
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        page.add_init_script(COUNTS)
        page.goto(f"{address}/?way=ours&size={THINGS}&updates={HOUR * 5}")
        page.wait_for_function(f"window.fed >= {HOUR // 2}", timeout=180_000)
        before, held = used(page), page.evaluate("window.held")
        page.wait_for_function(f"window.fed >= {HOUR * 5}", timeout=420_000)
        grown, more = used(page) / before - 1, page.evaluate("window.held") - held
        page.close()
    title = f"growth of script over {HOUR * 5} updates of {before / 1e6:.0f} MB"
    figure(title, 100 * grown, "%", "the limit", grown / MOST_GROWTH)
    figure(f"buffers and textures more after {HOUR * 5} updates", more, "", "none", more)


def failures_of(page: Page) -> list[str]:
    """What goes wrong in the page's script, from now on: a way that fails draws nothing, and fast."""
    said: list[str] = []
    page.on("pageerror", lambda error: said.append(str(error)))
    return said


def build() -> None:
    """Build the page with the front end's own tools; deck.gl is installed for it alone."""
    if not (PAGE / "node_modules").exists():
        subprocess.run(["npm", "ci", "--ignore-scripts", "--silent"], cwd=PAGE, check=True)
    vite = str(FRONTEND / "node_modules" / ".bin" / "vite")
    words = [vite, "build", "--logLevel", "error", "--config", str(PAGE / "vite.config.ts")]
    subprocess.run(words, check=True)


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """A plain file server of folder on a free port."""
    handler = functools.partial(Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        pass


def first_map(browser: Browser, address: str) -> None:
    """Seconds from the click to a map that is drawn, with nothing in the cache; the best of three."""
    took = []
    for _ in range(3):
        context = browser.new_context(viewport={"width": 1280, "height": 800})
        page = context.new_page()
        page.goto(f"{address}/demo/console/")
        page.wait_for_function(
            "() => performance.getEntriesByName('console-map').length", timeout=180_000
        )
        took.append(
            page.evaluate("performance.getEntriesByName('console-map')[0].startTime") / 1000
        )
        context.close()
    figure("first useful map, cold cache", min(took), "s", "the limit", min(took) / SOONEST)


def growth(running: Running, seconds: int) -> None:
    """The growth of an operator's page that shows the whole demo city move, nobody attached meanwhile.

    V8 goes on compiling for an hour, so the script's heap is shown with and without compiled code, beside
    what the whole of the page's process takes of the machine: a leak would show in each.
    """
    with unwatched() as address:
        with attached(address) as browser:
            page = signed_in(browser.contexts[0], running, "operator", "/demo/console/")
            page.wait_for_selector("[data-idle]", timeout=180_000)
        time.sleep(WARM if seconds == HOUR else SETTLED)
        before = looked_into(address)
        time.sleep(seconds)
        after = looked_into(address)
    for (what, first), last in zip(before.items(), after.values(), strict=True):
        title = f"growth in {seconds // 60} minutes, {what}, of {first / 1e6:.1f} MB"
        grown = last / first - 1
        figure(title, 100 * grown, "%", "the limit", grown / MOST_GROWTH)


def looked_into(address: str) -> dict[str, float]:
    with attached(address) as browser:
        page = next(one for one in browser.contexts[0].pages if "/console/" in one.url)
        return memory(browser, page)


def memory(browser: Browser, page: Page) -> dict[str, float]:
    """Bytes of a page, by what is counted; rubbish is collected before each."""
    return {
        "the script's heap besides compiled code": holds(page),
        "the script's heap": used(page),
        "the page's process": resident(browser),
    }


def resident(browser: Browser) -> float:
    """Bytes of memory that the largest page's process has for itself, files that it reads left out: how much
    of those it is said to have hangs on who else reads them."""
    session = browser.new_browser_cdp_session()
    running = session.send("SystemInfo.getProcessInfo")["processInfo"]
    session.detach()
    return max(anonymous(one["id"]) for one in running if one["type"] == "renderer")


def anonymous(process: int) -> float:
    """Bytes of a process' anonymous memory, shared ones in proportion (`smaps_rollup` of proc(5))."""
    lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    return 1024.0 * int(next(line for line in lines if line.startswith("Pss_Anon:")).split()[1])


def used(page: Page) -> float:
    """Bytes that the page's script holds after its rubbish was collected."""
    session = page.context.new_cdp_session(page)
    session.send("HeapProfiler.collectGarbage")
    session.send("Performance.enable")
    metrics = session.send("Performance.getMetrics")["metrics"]
    session.detach()
    return float(next(one["value"] for one in metrics if one["name"] == "JSHeapUsedSize"))


def holds(page: Page) -> float:
    """Bytes of objects, closures, arrays and strings of the page, after its rubbish was collected."""
    session = page.context.new_cdp_session(page)
    said: list[str] = []
    session.on("HeapProfiler.addHeapSnapshotChunk", lambda event: said.append(event["chunk"]))
    session.send("HeapProfiler.collectGarbage")
    session.send("HeapProfiler.takeHeapSnapshot", {"reportProgress": False})
    session.detach()
    heap = json.loads("".join(said))
    fields = heap["snapshot"]["meta"]["node_fields"]
    kinds = heap["snapshot"]["meta"]["node_types"][0]
    kind, size, step = fields.index("type"), fields.index("self_size"), len(fields)
    nodes = heap["nodes"]
    rows = zip(nodes[kind::step], nodes[size::step], strict=True)
    return float(sum(bytes_ for at, bytes_ in rows if kinds[at] in HELD))


if __name__ == "__main__":
    main()
