"""The API of people: why somebody looks at cameras, chosen by one key."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from ninja import Router, Schema
from ninja.errors import HttpError
from pydantic import Field

from madang.ground.city.web.middleware import CityRequest
from madang.ground.people.domain.reasons import choose_reason, forget_reason
from madang.ground.people.errors import PeopleError
from madang.ground.people.gates import RightAuth
from madang.ground.people.models import Account, ChosenReason, ReasonKind

router = Router(tags=["people"])
look = RightAuth("people.reason")


class ReasonIn(Schema):
    """kind: one of the kinds; incident: one that is open, whose number and title are then taken."""

    kind: str = Field(max_length=10)
    words: str = Field("", max_length=200)
    incident: UUID | None = None


class KindOut(Schema):
    key: int
    kind: str
    title: str


class ReasonOut(Schema):
    """The reason in force (kind empty: none), until when, and every kind with its key."""

    kind: str
    words: str
    incident: UUID | None
    incident_words: str
    until: datetime | None
    kinds: list[KindOut]


@router.get("/{city}/people/reason", response=ReasonOut, auth=look)
def reason(request: CityRequest, city: str) -> dict[str, Any]:
    """Why I look at cameras in this city."""
    return _answer(request)


@router.put("/{city}/people/reason", response=ReasonOut, auth=look)
def choose(request: CityRequest, city: str, chosen: ReasonIn) -> dict[str, Any]:
    """From now on I look for this, until I say otherwise, for twelve hours at most."""
    assert isinstance(request.user, Account)
    try:
        choose_reason(request.user, request.city, chosen.kind, chosen.words, chosen.incident)
    except PeopleError as error:
        raise HttpError(422, str(error)) from error
    return _answer(request)


@router.delete("/{city}/people/reason", response=ReasonOut, auth=look)
def forget(request: CityRequest, city: str) -> dict[str, Any]:
    """My shift is over."""
    assert isinstance(request.user, Account)
    forget_reason(request.user, request.city)
    return _answer(request)


def _answer(request: CityRequest) -> dict[str, Any]:
    from django.utils import timezone

    mine = ChosenReason.objects.filter(
        account=request.user.pk, city=request.city, until__gt=timezone.now()
    ).first()
    return {
        "kind": mine.kind if mine else "",
        "words": mine.words if mine else "",
        "incident": mine.incident if mine else None,
        "incident_words": mine.incident_words if mine else "",
        "until": mine.until if mine else None,
        "kinds": [
            {"key": number, "kind": one.value, "title": str(one.label)}
            for number, one in enumerate(ReasonKind, start=1)
        ],
    }
