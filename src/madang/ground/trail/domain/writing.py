"""An entry is written: one statement, in the transaction of the act."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING
from uuid import UUID

import msgspec
from django.db import connection

from madang.ground.ids import new_id
from madang.ground.trail import actions
from madang.ground.trail.leaf import commit, personal_data, plain, text

if TYPE_CHECKING:
    from madang.ground.trail.public import Act, Actor

SALT = 32

# The time is the database's: one clock for every machine, whatever theirs say.
WRITE = """
WITH entry AS (
    INSERT INTO trail_entry (id, time, city, actor, organisation, action, thing_kind, thing_id,
                             "right", detail, commitment)
    VALUES (%s, clock_timestamp(), %s, %s, %s, %s, %s, %s, %s, %s::jsonb, %s)
)
INSERT INTO trail_personal (entry_id, salt, name, address, reason, detail)
VALUES (%s, %s, %s, %s, %s, %s::jsonb)
"""


def write(actor: Actor, act: Act) -> UUID:
    """Insert the entry of act and, apart from it, what of it is personal."""
    action = actions.find(act.action)
    entry, salt = new_id(), secrets.token_bytes(SALT)
    name, address, reason = text(actor.name), text(actor.address), text(act.reason)
    detail, personal = plain(act.detail), plain(act.personal)
    commitment = commit(salt, personal_data((name, address, reason), personal))
    words = [
        *(entry, act.city, actor.account, actor.organisation, action.name),
        *(text(act.thing[0]), text(act.thing[1]), text(act.right), _json(detail), commitment),
        *(entry, salt, name, address, reason, _json(personal)),
    ]
    with connection.cursor() as cursor:
        cursor.execute(WRITE, words)
    return entry


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
