"""What devices say of themselves, in people's words: each system registers the states of its devices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from madang.ground.web.registry import Text


@dataclass(frozen=True)
class Saying:
    """A state that devices of these kinds say (none named: of any kind), and what its values mean."""

    name: str
    title: Text
    values: Mapping[str, Text]
    kinds: frozenset[str] = frozenset()


_sayings: dict[tuple[str, str], Saying] = {}
ANY = ""


def register(*sayings: Saying) -> None:
    """Add sayings; the same name of the same kind again takes the place of the one before."""
    for one in sayings:
        for kind in one.kinds or {ANY}:
            _sayings[one.name, kind] = one


def titles(kind: str, name: str, value: str) -> tuple[Text, Text]:
    """How people call the state and its value, as a device of that kind says them; else its own words."""
    found = _sayings.get((name, kind)) or _sayings.get((name, ANY))
    return (found.title, found.values.get(value, value)) if found else (name, value)


_OPEN = {"open": pgettext_lazy("a lid", "open"), "closed": pgettext_lazy("a lid", "closed")}
USUAL = (
    Saying(
        "bell",
        _("Emergency bell"),
        {"idle": pgettext_lazy("a bell", "not pressed"), "pressed": _("pressed")},
    ),
    Saying("cover", _("Cover"), _OPEN),
    Saying("door", _("Door"), _OPEN),
    Saying(
        "power",
        _("Power"),
        {"mains": _("mains"), "battery": _("on battery"), "off": pgettext_lazy("power", "off")},
    ),
)
