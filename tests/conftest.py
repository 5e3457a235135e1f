"""Tests run on a real PostgreSQL: the embedded one, started once, a database for each kind of test."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
from pathlib import Path

import hypothesis
import pytest

os.environ["MADANG_HOME"] = tempfile.mkdtemp(prefix="madang-test-")
os.environ["DJANGO_SETTINGS_MODULE"] = "madang.run.django_settings"
for name in ("DATABASE_URL", "DATABASE_OWNER_URL", "NATS_URL"):
    os.environ.pop(name, None)

# Whoever runs the tests in the background ignores these, and so would every process they start.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)

pytest_plugins = [
    "fixtures.database",
    "fixtures.nats",
    "fixtures.city_nats",
    "fixtures.browser",
    "fixtures.people",
    "fixtures.openid",
    "fixtures.platform",
    "fixtures.live_site",
]


NEEDS_DATABASE = {"db", "transactional_db", "own_database", "migrated", "postgres_home"}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--only-database", action="store_true", help="only tests that use a database")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not config.getoption("--only-database"):
        return
    wanted = [item for item in items if _uses_database(item) and not _one_server(item)]
    config.hook.pytest_deselected(items=[item for item in items if item not in wanted])
    items[:] = wanted


def _uses_database(item: pytest.Item) -> bool:
    fixtures = set(getattr(item, "fixturenames", ()))
    return bool(fixtures & NEEDS_DATABASE) or item.get_closest_marker("django_db") is not None


def _one_server(item: pytest.Item) -> bool:
    return item.get_closest_marker("one_server") is not None


# Tests measure no time, and the same code gets the same verdict on every run. To search further:
# pytest --hypothesis-profile=search tests/…
hypothesis.settings.register_profile("ours", deadline=None, derandomize=True)
hypothesis.settings.register_profile("search", deadline=None, max_examples=1000)
hypothesis.settings.load_profile("ours")


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("numprocesses", None):
        # A worker must make a home of its own before pytest-django reads the settings.
        del os.environ["DJANGO_SETTINGS_MODULE"]
        return
    import django

    django.setup()
    # A slow hash is for guessers; tests make hundreds of accounts.
    from django.conf import settings

    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.API_RATE = 0  # tests ask faster than any client; those of the limit set their own


def pytest_unconfigure() -> None:
    """Leave nothing behind: as root the database's files lie outside the home."""
    home = Path(os.environ["MADANG_HOME"])
    shutil.rmtree((home / "postgres").resolve(), ignore_errors=True)
    shutil.rmtree(home, ignore_errors=True)
