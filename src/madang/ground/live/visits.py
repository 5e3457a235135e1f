"""Who is behind a connection: the account that the session cookie names, and what it may see."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from uuid import UUID

from django.conf import settings
from django.contrib.auth import get_user
from django.http import HttpRequest
from django.utils import timezone

from madang.ground.live.atlas import Atlas
from madang.ground.people.rights import VISITOR, Rights, UnknownRightError, allows, rights_of


@dataclass(frozen=True)
class Visit:
    """One signed-in session, or a visitor without one: account and expires are None then."""

    session_key: str
    account: UUID | None = None
    expires: datetime | None = None
    rights: Rights = VISITOR

    def over(self, now: datetime) -> bool:
        """Whether the session has run out."""
        return self.expires is not None and now >= self.expires


def read_visit(session_key: str) -> Visit:
    """The visit as the database has it now; a visitor's when the session is gone or ended."""
    if not session_key:
        return Visit("")
    request = HttpRequest()
    request.session = import_module(settings.SESSION_ENGINE).SessionStore(session_key)
    user = get_user(request)
    if not user.is_authenticated:
        return Visit(session_key)
    account: UUID = user.pk
    expires = request.session.get_expiry_date()
    return Visit(session_key, account, expires, rights_of(user))


class Sight:
    """What a visit may see: the right to follow a kind is `live.<kind>`, asked in the topic's city."""

    def __init__(self, atlas: Atlas, visit: Visit) -> None:
        self._atlas = atlas
        self.visit = visit

    def allows(self, place: tuple[str, str]) -> bool:
        """Whether the things of that kind may be seen in that city, now."""
        city, kind = place
        chart = self._atlas.chart(city)
        if chart is None or self.visit.over(timezone.now()):
            return False
        try:
            return allows(self.visit.rights, f"live.{kind}", chart.id)
        except UnknownRightError:
            return False
