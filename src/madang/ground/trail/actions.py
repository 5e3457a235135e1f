"""The registry of actions: everything the trail can speak of, in words a reader understands.

A room declares its actions in a module `actions.py` of its own, found when Django starts.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = str | Promise
Kind = Literal["act", "view", "export", "sign_in", "break_glass"]


class UnknownActionError(LookupError):
    """Code records an action that no actions.py declares."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"The trail knows no action {name!r}: write "
            f'`declare({name!r}, _("…"))` (madang.ground.trail.public) into actions.py of the room.'
        )


@dataclass(frozen=True)
class Action:
    """kind "view" is looking at what a camera or a person's file shows, "export" taking it out."""

    name: str
    title: Text
    kind: Kind = "act"


_actions: dict[str, Action] = {}


def declare(name: str, title: Text, kind: Kind = "act") -> None:
    """Let the trail speak of name; the same name twice is a mistake."""
    if name in _actions:
        raise ValueError(f"the action {name!r} is declared twice")
    _actions[name] = Action(name, title, kind)


def find(name: str) -> Action:
    try:
        return _actions[name]
    except KeyError:
        raise UnknownActionError(name) from None


def actions(kind: Kind | None = None) -> Iterable[Action]:
    """Every declared action, by name, or those of one kind."""
    return sorted(
        (action for action in _actions.values() if kind in (None, action.kind)),
        key=lambda action: action.name,
    )


declare("trail.personal.destroyed", _("Personal data in the trail destroyed"))
declare("trail.key.changed", _("Signing key of the trail changed"))
