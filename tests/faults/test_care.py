"""A backup is brought back into an empty home, and a bundle runs with the cable out."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from fixtures.prepared import put_prepared
from madang.run import postgres

pytestmark = pytest.mark.fault

ROOT = Path(__file__).resolve().parents[2]
CITY = (
    "INSERT INTO city_city (id, key, names, time_zone, crs, simulated, created) "
    "VALUES (gen_random_uuid(), 'suwon', '{}', 'Asia/Seoul', 'EPSG:5186', false, now())"
)
ASK = """
import time, urllib.request
for _ in range(600):
    try:
        page = urllib.request.urlopen("http://127.0.0.1:8000/").read().decode()
        break
    except OSError:
        time.sleep(0.2)
assert "/static/" in page, page
"""


@pytest.fixture
def homes(tmp_path: Path) -> Iterator[tuple[Path, Path]]:
    pair = (tmp_path / "before", tmp_path / "뒤 after")
    put_prepared(pair[0])
    yield pair
    for home in pair:
        if (home / "postgres").is_symlink():
            shutil.rmtree((home / "postgres").readlink(), ignore_errors=True)


def madang(home: Path, *words: str | Path) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "MADANG_HOME": str(home), "MADANG_DEMO": "false"}
    return subprocess.run(
        [sys.executable, "-m", "madang", *map(str, words)],
        capture_output=True, text=True, check=False, env=env,
    )  # fmt: skip


def test_what_was_saved_comes_back(homes: tuple[Path, Path], tmp_path: Path) -> None:
    before, after = homes
    saved = tmp_path / "a.backup"
    assert madang(before, "prepare").returncode == 0
    assert "INSERT 0 1" in madang(before, "db", "shell", "--", "-c", CITY).stdout
    assert madang(before, "backup", saved).returncode == 0

    done = madang(after, "restore", saved)
    assert done.returncode == 0, done.stderr
    found = madang(after, "db", "shell", "--", "-Atc", "SELECT key FROM city_city").stdout
    assert found.strip() == "suwon"
    assert (after / "secrets" / "django").read_text() == (before / "secrets" / "django").read_text()
    assert (after / "secrets" / "django").stat().st_mode & 0o777 == 0o600
    again = madang(after, "restore", saved)
    assert again.returncode == 1
    assert "never overwrites" in again.stderr


def test_an_upgrade_takes_a_backup_first(homes: tuple[Path, Path]) -> None:
    home, _ = homes
    assert madang(home, "prepare").returncode == 0
    done = madang(home, "upgrade")
    assert done.returncode == 0, done.stderr
    (made,) = (home / "backups").iterdir()
    assert madang(home, "backup", "--check", made).stdout.startswith(f"{made} is whole")


@pytest.mark.timeout(900)  # it installs every package
def test_a_bundle_runs_without_a_network(tmp_path: Path) -> None:
    """In a network namespace that has no route, not even a name server."""
    if subprocess.run(["unshare", "--net", "true"], check=False, capture_output=True).returncode:
        pytest.skip("a network namespace cannot be made here (needs root or user namespaces)")
    archive = tmp_path / "madang-bundle.tar"
    made = subprocess.run(
        [sys.executable, "-m", "madang", "bundle", archive],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    with tarfile.open(archive) as tar:
        tar.extractall(tmp_path, filter="tar")
    archive.unlink()
    folder = tmp_path / "madang-bundle"
    script = (
        "ip link set lo up && python3 tools/setup.py --kernels-later && (.venv/bin/madang up &) "
        f"&& .venv/bin/python -c '{ASK}' && .venv/bin/madang stop"
    )
    env = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "MADANG_DEMO": "false"}
    done = subprocess.run(
        ["unshare", "--net", "sh", "-c", script],
        cwd=folder, capture_output=True, text=True, check=False, env=env,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    shutil.rmtree((folder / "var" / "postgres").readlink(), ignore_errors=True)


def test_the_roles_password_is_not_shown_by_ps(homes: tuple[Path, Path]) -> None:
    """The clients get their password by the environment."""
    home, _ = homes
    assert madang(home, "prepare").returncode == 0
    password = postgres.url(home, postgres.APP).split(":")[2].split("@")[0]
    words = "cat /proc/*/cmdline 2>/dev/null | tr '\\0' ' '"
    done = madang(home, "db", "shell", "--", "-c", f"\\! {words}")
    assert password not in done.stdout


def test_a_home_of_another_city_is_not_mixed_in(homes: tuple[Path, Path], tmp_path: Path) -> None:
    before, after = homes
    assert madang(before, "prepare").returncode == 0
    assert madang(before, "backup", tmp_path / "a.backup").returncode == 0
    data = (tmp_path / "a.backup").read_bytes()
    (tmp_path / "a.backup").write_bytes(data[: len(data) // 2])
    done = madang(after, "restore", tmp_path / "a.backup")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(postgres.url(after, postgres.OWNER))
