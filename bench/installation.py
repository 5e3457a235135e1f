"""An installation to measure: a fresh home with the embedded PostgreSQL as a city runs it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def installation() -> Iterator[Path]:
    """The home of a migrated installation, django.setup() done; everything is gone afterwards."""
    home = Path(tempfile.mkdtemp(prefix="madang-bench-"))
    os.environ.update(MADANG_HOME=str(home), DJANGO_SETTINGS_MODULE="madang.run.django_settings")
    import django

    from madang.run import postgres
    from madang.run.migrate import migrate
    from madang.run.settings import settings

    place = postgres.prepare(home)
    log = (home / "postgres.log").open("wb")
    words = postgres.command(place)
    server = subprocess.Popen(words, cwd="/", stdout=log, stderr=log, **place.as_user())
    try:
        postgres.wait_until_ready(home, lambda: server.poll() is None, patience=60)
        postgres.ensure_roles(home)
        django.setup()
        migrate(home, settings())
        yield home
    finally:
        server.send_signal(signal.SIGINT)  # at once, whoever is still connected
        server.wait(60)
        shutil.rmtree(place.data.parent, ignore_errors=True)
        shutil.rmtree(home, ignore_errors=True)
