"""What can be told to somebody: a registry, so that a notice speaks the language of who reads it."""

from __future__ import annotations

from dataclasses import dataclass

from madang.ground.web.registry import Text


@dataclass(frozen=True)
class Kind:
    """words is a sentence with %(names)s of the notice's detail; icon one of the page's icons."""

    name: str
    words: Text
    icon: str = "bell"


_kinds: dict[str, Kind] = {}


def declare(name: str, words: Text, icon: str = "bell") -> None:
    """Make a kind of notice known; two different ones under one name are a mistake."""
    kind = Kind(name, words, icon)
    if _kinds.setdefault(name, kind) != kind:
        raise ValueError(f"the notice {name!r} is declared twice, differently")


def find(name: str) -> Kind:
    """The kind; what no room declares any more is shown by its name."""
    return _kinds.get(name) or Kind(name, name)


def is_declared(name: str) -> bool:
    return name in _kinds
