"""The kinds of alarms and incidents there are: each system registers its own in AppConfig.ready()."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = str | Promise


class Severity(models.IntegerChoices):
    """How soon a person must look: at once, within minutes, within the shift, whenever they like."""

    INFO = 1, _("Information")
    MINOR = 2, _("Minor")
    MAJOR = 3, _("Major")
    CRITICAL = 4, _("Critical")


@dataclass(frozen=True)
class AlarmKind:
    """One kind of alarm.

    incident is the kind of incident it is usually handled as. closes_itself is for facts of the
    equipment (a device that speaks again): the platform closes the alarm when its cause is gone. An
    alarm of anything else waits for a person even after that.
    """

    key: str
    title: Text
    severity: Severity
    incident: str
    closes_itself: bool = False


@dataclass(frozen=True)
class IncidentKind:
    """One kind of incident."""

    key: str
    title: Text


class UnknownKind(LookupError):
    """No system has registered this kind; the message names it."""


_alarms: dict[str, AlarmKind] = {}
_incidents: dict[str, IncidentKind] = {}


def register(*kinds: AlarmKind | IncidentKind) -> None:
    """Add kinds; the same key again replaces the kind."""
    for kind in kinds:
        if isinstance(kind, AlarmKind):
            _alarms[kind.key] = kind
        else:
            _incidents[kind.key] = kind


def alarm_kind(key: str) -> AlarmKind:
    """The registered kind of alarm; raises UnknownKind."""
    if key not in _alarms:
        raise UnknownKind(f"No system has registered alarms of the kind {key!r}.")
    return _alarms[key]


def incident_kind(key: str) -> IncidentKind:
    """The registered kind of incident; raises UnknownKind."""
    if key not in _incidents:
        raise UnknownKind(f"No system has registered incidents of the kind {key!r}.")
    return _incidents[key]


def alarm_kinds() -> list[AlarmKind]:
    """Every kind of alarm, the gravest first."""
    return sorted(_alarms.values(), key=lambda kind: (-kind.severity, kind.key))


def incident_kinds() -> list[IncidentKind]:
    """Every kind of incident."""
    return sorted(_incidents.values(), key=lambda kind: kind.key)


def alarm_title(key: str) -> Text:
    """The kind's title; its key when the system that made the alarm is switched off now."""
    return _alarms[key].title if key in _alarms else key


def incident_title(key: str) -> Text:
    """The kind's title; its key when the system that made the incident is switched off now."""
    return _incidents[key].title if key in _incidents else key


def known_kinds() -> list[str]:
    """The keys of every kind of alarm."""
    return list(_alarms)


def domain_of(kind: str, of_alarm: bool) -> str:
    """The control domain of a case: a kind of incident; "other" when its system is switched off now."""
    if not of_alarm:
        return kind if kind in _incidents else "other"
    return _alarms[kind].incident if kind in _alarms else "other"


GROUND_KINDS = (
    IncidentKind("flood", _("Flooding")),
    IncidentKind("fire", _("Fire or smoke")),
    IncidentKind("crime", _("Crime")),
    IncidentKind("traffic", _("Traffic")),
    IncidentKind("person", _("Person in need of help")),
    IncidentKind("facility", _("Facility fault")),
    IncidentKind("other", _("Other")),
    AlarmKind("underpass_flooded", _("Underpass flooded"), Severity.CRITICAL, "flood"),
    AlarmKind("level", _("Level beyond its threshold"), Severity.MAJOR, "other"),
    AlarmKind("device_silent", _("Device silent"), Severity.MINOR, "facility", closes_itself=True),
    AlarmKind(
        "devices_silent",
        _("Many devices silent at once"),
        Severity.MAJOR,
        "facility",
        closes_itself=True,
    ),
    AlarmKind(
        "city_silent", _("No device is heard"), Severity.CRITICAL, "facility", closes_itself=True
    ),
)
