"""The cache all processes share: one statement a write, and a lock that only one can take."""

from __future__ import annotations

import pytest
from django.core.cache import caches
from django.db import connection
from django.test.utils import CaptureQueriesContext

from madang.ground.people import shared_cache
from madang.ground.people.shared_cache import SharedCache

pytestmark = pytest.mark.django_db


@pytest.fixture
def shared() -> SharedCache:
    return SharedCache("people_shared_cache", {})


def test_the_installation_uses_it() -> None:
    assert isinstance(caches["default"], SharedCache)


def test_what_is_set_is_there_until_it_is_over(shared: SharedCache) -> None:
    shared.set("key", [1.5, "둘"], 60)
    assert shared.get("key") == [1.5, "둘"]
    shared.set("key", "later", -1)
    assert shared.get("key") is None


def test_only_the_first_takes_a_lock_until_it_is_over(shared: SharedCache) -> None:
    assert shared.add("lock", "mine", 60)
    assert not shared.add("lock", "yours", 60)
    assert shared.get("lock") == "mine"
    shared.touch("lock", -5)
    assert shared.add("lock", "yours", 60)


def test_touching_what_is_not_there_makes_nothing(shared: SharedCache) -> None:
    assert not shared.touch("nothing", 60)
    assert shared.get("nothing") is None


def test_a_write_is_one_statement(shared: SharedCache, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared_cache.random, "randrange", lambda most: 1)
    with CaptureQueriesContext(connection) as asked:
        shared.set("key", 1, 60)
    assert len(asked) == 1


def test_what_is_over_is_swept(shared: SharedCache, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared_cache.random, "randrange", lambda most: 0)
    shared.set("old", 1, -10)
    shared.set("new", 1, 60)
    with connection.cursor() as cursor:
        cursor.execute("SELECT cache_key FROM people_shared_cache")
        assert [row[0] for row in cursor.fetchall()] == [":1:new"]
