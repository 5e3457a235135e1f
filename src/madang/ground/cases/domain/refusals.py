"""Why an act on a case was refused, in words for the person who tried."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _


class Refused(Exception):
    """The act changed nothing; the message says why and what to do."""


class NoSuchCase(Refused):
    """This city has no such alarm or incident."""

    def __init__(self) -> None:
        super().__init__(_("This city has no such alarm or incident."))


class AlreadyDone(Refused):
    """Somebody else was first: by and when say who."""

    def __init__(self, message: str, by: str, when: datetime) -> None:
        super().__init__(message)
        self.by = by
        self.when = when


class Changed(Refused):
    """The case is not what the person saw when deciding."""

    def __init__(self, seen: int, now: int) -> None:
        super().__init__(
            _("It changed while you were looking at it. Read what is new, then decide again.")
        )
        self.seen = seen
        self.now = now
