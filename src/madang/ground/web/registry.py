"""What each system tells the page shell of itself: its entry in the header and its state at home.

A system registers in its AppConfig.ready(); the shell knows no system by name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from django.http import HttpRequest
from django.utils.functional import Promise

from madang.ground.measure import Measure

Text = str | Promise
Level = Literal["ok", "attention", "down", "empty"]


@dataclass(frozen=True)
class Figure:
    """One number a system shows of itself on the home page."""

    title: Text
    measure: Measure


@dataclass(frozen=True)
class State:
    """How a system is, in one word, one sentence and a few numbers."""

    level: Level
    sentence: Text
    figures: tuple[Figure, ...] = ()


@dataclass(frozen=True)
class System:
    """One entry of the header and one card of the home page.

    url_name is reversed with the city's key; state is asked in a request, so it must answer in
    milliseconds; permission None means everybody may see it.
    """

    key: str
    title: Text
    summary: Text
    icon: str
    url_name: str
    order: int
    state: Callable[[UUID], State]
    permission: str | None = None


_systems: dict[str, System] = {}


def register(system: System) -> None:
    """Add a system to the shell; the same key again replaces it."""
    _systems[system.key] = system


def systems() -> Iterable[System]:
    """Every registered system, in the order of the header."""
    return sorted(_systems.values(), key=lambda system: (system.order, system.key))


@dataclass(frozen=True)
class Notice:
    """Something that this person must not miss, whatever page of the city they are on."""

    words: Text
    url: str
    do: Text


_notices: list[Callable[[HttpRequest], Notice | None]] = []


def register_notice(ask: Callable[[HttpRequest], Notice | None]) -> None:
    """Let ask say, at every page of a city, what this person must not miss; None costs a query at most."""
    _notices.append(ask)


def notices(request: HttpRequest) -> list[Notice]:
    """What whoever sent request must not miss in its city."""
    return [notice for ask in _notices if (notice := ask(request)) is not None]


@dataclass(frozen=True)
class Inbox:
    """What this person has not read yet, and where it stands."""

    unread: int
    url: str


_inboxes: list[Callable[[HttpRequest], Inbox | None]] = []


def register_inbox(ask: Callable[[HttpRequest], Inbox | None]) -> None:
    """Let ask say what stands beside the account's menu of a city's pages; a query at most."""
    _inboxes.append(ask)


def inbox(request: HttpRequest) -> Inbox | None:
    """What whoever sent request has not read; None for a visitor, or above cities."""
    return next((found for ask in _inboxes if (found := ask(request)) is not None), None)


@dataclass(frozen=True)
class Tool:
    """A page above cities, for those who look after the platform: an entry of the account's menu."""

    key: str
    title: Text
    icon: str
    url_name: str
    order: int
    permission: str | None = None


_tools: dict[str, Tool] = {}


def register_tool(tool: Tool) -> None:
    """Add a page to the account's menu; the same key again replaces it."""
    _tools[tool.key] = tool


def tools() -> Iterable[Tool]:
    """Every registered tool, in the order of the menu."""
    return sorted(_tools.values(), key=lambda tool: (tool.order, tool.key))
