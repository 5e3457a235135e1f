"""Push a view to a situation board."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone

from madang.ground.city.models import City
from madang.ground.console.models import Board
from madang.ground.trail.public import Act, Actor, record


@transaction.atomic
def push(actor: Actor, city: City, key: str, title: str, state: dict[str, Any]) -> Board:
    """Show state on the board called key from now on; the trail keeps who put it there."""
    City.objects.select_for_update().get(pk=city.pk)
    before = Board.objects.filter(city=city, key=key).first()
    board = before or Board(city=city, key=key, version=0)
    board.state, board.title = state, title
    board.version += 1
    board.pushed, board.pushed_by, board.pushed_by_name = timezone.now(), actor.account, actor.name
    board.save(force_insert=before is None)
    thing = ("board", str(board.pk))
    record(actor, Act("console.push", city=city.pk, thing=thing, detail={"title": title}))
    return board
