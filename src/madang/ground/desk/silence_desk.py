"""The desk for silence: looks at when devices were last heard, and raises or clears alarms."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import override

from madang.ground.cases.domain.raising import Cause, Finding, clear_alarm, raise_alarm
from madang.ground.cases.queries import open_causes
from madang.ground.city.models import City
from madang.ground.desk.devices import devices, heard, spot_of, thing_of
from madang.ground.desk.level_desk import DESK
from madang.ground.desk.silence import Silence, look
from madang.ground.sensing.models import DeviceKind

CITY, MANY, ONE = "city_silent", "devices_silent", "device_silent"
EVERYBODY = Cause(CITY, "city")


class SilenceDesk:
    """Keeps nothing but what the open alarms say: each look begins with them."""

    def look(self, city: City, now: datetime) -> None:
        """Raise and clear what has changed since the last look."""
        before = found_before(city.pk)
        after = look(heard(city, now), now, before)
        self._city(city, now, before, after)
        self._many(city, now, before, after)
        self._one(city, now, before, after)

    def _city(self, city: City, now: datetime, before: Silence, after: Silence) -> None:
        if after.city and not before.city:
            raise_alarm(DESK, city.pk, EVERYBODY, Finding(now, city.name("ko")))
        elif before.city and not after.city:
            clear_alarm(DESK, city.pk, EVERYBODY, now)

    def _many(self, city: City, now: datetime, before: Silence, after: Silence) -> None:
        for kind in after.many.keys() - before.many.keys():
            finding = Finding(now, _subject(city, kind, after.many[kind]))
            raise_alarm(DESK, city.pk, Cause(MANY, f"kind:{kind}"), finding)
        for kind in before.many.keys() - after.many.keys():
            clear_alarm(DESK, city.pk, Cause(MANY, f"kind:{kind}"), now)

    def _one(self, city: City, now: datetime, before: Silence, after: Silence) -> None:
        for found in devices(city.pk, after.one - before.one):
            finding = Finding(
                happened=found.health.heard,
                subject=str(found),
                spot=spot_of(found),
                simulated=found.simulated,
                things=[thing_of(found)],
            )
            raise_alarm(DESK, city.pk, Cause(ONE, f"device:{found.number}"), finding)
        for number in before.one - after.one:
            clear_alarm(DESK, city.pk, Cause(ONE, f"device:{number}"), now)


def found_before(city: UUID) -> Silence:
    """What the open alarms say was found before."""
    causes = open_causes(city, [CITY, MANY, ONE])
    kinds = [cause.partition(":")[2] for kind, cause in causes if kind == MANY]
    numbers = [int(cause.partition(":")[2]) for kind, cause in causes if kind == ONE]
    return Silence(
        any(kind == CITY for kind, _ in causes), dict.fromkeys(kinds, 0), frozenset(numbers)
    )


def _subject(city: City, kind: str, count: int) -> str:
    """How many of which kind, in the language of the city's centre."""
    found = DeviceKind.objects.filter(city=city, key=kind).first()
    with override("ko"):
        name = kind if found is None else found.name("ko")
        return _("%(kind)s: %(count)d silent") % {"kind": name, "count": count}
