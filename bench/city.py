"""The city: what is near, how fast tiles come, how fast files are taken in, at what memory.

Nearest and within are asked of PostgreSQL itself (planning and execution, as EXPLAIN ANALYZE says),
and beside PostGIS where the machine has it. `sizes` and the kinds of large_files are run by name only:
each takes minutes. Real files are those of ../shared, where they lie there;
else files of the same columns and size are made.
"""

from __future__ import annotations

import csv
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from bench.installation import installation
from bench.large_files import KINDS
from bench.postgis import DEBIAN, EXTENSIONS, postgis
from bench.report import figure, heading, percentile

SEED = 1
SITES, ASKED = 16_000, 400
METRES = 300
TILES, DENSE = 200, 14
CAMERAS = 4_934
OSM_BYTES = 27_000_000
SCALES = (0.1, 1.0, 10.0)
LARGE = int(os.environ.get("MADANG_BENCH_BYTES", 2_000_000_000))
SHARED = Path(__file__).resolve().parents[2] / "shared"


def main() -> None:
    heading(
        "city", seed=SEED, sites=SITES, asked=ASKED, tiles=TILES, load=round(os.getloadavg()[0], 1)
    )
    chosen = sys.argv[1:] or ["near", "files", "tiles", "scales"]
    if chosen[0] == "sizes":
        sizes(chosen[1:] or list(KINDS))
        return
    with installation(), tempfile.TemporaryDirectory(prefix="madang-bench-") as folder:
        for name in chosen:
            PARTS[name](Path(folder))


def near(folder: Path) -> None:
    from madang.ground.city.public import Record, Source, make_city, to_degrees, write
    from madang.ground.trail.public import Actor
    from madang.systems.cameras.models import Site

    random = np.random.default_rng(SEED)
    points = _clustered(random, SITES)
    city = make_city("near", {"ko": "가까이"}, Actor(name="bench"))
    lon, lat = to_degrees(points[:, 0], points[:, 1], city.crs)
    rows = (
        Record(Site, str(n), {"purpose": "crime", "cameras": 3, "lon": a, "lat": b, "x": x, "y": y})
        for n, (a, b, (x, y)) in enumerate(zip(lon, lat, points.tolist(), strict=True))
    )
    write(city, Source("sites", {}), rows, Actor(name="bench"))
    asked = _clustered(random, ASKED)
    _near_figures(city, asked)
    _postgis_figures(city, asked)


def _near_figures(city: Any, asked: Any) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from madang.ground.city.public import nearest, within_distance
    from madang.systems.cameras.models import Site

    calls: dict[str, Callable[[float, float], object]] = {
        f"nearest 10 of {SITES:,}": lambda x, y: nearest(Site, city, x, y, 10),
        f"all of {SITES:,} within {METRES} m": lambda x, y: within_distance(
            Site, city, x, y, METRES
        ),
    }
    for name, call in calls.items():
        with CaptureQueriesContext(connection) as asked_of_it:
            for each in asked.tolist():
                call(*each)
        p95 = percentile([_explained(query["sql"]) for query in asked_of_it], 0.95)
        figure(f"{name}, p95 in the database", p95, "ms", "1 ms allowed", p95)
        times = [_timed(lambda: call(*each)) for each in asked.tolist()]  # noqa: B023
        figure(f"{name}, p95 with its objects", percentile(times, 0.95), "ms")


def _postgis_figures(city: Any, asked: Any) -> None:
    """The same rows and questions in a PostGIS of the machine, and ours in that server as well."""
    from madang.systems.cameras.models import Site

    server = next(iter(sorted(DEBIAN.glob("*/bin/postgres"))), None)
    if server is None or not any(EXTENSIONS.glob(f"{server.parts[-3]}/extension/postgis.control")):
        print("# PostGIS is not on this machine: no peer was measured", flush=True)
        return
    rows = Site.objects.filter(city=city).values_list("id", "lon", "lat", "x", "y", "purpose")
    with postgis(server.parent) as run:
        run("CREATE EXTENSION postgis")
        run("CREATE TABLE site (id uuid, lon float8, lat float8, x float8, y float8, purpose text)")
        run.copy("site", rows)
        run("ALTER TABLE site ADD geom geometry(Point, 5186)")
        run("UPDATE site SET geom = ST_SetSRID(ST_MakePoint(x, y), 5186)")
        run("CREATE INDEX ON site USING gist (geom)")
        run("CREATE INDEX ON site USING gist (point(x, y))")
        run("VACUUM ANALYZE site")
        for name, ours, theirs in RIVALS:
            mine, peer = (
                percentile([_explained(query, each, run) for each in asked.tolist()], 0.95)
                for query in (ours, theirs)
            )
            words = f"PostGIS {peer:.3g} ms, both in PostgreSQL {server.parts[-3]}"
            figure(f"{name} of {SITES:,}, p95 in the database", mine, "ms", words, mine / peer)


