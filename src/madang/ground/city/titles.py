"""What tables hold, in the words people know it by."""

from __future__ import annotations

from django.apps import apps
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = str | Promise

TABLES: dict[str, Text] = {
    "city.district": _("districts"),
    "city.population": _("population figures"),
    "city.roadlink": _("road links"),
    "city.roadnode": _("crossings"),
    "city.place": _("places"),
    "city.shape": _("areas and lines"),
}


def table(label: str) -> Text:
    """A table by its label, such as city.roadlink; a system's own by its verbose name."""
    return TABLES.get(label) or str(apps.get_model(label)._meta.verbose_name_plural)
