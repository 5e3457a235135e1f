"""A file that cannot become a network: a code of sentences.REFUSALS, and its figures."""

from __future__ import annotations

from typing import Any


class UnreadableError(Exception):
    def __init__(self, code: str, **figures: Any) -> None:
        self.code, self.figures = code, figures
        super().__init__(f"{code}: " + ", ".join(f"{k} {v}" for k, v in figures.items()))
