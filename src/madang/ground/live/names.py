"""What the numbers of moving things stand for: told to a screen once, then only what is new."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from madang.ground.live.frames import frame
from madang.ground.live.topic import Topic
from madang.ground.live.topics import TopicName


@dataclass(frozen=True, slots=True)
class Name:
    """One thing: its number on the log, its key, its name, what kind of device it is, and if it is real."""

    number: int
    key: str
    label: str
    kind: str
    simulated: bool


class Names:
    """The names of one kind of moving things in one city, and the topic on which they are told.

    The topic goes with every topic of the kind and is not subscribed to by itself.
    """

    def __init__(self, name: TopicName, number: int) -> None:
        self.topic = Topic(name, number, lasting=True)
        self._names: dict[int, Name] = {}

    def put(self, names: Sequence[Name], now: int) -> None:
        """Take in names; those that are new or others than before are told."""
        fresh = [name for name in names if self._names.get(name.number) != name]
        if not fresh:
            return
        self._names.update((name.number, name) for name in fresh)
        sequence = self.topic.sequence + 1
        self.topic.say(sequence, self._frame(fresh, sequence, now))

    def full(self, now: int) -> bytes:
        """Every name; made once, however many ask."""
        topic = self.topic
        if topic.full is None or topic.full[0] != topic.sequence:
            made = self._frame(list(self._names.values()), topic.sequence, now)
            topic.full = (topic.sequence, made)
        return topic.full[1]

    def _frame(self, names: Sequence[Name], sequence: int, now: int) -> bytes:
        """Numbers as a column; the words as lists, of which the kinds are said once each."""
        kinds = {kind: place for place, kind in enumerate(dict.fromkeys(n.kind for n in names))}
        head = {
            "t": "names",
            "topic": self.topic.number,
            "seq": sequence,
            "time": now,
            "city": self.topic.name.city,
            "kind": self.topic.name.kind,
            "rows": len(names),
            "keys": [name.key for name in names],
            "labels": [name.label for name in names],
            "kinds": list(kinds),
            "simulated": [name.number for name in names if name.simulated],
        }
        body = np.array(
            [*(name.number for name in names), *(kinds[name.kind] for name in names)], dtype="<i4"
        )
        return frame(head, body.tobytes())
