"""Situation boards: what a desk pushed to them, and pushing to them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ninja import Router, Schema

from madang.ground.city.web.middleware import CityRequest
from madang.ground.console.domain import boards
from madang.ground.console.models import Board
from madang.ground.console.screens import View, Word
from madang.ground.people.public import RightAuth, acting

router = Router(tags=["console"])


class PushIn(Schema):
    """A view for a board, and what to call it there."""

    title: Word = ""
    state: View


class BoardOut(Schema):
    """What is on a board; version grows with every push. state null: nothing was pushed yet."""

    version: int
    title: str = ""
    state: View | None = None
    pushed: datetime | None = None
    pushed_by_name: str = ""


@router.get(
    "/{city}/console/boards/{slug:key}", response=BoardOut, auth=RightAuth("console.follow")
)
def board(request: CityRequest, city: str, key: str) -> Any:
    """What is on a board now."""
    found = Board.objects.filter(city=request.city, key=key).first()
    return found or BoardOut(version=0)


@router.put("/{city}/console/boards/{slug:key}", response=BoardOut, auth=RightAuth("console.push"))
def push(request: CityRequest, city: str, key: str, pushed: PushIn) -> Any:
    """Show a view on a board; every wall that follows it goes there."""
    state = pushed.state.model_dump(mode="json")
    return boards.push(acting(request), request.city, key, pushed.title, state)
