"""A PostgreSQL of a newer major version takes over the data of an older one, by pg_upgrade.

The old data folder stays as it was until somebody removes it, so that one can go back.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from madang.run import engines, postgres
from madang.run.refusal import Refusal
from madang.run.secrets import secret


class MajorUpgradeError(Refusal):
    """The data were not taken over and are as they were; the message says why."""


def is_due(home: Path) -> bool:
    """Whether the data in home were made by another major version than this environment's."""
    return postgres.place(home).made_by() not in (None, engines.major())


def upgrade(home: Path, old_programs: Path | None, say: Callable[[str], None]) -> Path:
    """Take the data over while no server runs on them; return the folder the old ones were moved to."""
    new = postgres.place(home)
    made_by = new.made_by()
    assert made_by is not None
    if made_by > engines.major():
        raise MajorUpgradeError(
            f"The data were made by PostgreSQL {made_by} and this version of Madang brings "
            f"{engines.major()}, which is older. Use the version of Madang that you had before."
        )
    folder = new.data.parent
    old = replace(new, binaries=old_programs or engines.of_major(folder, made_by))
    say(f"  PostgreSQL {made_by} → {engines.major()} …")
    draft = replace(new, data=folder / "upgrading")
    shutil.rmtree(draft.data, ignore_errors=True)
    postgres.initialise(home, draft, _checksums_like(old))
    _pg_upgrade(home, old, draft)
    kept = folder / f"data-of-{made_by}"
    new.data.rename(kept)
    draft.data.rename(new.data)
    engines.forget_others(folder)
    return kept


def _checksums_like(old: postgres.Place) -> str:
    """pg_upgrade wants page checksums in both clusters or in neither; initdb's default has changed."""
    told = old.run("pg_controldata", "-D", old.data)
    found = re.search(r"checksum version:\s+(\d+)", told.stdout)
    if found is None:
        raise MajorUpgradeError(f"The old data cannot be read: {told.stderr.strip()}")
    return "--no-data-checksums" if found[1] == "0" else "--data-checksums"


def _pg_upgrade(home: Path, old: postgres.Place, new: postgres.Place) -> None:
    work = new.data.parent / "pg_upgrade"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(mode=0o700)
    if new.user is not None:
        shutil.chown(work, new.user, new.group)
    done = subprocess.run(
        [new.binaries / "pg_upgrade", "--old-bindir", old.binaries, "--new-bindir", new.binaries,
         "--old-datadir", old.data, "--new-datadir", new.data, "--username", postgres.SUPERUSER,
         "--socketdir", new.socket, "--copy"],
        check=False, capture_output=True, text=True, cwd=work, **new.as_user(),
        env={"PGPASSWORD": secret(home, f"database-{postgres.SUPERUSER}"), "LC_ALL": "C.UTF-8"},
    )  # fmt: skip
    if done.returncode != 0:
        why = _last_words(new.data / "pg_upgrade_output.d")
        shutil.rmtree(new.data, ignore_errors=True)
        said = done.stdout[-1000:]
        raise MajorUpgradeError(f"pg_upgrade did not take the data over:\n{said}\n{why}")
    shutil.rmtree(work)


def _last_words(logs: Path) -> str:
    """The errors in pg_upgrade's logs, which go with the folder; only those: passwords stand there too."""
    written = sorted(logs.rglob("*.log"), key=lambda path: path.stat().st_mtime)
    lines = (line for path in written for line in path.read_text(errors="replace").splitlines())
    return "\n".join([line for line in lines if re.search(r"\b(error|ERROR|FATAL):", line)][-10:])
