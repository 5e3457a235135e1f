"""An import that is killed has not begun, and two at once go one after the other."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from fixtures.database import TestDatabase

pytestmark = pytest.mark.fault
PATIENCE = 60

PROGRAM = textwrap.dedent("""
    import sys
    from pathlib import Path
    import django
    django.setup()
    from madang.ground.city.domain.imports import always, begin, bring
    from madang.ground.city.models import City
    from madang.ground.city.reading.files import open_file
    from madang.ground.trail.public import Actor

    path, stop = Path(sys.argv[1]), sys.argv[2]
    city, _ = City.objects.get_or_create(key="yard", defaults={"names": {"ko": "마당"}})

    def wait(where):
        if stop == where:
            print(where, flush=True)
            sys.stdin.readline()

    def decide(shown):
        wait("comparing")
        return always(shown)

    [sheet] = open_file(path, path.name)
    actor = Actor(name="test")
    done = bring(begin(city, sheet, actor), sheet, actor, decide=decide,
                 progress=lambda fraction, seen: wait("reading"))
    print(done.state, done.new, done.same, flush=True)
""")


@contextmanager
def importing(
    database: TestDatabase, path: Path, stop: str = ""
) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(path), stop],
        env={**os.environ, "DATABASE_URL": database.app_url},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait(PATIENCE)
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.close()
        process.stdout.close()


def line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def go_on(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.write("\n")
    process.stdin.flush()


@pytest.fixture
def stops(tmp_path: Path) -> Path:
    path = tmp_path / "stops.csv"
    rows = [f"{i},정류장 {i},{127 + i / 1e5},37.27" for i in range(3_000)]
    path.write_text("정류장ID,정류장명,lon,lat\n" + "\n".join(rows), "utf-8")
    return path


def rows(database: TestDatabase, query: str) -> list[tuple[object, ...]]:
    with psycopg.connect(database.app_url) as connection:
        return connection.execute(query).fetchall()  # type: ignore[arg-type]


@pytest.mark.parametrize("where", ["reading", "comparing"])
def test_an_import_killed_on_its_way_has_changed_nothing(
    own_database: TestDatabase, stops: Path, where: str
) -> None:
    with importing(own_database, stops, where) as process:
        assert line(process) == where
        process.send_signal(signal.SIGKILL)
        process.wait(PATIENCE)
    assert rows(own_database, "SELECT count(*) FROM city_place") == [(0,)]
    assert rows(own_database, "SELECT count(*) FROM city_dataset") == [(0,)]
    with importing(own_database, stops) as process:
        assert line(process) == "applied 3000 0"
    states = "SELECT state, read FROM city_import ORDER BY began"
    assert rows(own_database, states) == [("interrupted", 0), ("applied", 3000)]


def test_an_import_killed_while_it_is_applied_has_changed_nothing(
    own_database: TestDatabase, stops: Path
) -> None:
    with psycopg.connect(own_database.owner_url) as blocker:
        blocker.execute("LOCK TABLE city_dataset IN SHARE MODE")
        with importing(own_database, stops) as process:
            waiting = (
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                " AND wait_event_type = 'Lock'"
            )
            while rows(own_database, waiting) == [(0,)]:
                assert process.poll() is None
            process.send_signal(signal.SIGKILL)
            process.wait(PATIENCE)
    assert rows(own_database, "SELECT count(*) FROM city_place") == [(0,)]
    assert rows(own_database, "SELECT state, read FROM city_import") == [("reading", 0)]


def test_two_imports_into_one_city_go_one_after_the_other(
    own_database: TestDatabase, stops: Path
) -> None:
    with importing(own_database, stops, "comparing") as first:
        assert line(first) == "comparing"
        with importing(own_database, stops) as second:
            with pytest.raises(subprocess.TimeoutExpired):
                second.wait(3)
            go_on(first)
            assert line(first) == "applied 3000 0"
            assert line(second) == "applied 0 3000"
    assert rows(own_database, "SELECT count(*) FROM city_place") == [(3000,)]
