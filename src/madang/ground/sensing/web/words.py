"""How states, reasons and kinds of facts are called on screens."""

from __future__ import annotations

from datetime import timedelta

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, pgettext_lazy

from madang.ground.web.registry import Text
from madang.ground.web.tables import Badge

STATES: dict[str, tuple[Text, str]] = {
    "ok": (_("heard"), "ok"),
    "low_battery": (_("battery low"), "attention"),
    "silent": (_("silent"), "down"),
    "unheard": (_("never heard"), "empty"),
    "withdrawn": (pgettext_lazy("device", "withdrawn"), "empty"),
}
REASONS: dict[str, Text] = {
    "malformed": _("not readable"),
    "too_large": _("too large"),
    "unknown_channel": _("unknown channel"),
    "not_a_number": _("not a number"),
    "out_of_range": _("out of range"),
    "outside_city": _("outside the city"),
    "future": _("in the future"),
    "very_old": _("too old"),
    "too_fast": _("too fast"),
    "too_many": _("too many messages"),
    "unknown_device": _("unknown device"),
    "denied": _("denied"),
}
WHATS: dict[str, Text] = {
    "positions": _("positions"),
    "readings": _("readings"),
    "states": _("states"),
    "counts": _("counts"),
    "connect": _("connections"),
}


def state_badge(state: str) -> Badge:
    title, level = STATES[state]
    return Badge(title, level)


def reason_title(reason: str) -> Text:
    return REASONS.get(reason, reason)


def what_title(what: str) -> Text:
    return WHATS.get(what, what)


def span_text(span: timedelta) -> str:
    """A span in the largest unit that it is a whole number of, seconds at the least."""
    seconds = round(span.total_seconds())
    if seconds % 86_400 == 0:
        return ngettext("%d day", "%d days", seconds // 86_400) % (seconds // 86_400)
    if seconds % 3600 == 0:
        return ngettext("%d hour", "%d hours", seconds // 3600) % (seconds // 3600)
    if seconds % 60 == 0:
        return ngettext("%d minute", "%d minutes", seconds // 60) % (seconds // 60)
    return ngettext("%d second", "%d seconds", seconds) % seconds
