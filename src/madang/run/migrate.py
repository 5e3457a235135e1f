"""Bring the database to the form this code expects, as the role that owns the tables."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from madang.run.databases import owner_url
from madang.run.settings import Settings


class MigrationError(Exception):
    """The database could not be brought to this version; the message says why."""


def migrate(home: Path, settings: Settings) -> None:
    """Run the migrations in a process of its own, whose Django connects as the owner."""
    env = {
        **os.environ,
        "MADANG_HOME": str(home),
        "DATABASE_URL": owner_url(home, settings),
        "DJANGO_SETTINGS_MODULE": "madang.run.django_settings",
    }
    done = subprocess.run(
        [sys.executable, "-m", "django", "migrate", "--no-input", "--verbosity", "1"],
        check=False,
        capture_output=True,
        text=True,
        env=env,
    )
    if done.returncode != 0:
        raise MigrationError(done.stderr.strip().splitlines()[-1] if done.stderr else done.stdout)
