"""Why a microscopic window cannot be opened, or ended: a word for sentences, with its figures."""

from __future__ import annotations

from typing import Any


class WindowRefusal(Exception):
    """code is a word of `sentences.WINDOWS`; words are what its sentence names."""

    def __init__(self, code: str, **words: Any) -> None:
        super().__init__(code)
        self.code, self.words = code, words