HERE = "ST_SetSRID(ST_MakePoint(%(x)s, %(y)s), 5186)"
RIVALS = (
    (
        "nearest 10",
        "SELECT * FROM site ORDER BY point(x, y) <-> point(%(x)s, %(y)s) LIMIT 10",
        f"SELECT * FROM site ORDER BY geom <-> {HERE} LIMIT 10",
    ),
    (
        f"within {METRES} m",
        "SELECT * FROM site WHERE point(x, y) <@ box(point(%(x)s - 300, %(y)s - 300),"
        " point(%(x)s + 300, %(y)s + 300)) AND (x - %(x)s) ^ 2 + (y - %(y)s) ^ 2 <= 90000",
        f"SELECT * FROM site WHERE ST_DWithin(geom, {HERE}, {METRES})",
    ),
)


def files(folder: Path) -> None:
    """Each file into a new city; again, when every row is the same; peak memory at the end."""
    cameras = SHARED / "suwon" / "cctv.csv"
    if not cameras.exists():
        cameras = _cameras(folder / "cameras.csv")
    _bring("cameras", cameras, f"{CAMERAS:,} camera rows", 3)
    _bring("osm", _osm(folder / "city.osm", OSM_BYTES), "an OpenStreetMap file of 27 MB", 60)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    figure("peak memory of the importing process", peak, "MB", "500 MB allowed", peak / 500)


def _bring(key: str, path: Path, what: str, allowed: float) -> None:
    from madang.ground.city.domain.imports import begin, bring
    from madang.ground.city.domain.many import steps
    from madang.ground.city.public import make_city
    from madang.ground.city.reading.files import look_into
    from madang.ground.trail.public import Actor

    actor = Actor(name="bench")
    city = make_city(key, {"ko": key}, actor)
    for name, limit in ((what, allowed), (f"{what} again", None)):
        with look_into([path]) as found:
            [step] = steps(found)
            assert step.sheet is not None
            began, worked = time.perf_counter(), time.process_time()
            done = bring(begin(city, step.sheet, actor), step.sheet, actor)
            took = time.perf_counter() - began
        assert done.state == "applied", done.problem
        said = f"{limit} s allowed" if limit else ""
        figure(f"{name} ({done.read:,} rows)", took, "s", said, took / limit if limit else None)
        figure(f"{name}, processor time of the importer", time.process_time() - worked, "s")


def tiles(folder: Path) -> None:
    from django.test import Client

    from madang.demo.city.generate import generate
    from madang.demo.city.making import ACTOR, bring
    from madang.ground.city.layers import tile_set
    from madang.ground.city.public import make_city
    from madang.ground.city.tiles.grid import Tile
    from madang.ground.city.tiles.making import make

    city = make_city("demo", {"ko": "마당시"}, ACTOR, simulated=True)
    bring(city, generate(SEED), lambda text: None)
    city.refresh_from_db()
    base = tile_set("base")
    chosen = _tiles_around(city, TILES)
    cold = []
    for tile in chosen:
        worked = time.process_time()
        make(city, base, tile)
        cold.append((time.process_time() - worked) * 1000)
    figure("cold tile of the demo city, p95, processor time", percentile(cold, 0.95), "ms")
    dense = Tile(DENSE, *_middle(city, DENSE))
    spent = sorted(_processor_time(lambda: make(city, base, dense)) for _ in range(9))
    size = len(make(city, base, dense)) / 1000
    figure(
        f"the densest tile of zoom {DENSE} ({size:.0f} kB), cold, processor time", spent[4], "ms"
    )
    client = Client(headers={"Accept-Encoding": "gzip"})
    addresses = [f"/api/v1/cities/demo/tiles/base/{t.z}/{t.x}/{t.y}.mvt" for t in chosen]
    for address in addresses:
        client.get(address)
    warm = [_timed(lambda: client.get(address)) for address in addresses]  # noqa: B023
    p95 = percentile(warm, 0.95)
    figure("warm tile through the whole application, p95", p95, "ms", "30 ms allowed", p95 / 30)


