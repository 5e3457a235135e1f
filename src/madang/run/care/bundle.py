"""`madang bundle`: one archive that installs and runs on a machine without a network.

Control rooms have none. The archive holds the sources, the built front end and the wheel of every
locked package; tools/setup.py takes packages from its folder wheels/ when there is one.
"""

from __future__ import annotations

import platform
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from madang import __version__
from madang.run.refusal import Refusal

LOCKS = ("requirements-uv.lock", "requirements.lock")
BUILT = "frontend/dist"
NOT_SOURCES = {".git", ".venv", "var", "build", "node_modules", "wheels", "__pycache__"}


class BundleError(Refusal):
    """The archive could not be made; the message says why and what to do."""


def bundle(root: Path, target: Path, say: Callable[[str], None]) -> None:
    """Write the archive of the checkout in root to target, whole or not at all."""
    if not (root / LOCKS[-1]).exists():
        raise BundleError(
            f"{root} is no checkout of Madang; run this in the folder with its Makefile."
        )
    if not (root / BUILT).is_dir():
        raise BundleError("The front end is not built yet; run: make setup")
    draft = target.with_name(f".{target.name}.part")
    try:
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".madang-bundle-") as folder:
            say("  packages …")
            download(root, Path(folder))
            say("  packing …")
            _pack(root, Path(folder), draft)
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)


def default_name() -> str:
    """madang-0.1.0-linux-x86_64-python3.11.tar: it installs on that kind of machine only."""
    python = f"python{sys.version_info.major}.{sys.version_info.minor}"
    return f"madang-{__version__}-{platform.system().lower()}-{platform.machine()}-{python}.tar"


def download(root: Path, folder: Path) -> None:
    """The wheel of every locked package, for this kind of machine and this Python."""
    for lock in LOCKS:
        done = subprocess.run(
            [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check",
             "--no-deps", "--only-binary", ":all:", "--require-hashes", "--dest", folder,
             "--requirement", root / lock],
            check=False, capture_output=True, text=True,
        )  # fmt: skip
        if done.returncode != 0:
            raise BundleError(
                f"The packages of {lock} could not be fetched: {done.stderr.strip()}\n"
                "This command needs the package index; run it where the network is."
            )


def sources(root: Path) -> Iterator[Path]:
    """The files of the checkout: what git tracks, and without git all but what is made here."""
    listed = subprocess.run(
        ["git", "-C", root, "ls-files", "-z"], check=False, capture_output=True, text=True
    )
    if listed.returncode == 0:
        yield from sorted(root / name for name in listed.stdout.split("\0") if name)
        return
    for path in sorted(root.rglob("*")):
        parts = path.relative_to(root).parts
        if path.is_file() and not NOT_SOURCES & set(parts):
            yield path


def _pack(root: Path, wheels: Path, target: Path) -> None:
    top = target.name.lstrip(".").removesuffix(".part").removesuffix(".tar")
    with tarfile.open(target, "w") as tar:
        for path in sources(root):
            tar.add(path, f"{top}/{path.relative_to(root)}", recursive=False)
        tar.add(root / BUILT, f"{top}/{BUILT}")
        for wheel in sorted(wheels.iterdir()):
            tar.add(wheel, f"{top}/wheels/{wheel.name}")
