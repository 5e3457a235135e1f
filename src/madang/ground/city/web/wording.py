"""States and kinds in the words people know them by."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

from madang.ground.city.models import Import
from madang.ground.city.recognisers import registry
from madang.ground.city.titles import table

Text = str | Promise

STATES: dict[str, tuple[Text, str]] = {
    Import.State.WAITING: (pgettext_lazy("import", "Waiting"), "info"),
    Import.State.READING: (pgettext_lazy("import", "Being read"), "info"),
    Import.State.PREVIEWED: (pgettext_lazy("import", "Waits for your answer"), "attention"),
    Import.State.CONFIRMED: (pgettext_lazy("import", "Being applied"), "info"),
    Import.State.APPLIED: (pgettext_lazy("import", "Applied"), "ok"),
    Import.State.REFUSED: (pgettext_lazy("import", "Refused"), "down"),
    Import.State.INTERRUPTED: (pgettext_lazy("import", "Interrupted"), "down"),
    Import.State.UNDONE: (pgettext_lazy("import", "Undone"), "empty"),
    Import.State.DISCARDED: (pgettext_lazy("import", "Discarded"), "empty"),
}
LEVELS: dict[str, Text] = {
    "si": pgettext_lazy("district", "City"),
    "gu": pgettext_lazy("district", "Gu"),
    "dong": pgettext_lazy("district", "Dong"),
}


def rows(counts: dict[str, int]) -> list[tuple[Text, int]]:
    return [(table(label), count) for label, count in counts.items()]


def recogniser(brought: Import) -> Text:
    """What the file was recognised as, or nothing yet."""
    try:
        return registry.by_key(brought.recogniser).title
    except KeyError:
        return brought.recogniser
