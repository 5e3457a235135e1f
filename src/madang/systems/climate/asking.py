"""The climate process asked from pages and programs."""

from __future__ import annotations

from functools import lru_cache

from django.conf import settings

from madang.ground.bus.asking import Asker, UnansweredError
from madang.systems.climate.engine.refusal import Refusal
from madang.systems.climate.messages import (
    SUBJECT,
    Picture,
    Question,
    Refused,
    Said,
    answers,
    encode,
)

PATIENCE = 60.0  # seconds: the first question after a start reads the city's surfaces


@lru_cache(maxsize=1)
def asker() -> Asker:
    return Asker(settings.NATS_URL, "asking for climate")


def ask(question: Question) -> Said | Picture:
    """Its answer; a Refusal says what cannot be, or that the process is away."""
    try:
        found = answers.decode(asker().ask(SUBJECT, encode(question), PATIENCE))
    except UnansweredError as error:
        raise Refusal("away") from error
    if isinstance(found, Refused):
        raise Refusal(found.code, **found.words)
    return found
