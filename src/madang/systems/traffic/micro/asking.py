"""The twin's process asked from the API."""

from __future__ import annotations

from functools import lru_cache

from django.conf import settings

from madang.ground.bus.asking import Asker, UnansweredError
from madang.systems.traffic.micro.messages import (
    SUBJECT,
    Question,
    Refused,
    Seen,
    answers,
    encode,
)
from madang.systems.traffic.micro.refusal import WindowRefusal

PATIENCE = 5.0  # seconds; nothing that is asked waits for a simulation


@lru_cache(maxsize=1)
def asker() -> Asker:
    return Asker(settings.NATS_URL, "asking for windows")


def ask(question: Question) -> Seen:
    """Its answer; a WindowRefusal says what cannot be, or that the process is away."""
    try:
        found: Seen | Refused = answers.decode(asker().ask(SUBJECT, encode(question), PATIENCE))
    except UnansweredError as error:
        raise WindowRefusal("away") from error
    if isinstance(found, Refused):
        raise WindowRefusal(found.code, **found.words)
    return found
