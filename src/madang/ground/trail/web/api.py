"""Heads and proofs, for everybody: who keeps heads needs no account, and a hash tells nothing."""

from __future__ import annotations

import base64
import binascii
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Router, Schema
from ninja.errors import HttpError
from pydantic import Field

from madang.ground.trail import queries
from madang.ground.trail.queries import NoProofError

router = Router(tags=["trail"])
MOST_HEADS = 1000


class Head(Schema):
    """A signed head: how many entries, the root of their tree (base64), and the note that is signed."""

    size: int
    root: str
    time: str
    note: str


class Heads(Schema):
    """keys are public keys as signed notes write them (vkey), oldest first."""

    keys: list[str]
    heads: list[Head]


class Inclusion(Schema):
    position: int
    size: int
    root: str
    proof: list[str]


class Consistency(Schema):
    first: int
    second: int
    proof: list[str]


@router.get("/heads", response=Heads, auth=None)
def heads(
    request: HttpRequest,
    after: Annotated[int, Field(ge=0, le=2**62)] = 0,
    limit: Annotated[int, Field(ge=1, le=MOST_HEADS)] = 100,
) -> dict[str, Any]:
    """Signed heads larger than `after`, smallest first. Keep them where the city cannot reach."""
    return queries.heads_answer(after, limit)


@router.get("/inclusion", response=Inclusion, auth=None)
def inclusion(
    request: HttpRequest, leaf: str, size: Annotated[int | None, Field(ge=1, le=2**62)] = None
) -> dict[str, Any]:
    """Proof (RFC 9162, 2.1.3) that the entry with this leaf hash (base64) is under a head."""
    try:
        digest = base64.b64decode(leaf, validate=True)
        return queries.inclusion(digest, size)
    except (binascii.Error, ValueError):
        raise HttpError(422, "leaf must be a leaf hash in base64.") from None
    except NoProofError as error:
        raise HttpError(404, str(error)) from None


@router.get("/consistency", response=Consistency, auth=None)
def consistency(
    request: HttpRequest,
    first: Annotated[int, Field(ge=1, le=2**62)],
    second: Annotated[int, Field(ge=1, le=2**62)],
) -> dict[str, Any]:
    """Proof (RFC 9162, 2.1.4) that the trail at `second` is the trail at `first`, grown."""
    try:
        return queries.consistency(first, second)
    except NoProofError as error:
        raise HttpError(404, str(error)) from None
