from __future__ import annotations

from typing import Any

import pytest

from madang.ground.web import console
from madang.ground.web.console import Features, Hit, Inspector, Layer, Look, SearchProvider


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(console, "_entries", {})


def layer(key: str, order: int = 100, permission: str | None = None) -> Layer:
    looks = (Look("", key, "blue"),)
    return Layer(key, key, "city", Features("x"), looks, order=order, permission=permission)


def nothing(*words: Any) -> list[Hit]:
    return []


def test_entries_come_in_their_order_and_only_to_whom_they_may() -> None:
    console.register(layer("b", 2), layer("a", 1), layer("secret", 0, "console.push"))
    assert [one.key for one in console.entries(Layer, lambda name: False)] == ["a", "b"]
    assert [one.key for one in console.entries(Layer, lambda name: True)] == ["secret", "a", "b"]


def test_the_same_key_replaces_within_its_kind() -> None:
    console.register(layer("a", 1), layer("a", 2), SearchProvider("a", "A", nothing))
    assert [one.order for one in console.entries(Layer, lambda name: True)] == [2]
    assert len(console.entries(SearchProvider, lambda name: True)) == 1


def test_an_inspector_is_found_by_the_kind_of_thing() -> None:
    console.register(Inspector(("camera", "pole"), lambda asking, kind, pk: None, "cameras.view"))
    assert console.inspector("pole", lambda name: True)
    assert console.inspector("pole", lambda name: False) is None
    assert console.inspector("tree", lambda name: True) is None
