"""Why a live socket was closed: the code and the reason that the screen gets."""

from __future__ import annotations

from enum import IntEnum


class Close(IntEnum):
    """RFC 6455 leaves 4000 to 4999 to applications; the last digits follow HTTP's where they can."""

    RESTART = 1012
    BUSY = 1013
    BAD_WORD = 4400
    SIGNED_OUT = 4401
    SILENT = 4408
    TOO_LARGE = 4413
    TOO_MANY = 4429
    OVERRUN = 4430


LONGEST_REASON = 120  # bytes in UTF-8; a close frame holds 123


class Closed(Exception):
    """The connection is to be closed with this code and reason."""

    def __init__(self, code: IntEnum, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason.encode()[:LONGEST_REASON].decode(errors="ignore")
