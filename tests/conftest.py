"""Tests run on a real PostgreSQL: the embedded one, started once, a database for each kind of test."""

from __future__ import annotations

import os
import tempfile

os.environ["MADANG_HOME"] = tempfile.mkdtemp(prefix="madang-test-")
os.environ["DJANGO_SETTINGS_MODULE"] = "madang.run.django_settings"
for name in ("DATABASE_URL", "DATABASE_OWNER_URL", "NATS_URL"):
    os.environ.pop(name, None)

pytest_plugins = [
    "fixtures.database",
    "fixtures.nats",
    "fixtures.city_nats",
    "fixtures.browser",
    "fixtures.people",
    "fixtures.platform",
]


def pytest_configure() -> None:
    import django

    django.setup()
    # A slow hash is for guessers; tests make hundreds of accounts.
    from django.conf import settings

    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
