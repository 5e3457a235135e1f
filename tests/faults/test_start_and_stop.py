"""How a run begins and ends: orderly, killed, twice, and where something is in its way."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from fixtures.database import TestDatabase
from fixtures.nats import TestNats
from fixtures.platform import SOURCES, Platform
from fixtures.prepared import put_prepared
from madang.run import postgres

pytestmark = pytest.mark.fault


def gone(platform: Platform, patience: float = 30) -> bool:
    """Whether no process of this home is left, at the latest after patience seconds."""
    until = time.monotonic() + patience
    while platform.processes():
        if time.monotonic() > until:
            return False
        time.sleep(0.1)
    return True


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_stops_in_order(own_platform: Platform, number: signal.Signals) -> None:
    own_platform.start()
    own_platform.signal(number)
    assert own_platform.wait() == 0
    assert not own_platform.processes()
    assert "database system is shut down" in (own_platform.home / "logs/postgres.log").read_text()


def test_a_killed_run_leaves_nothing_and_harms_nothing(own_platform: Platform) -> None:
    own_platform.start()
    url = postgres.url(own_platform.home, postgres.OWNER)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TABLE kept AS SELECT generate_series(1, 1000) AS n")
    own_platform.signal(signal.SIGKILL)
    own_platform.wait()
    own_platform.start()  # while the old processes still end
    with psycopg.connect(url, autocommit=True) as connection:
        assert connection.execute("SELECT count(*) FROM kept").fetchone() == (1000,)
    own_platform.signal(signal.SIGKILL)
    own_platform.wait()
    assert gone(own_platform)


def test_a_stale_lock_of_a_killed_server_is_not_in_the_way(own_platform: Platform) -> None:
    own_platform.start()
    data = (own_platform.home / "postgres").resolve() / "data"
    lock = (data / "postmaster.pid").read_text().splitlines()
    own_platform.stop()
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as stranger:
        # As after a restart of the machine: the number is alive, and somebody else's.
        (data / "postmaster.pid").write_text("\n".join([str(stranger.pid), *lock[1:]]) + "\n")
        own_platform.start()
        stranger.communicate(b"\n")
    assert own_platform.get("/readyz") == 200


def test_the_second_of_two_says_where_the_first_is(platform: Platform) -> None:
    second = platform.run("up")
    assert second.returncode == 0
    assert f"http://localhost:{platform.state()['address'].rpartition(':')[2]}" in second.stdout
    assert platform.get("/") == 200


def test_commands_work_beside_and_without_a_running_platform(own_platform: Platform) -> None:
    count = ["db", "shell", "--", "-Atc", "SELECT count(*) > 10 FROM django_migrations"]
    put_prepared(own_platform.home)
    assert own_platform.run("prepare").returncode == 0
    assert own_platform.run(*count).stdout == "t\n"
    assert not own_platform.processes()
    assert own_platform.run("status").returncode == 1
    own_platform.start()
    assert own_platform.run(*count).stdout == "t\n"
    assert own_platform.run("status").returncode == 0
    assert own_platform.run("stop").returncode == 0
    assert own_platform.wait() == 0


def test_takes_free_ports_and_says_which(own_platform: Platform) -> None:
    (own_platform.home / "nats/ports.json").unlink()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        own_platform.settings["MADANG_PORT"] = str(port)
        own_platform.start()
        assert f"port {port} is taken" in own_platform.said()
        assert own_platform.get("/") == 200


def test_refuses_a_database_newer_than_the_code(own_platform: Platform) -> None:
    own_platform.start()
    with psycopg.connect(postgres.url(own_platform.home, postgres.OWNER)) as connection:
        connection.execute(
            "INSERT INTO django_migrations (app, name, applied) VALUES ('city', '9999_later', now())"
        )
    own_platform.stop()
    refused = own_platform.run("up")
    assert refused.returncode == 1
    assert "newer than this code: it has city 9999_later" in refused.stderr
    assert not own_platform.processes()


def test_a_database_that_cannot_be_reached_is_named(own_platform: Platform) -> None:
    own_platform.settings["DATABASE_URL"] = "postgresql://madang_app:secret@127.0.0.1:9/madang"
    refused = own_platform.run("up")
    assert refused.returncode == 1
    assert "database_url" in refused.stderr.lower()
    assert "secret" not in refused.stderr


def test_a_log_that_cannot_be_reached_is_named(own_platform: Platform) -> None:
    own_platform.settings["NATS_URL"] = "nats://madang:secret@127.0.0.1:9"
    refused = own_platform.run("up")
    assert refused.returncode == 1
    assert "nats_url (from NATS_URL) cannot be used" in refused.stderr
    assert "secret" not in refused.stderr
    assert gone(own_platform)


def test_servers_of_the_citys_own_are_used(
    own_platform: Platform, own_database: TestDatabase, own_nats: TestNats
) -> None:
    own_platform.settings |= {
        "DATABASE_URL": own_database.app_url,
        "DATABASE_OWNER_URL": own_database.owner_url,
        "NATS_URL": own_nats.url,
    }
    own_platform.start()
    assert not any(child["name"] == "postgres" for child in own_platform.state()["children"])
    waiting = [child for child in own_platform.state()["children"] if child["state"] != "ready"]
    assert [child["name"] for child in waiting] == ["preparation"]
    assert own_platform.get("/readyz") == 200
    assert own_platform.run("config", "check").returncode == 0


def test_wrong_settings_are_explained(own_platform: Platform) -> None:
    own_platform.settings["MADANG_WEB_WORKERS"] = "many"
    refused = own_platform.run("up")
    assert refused.returncode == 1
    assert "web_workers cannot be 'many' (from MADANG_WEB_WORKERS)" in refused.stderr


def test_too_little_room_on_the_disk_is_said_before_anything_starts(own_platform: Platform) -> None:
    own_platform.settings["MADANG_LEAST_FREE_MB"] = str(10**9)
    refused = own_platform.run("up")
    assert refused.returncode == 1
    assert "MB are free" in refused.stderr
    assert not (own_platform.home / "logs").exists()


def test_a_full_disk_is_explained(own_platform: Platform) -> None:
    disk = own_platform.home.with_name("small")
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(disk)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("a small disk can only be made as root on a machine that lets it")
    try:
        (disk / "filler").write_bytes(b"\0" * 60_000)
        own_platform.settings |= {"MADANG_HOME": str(disk / "home"), "MADANG_LEAST_FREE_MB": "0"}
        refused = own_platform.run("up")
        assert refused.returncode == 1
        assert "The disk is full." in refused.stderr
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def test_a_folder_that_may_not_be_written_is_explained(own_platform: Platform) -> None:
    own_platform.settings["MADANG_HOME"] = "/proc/madang"
    refused = own_platform.run("up")
    assert refused.returncode == 1
    assert "Madang cannot write to /proc/madang" in refused.stderr
    assert "MADANG_HOME=/path make up" in refused.stderr


def test_runs_as_an_ordinary_user(own_platform: Platform) -> None:
    if os.geteuid() != 0:
        pytest.skip("every other test here already runs as an ordinary user")
    python = Path("/usr/bin/python3")
    if not python.exists() or _version(python) != sys.version_info[:2]:
        pytest.skip(f"no Python {sys.version_info[0]}.{sys.version_info[1]} that others may run")
    home = own_platform.home
    for folder in (home.parent, home, home / "nats", home / "nats/ports.json"):
        os.chown(folder, 65534, 65534)
    site = Path(psycopg.__file__).parents[1]
    own_platform.settings["PYTHONPATH"] = f"{SOURCES}:{site}"
    as_nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", str(python)]
    done = subprocess.run(
        [*as_nobody, "-m", "madang", "prepare"],
        env=own_platform.environment(),
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
    )
    if "No module named" in done.stderr:
        pytest.skip("the packages lie in a folder that only root may enter")
    assert done.returncode == 0, done.stderr
    assert not (home / "postgres").is_symlink()
    assert not own_platform.processes()


def _version(python: Path) -> tuple[int, ...]:
    words = subprocess.run(
        [python, "-c", "import sys; print(*sys.version_info[:2])"],
        capture_output=True,
        text=True,
        check=True,
    )
    return tuple(map(int, words.stdout.split()))
