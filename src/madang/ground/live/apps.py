from __future__ import annotations

from typing import TYPE_CHECKING

from django.apps import AppConfig
from django.contrib.auth import SESSION_KEY
from django.db.models import signals

from madang.ground import bell

if TYPE_CHECKING:
    from django.contrib.sessions.models import Session

RIGHTS_BELL = "rights_changed"  # rung with the account whose rights are others now, or with CITIES
CITIES = "cities"  # a city is new or another than before


class LiveConfig(AppConfig):
    name = "madang.ground.live"
    label = "live"

    def ready(self) -> None:
        from madang.ground.live import kinds
        from madang.ground.live.records import ALARMS, INCIDENTS
        from madang.ground.live.roll import OTHERS

        kinds.register(kinds.Moving(OTHERS), ALARMS, INCIDENTS)
        signals.pre_delete.connect(_ring, sender="sessions.Session")
        signals.post_save.connect(_ring_for_cities, sender="city.City")


def _ring(instance: Session, **_: object) -> None:
    """A session that ends, wherever it is ended, ends its sockets in every process at once."""
    account = instance.get_decoded().get(SESSION_KEY)
    if account:
        bell.ring(RIGHTS_BELL, account)


def _ring_for_cities(**_: object) -> None:
    bell.ring(RIGHTS_BELL, CITIES)
