from __future__ import annotations


class CameraError(ValueError):
    """What cannot be done with a camera; the message says why, and what to do, to whoever asked.

    kind: one of troubles.WORDS, where the message goes to people of other languages too.
    """

    def __init__(self, *words: object, kind: str = "") -> None:
        super().__init__(*words)
        self.kind = kind
