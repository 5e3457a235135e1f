"""What the engine cannot compute with, told as a code with its figures; rooms make the sentence."""

from __future__ import annotations


class Refusal(ValueError):
    """Input that is refused whole: code says what is wrong, words where and how much."""

    def __init__(self, code: str, /, **words: object) -> None:
        self.code = code
        self.words = words
        super().__init__(f"{code}: " + ", ".join(f"{key}={value}" for key, value in words.items()))
