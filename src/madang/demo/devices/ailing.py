"""What can be wrong with devices: clocks that jump, words said twice and out of order, floods of words.

A scenario says which devices ail, with what and for how long; see world/scenario.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from functools import cache

from madang.demo.devices.messages import Message
from madang.demo.world.world import Ailment, World

FASTEST = 500  # messages of a device in one step of the world


class Ailing:
    """Spoils what ailing devices say; everybody else's words pass as they are."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._held: dict[str, Message] = {}

    def spoil(self, messages: Iterable[Message]) -> Iterator[Message]:
        """What reaches the connections of what the devices say."""
        ailments = self._world.ailments
        for message in messages:
            mine = [one for one in ailments if _ails(message.device, one.device)]
            yield from self._spoilt(message, mine) if mine or self._held else [message]

    def _spoilt(self, message: Message, ailments: list[Ailment]) -> Iterator[Message]:
        held = self._held.pop(message.device, None)
        for one in ailments:
            if one.kind == "clock":
                message = _moved(message, round(one.value * 1000))
        if any(one.kind == "stutter" for one in ailments):
            yield from self._stutter(message, held)
            return
        if held is not None:
            yield held
        yield message
        for one in ailments:
            if one.kind == "babble":
                yield from (_moved(message, n) for n in range(1, min(int(one.value), FASTEST)))

    def _stutter(self, message: Message, held: Message | None) -> Iterator[Message]:
        """Of every two words the later one first, then both again."""
        if held is None:
            self._held[message.device] = message
            return
        yield from (message, held)
        yield from (message._replace(repeats=True), held._replace(repeats=True))


@cache
def _ails(device: str, pattern: str) -> bool:
    return fnmatchcase(device, pattern)


def _moved(message: Message, milliseconds: int) -> Message:
    facts = [{**fact, "t": fact["t"] + milliseconds} for fact in message.facts]
    return message._replace(facts=facts)