def _middle(city: Any, zoom: int) -> tuple[int, int]:
    lon, lat = (city.west + city.east) / 2, (city.south + city.north) / 2
    x = (lon + 180) / 360 * 2**zoom
    y = (1 - np.arcsinh(np.tan(np.radians(lat))) / np.pi) / 2 * 2**zoom
    return int(x), int(y)


def _tiles_around(city: Any, count: int) -> list[Any]:
    """Tiles of zooms 10 to 16 as somebody sees them who looks at the middle of the city."""
    from madang.ground.city.tiles.grid import Tile

    random = np.random.default_rng(SEED)
    found = []
    for zoom in random.integers(10, 17, count).tolist():
        x, y = _middle(city, zoom)
        reach = max(0, 2 ** (zoom - 12))
        found.append(
            Tile(
                zoom,
                x + int(random.integers(-reach, reach + 1)),
                y + int(random.integers(-reach, reach + 1)),
            )
        )
    return found


def sizes(kinds: list[str]) -> None:
    """Files of 2 GB (or MADANG_BENCH_BYTES), each made, imported in a process of its own, removed."""
    for kind in kinds:
        _, name, write = KINDS[kind]
        with tempfile.TemporaryDirectory(prefix="madang-bench-") as folder, installation():
            path = Path(folder) / name
            write(path, LARGE)
            subprocess.run([sys.executable, "-m", "bench.file_of_size", kind, path], check=True)


def scales(folder: Path) -> None:
    """Demo cities of each size, each in a process of its own: time and peak memory."""
    for scale in SCALES:
        words = [sys.executable, "-m", "bench.city_of_scale", str(scale), str(SEED)]
        subprocess.run(words, check=True)


def _clustered(random: np.random.Generator, count: int) -> Any:
    """Points in metres as poles stand in a city: around 300 neighbourhoods, within 14 km."""
    middles = random.normal((200_000, 520_000), 3_500, (300, 2))
    return np.round(middles[random.integers(0, 300, count)] + random.normal(0, 350, (count, 2)), 2)


def _explained(query: str, at: list[float] | None = None, run: Any = None) -> float:
    """Planning and execution in milliseconds, as the server measured them."""
    values = {"x": at[0], "y": at[1]} if at else None
    [[plan]] = (run or _run)(f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {query}", values)
    return float(plan[0]["Planning Time"] + plan[0]["Execution Time"])


def _run(query: str, values: dict[str, float] | None = None) -> list[Any]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return cursor.fetchall() if cursor.description else []


def _timed(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return (time.perf_counter() - began) * 1000


def _processor_time(act: Callable[[], object]) -> float:
    began = time.process_time()
    act()
    return (time.process_time() - began) * 1000


def _cameras(path: Path) -> Path:
    random = np.random.default_rng(SEED)
    header = [
        "관리번호",
        "관리기관명",
        "소재지지번주소",
        "설치목적구분",
        "카메라대수",
        "WGS84위도",
        "WGS84경도",
    ]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        for number, (a, b) in enumerate(random.uniform(-0.05, 0.05, (CAMERAS, 2)).tolist()):
            place = ["마당시", f"마당시 {number}", "생활방범", 3, 37.27 + a, 127.0 + b]
            writer.writerow([number, *place])
    return path


def _osm(path: Path, size: int) -> Path:
    """A grid of streets with buildings between them, in OpenStreetMap's XML, of about size bytes."""
    from bench.osm_file import write_grid

    write_grid(path, size)
    return path


PARTS: dict[str, Callable[[Path], None]] = {
    "near": near,
    "files": files,
    "tiles": tiles,
    "scales": scales,
}

if __name__ == "__main__":
    main()
