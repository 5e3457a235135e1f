"""The records of one kind in one city: what there is now, and the topic on which changes are said."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from madang.ground.live.frames import frame
from madang.ground.live.kinds import Record, Recorded
from madang.ground.live.topic import Topic

MOST_OVER = 10_000


class Ledger:
    """The newest record of each key.

    Of records that are over the rank alone is kept, so that an older word that comes late does not
    bring one back; of the oldest of them not even that.
    """

    def __init__(self, kind: Recorded) -> None:
        self.kind = kind
        self.topic: Topic | None = None
        self._records: dict[str, Record] = {}
        self._over: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._records)

    def put(self, record: Record, now: int) -> bool:
        """Take in a record and say it; False when it is not newer than what is known."""
        if record.rank <= self._rank(record.key):
            return False
        self._records.pop(record.key, None)
        if record.over:
            self._end(record)
        else:
            self._records[record.key] = record
        self._say(record, now)
        return True

    @property
    def keys(self) -> set[str]:
        """The keys of the records there are."""
        return set(self._records)

    def settle(self, records: list[Record], before: Iterable[str], now: int) -> None:
        """Bring what is known in line with the store.

        before are the keys known when the store was read: what came since is not yet in records and
        must not be taken for over.
        """
        there = {record.key for record in records}
        for record in records:
            self.put(record, now)
        for key in set(before) - there:
            known = self._records.pop(key, None)
            if known is not None:
                self._end(known)
                self._say(replace(known, over=True), now)

    def full(self, topic: Topic, now: int) -> bytes:
        """Every record there is, at the topic's present sequence; made once, however many ask."""
        if topic.full is None or topic.full[0] != topic.sequence:
            head = {
                "t": "records",
                "topic": topic.number,
                "seq": topic.sequence,
                "time": now,
                "items": [{"key": one.key, **one.fields} for one in self._records.values()],
            }
            topic.full = (topic.sequence, frame(head))
        return topic.full[1]

    def _say(self, record: Record, now: int) -> None:
        if self.topic is None:
            return
        sequence = self.topic.sequence + 1
        head = {
            "t": "record",
            "topic": self.topic.number,
            "seq": sequence,
            "time": now,
            "item": {"key": record.key, **record.fields},
            "over": record.over,
        }
        self.topic.say(sequence, frame(head))

    def _rank(self, key: str) -> int:
        known = self._records.get(key)
        return known.rank if known is not None else self._over.get(key, -1)

    def _end(self, record: Record) -> None:
        self._over[record.key] = record.rank
        if len(self._over) > MOST_OVER:
            del self._over[next(iter(self._over))]
