"""Why a picture was closed: the code that the page tells in words."""

from __future__ import annotations

from enum import IntEnum


class Close(IntEnum):
    """As in ground.live.closing, and what is the cameras' own."""

    RESTART = 1012
    BUSY = 1013
    VEIL_CHANGED = 4300  # below 4400: the page connects again, and sees what it may then
    BAD_WORD = 4400
    SIGNED_OUT = 4401
    NO_RIGHT = 4403
    NO_STREAM = 4404
    NO_REASON = 4409
