"""Devices that say all kinds of things, some twice, some late, some that cannot be; and the account of it."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections import Counter
from dataclasses import dataclass

from faults.yard import LAT, LON, Reporter, Yard
from madang.ground.bus.messages import now_ms

DAY_MS = 86_400_000
TABLES = {
    "positions": "sensing_position",
    "readings": "sensing_reading",
    "states": "sensing_state",
    "counts": "sensing_count",
}


class Teller(Reporter):
    """A device whose every word was acknowledged, and what there was of each kind.

    good counts facts that can be true, each once however often it was said; lies those that cannot;
    unsure how often a lie was said again because its acknowledgement was lost: then it may stand in
    quarantine more than once, as nothing tells two lies apart.
    """

    def __init__(self, yard: Yard, key: str) -> None:
        super().__init__(yard, key)
        self.good: Counter[str] = Counter()
        self.lies: Counter[str] = Counter()
        self.unsure: Counter[str] = Counter()

    async def talk(self, stop: asyncio.Event, pause: float) -> None:
        turn = 0
        while not stop.is_set():
            await self._turn(turn, self._begun + turn * 100)
            turn += 1
            await asyncio.sleep(pause)
        await self.hang_up()

    async def _turn(self, turn: int, t: int) -> None:
        place = {"lon": LON, "lat": LAT}
        order = (t + 50, t) if turn % 5 == 1 else (t, t + 50)  # sometimes the later one first
        for moment in order:
            await self._say("positions", {"t": moment, **place})
        if turn % 5 == 2:
            await self.tell("positions", json.dumps({"t": t, **place}).encode())  # once more
        await self._say("readings", {"t": t, "channel": "doors", "value": turn % 5})
        await self._say("states", {"t": t, "name": "mission", "value": f"leg {turn}"})
        await self._say("counts", {"t": t, "channel": "doors", "seconds": 60, "count": turn % 5})
        if turn % 5 == 3:
            await self._lie(turn)

    async def _lie(self, turn: int) -> None:
        """What a broken device says: its clock jumped a day ahead or decades back, or it is confused."""
        ahead = {"t": now_ms() + DAY_MS, "channel": "doors", "value": 1}
        await self._say("readings", ahead, lie=True)
        await self._say("states", {"t": 915_148_800_000, "name": "mission", "value": "x"}, lie=True)
        await self._say("positions", {"t": now_ms(), "lon": 2.35, "lat": 48.85}, lie=True)
        await self._say("counts", {"t": now_ms(), "channel": f"ghost_{turn}"}, lie=True)

    async def _say(self, what: str, fact: dict[str, object], lie: bool = False) -> None:
        again = await self.tell(what, json.dumps(fact).encode())
        (self.lies if lie else self.good)[what] += 1
        if lie:
            self.unsure[what] += again


class Siren(Reporter):
    """A device that screams: so many words as fast as the connection takes them, none of them twice."""

    def __init__(self, yard: Yard, key: str) -> None:
        super().__init__(yard, key)
        self.said = 0
        self.taken = 0

    async def scream(self, words: int) -> None:
        """Until all is said, or it is cut off."""
        device = await self._connected()
        begun = now_ms()
        with contextlib.suppress(ConnectionError):
            while self.said < words and not device.cut.is_set():
                fact = {"t": begun - self.said, "name": "siren", "value": "on"}
                done = device.start(f"m/yard/{self.key}/states", json.dumps(fact).encode())
                done.add_done_callback(self._took)
                self.said += 1
                if self.said % 50 == 0:
                    await asyncio.sleep(0.01)
        await asyncio.wait_for(device.cut.wait(), 60)
        await self.hang_up()

    def _took(self, done: asyncio.Future[int]) -> None:
        self.taken += done.exception() is None

    async def connect(self) -> None:
        """Try to come in; raises Refused."""
        await self._connected()

    def found(self) -> int:
        """How many of its words are in the record or in quarantine."""
        ((recorded,),) = self.yard.rows(
            "SELECT count(*) FROM sensing_state WHERE device = %s", self.number
        )
        ((refused,),) = self.yard.rows(
            "SELECT coalesce(sum(facts), 0)::int FROM sensing_quarantine "
            "WHERE key = %s AND what = 'states'",
            self.key,
        )
        return int(recorded) + int(refused)


@dataclass(frozen=True)
class Line:
    """The account of one kind."""

    what: str
    sent: int
    recorded: int
    quarantined: int
    unsure: int

    @property
    def even(self) -> bool:
        return 0 <= self.recorded + self.quarantined - self.sent <= self.unsure


def account(yard: Yard, tellers: list[Teller]) -> list[Line]:
    """What the tellers sent and what became of it, by kind."""
    numbers = [one.number for one in tellers]
    lines = []
    for what, table in TABLES.items():
        statement = f"SELECT count(*) FROM {table} WHERE device = ANY(%s)"
        ((recorded,),) = yard.rows(statement, numbers)
        ((quarantined,),) = yard.rows(
            "SELECT coalesce(sum(facts), 0)::bigint FROM sensing_quarantine "
            "WHERE device = ANY(%s) AND what = %s",
            numbers,
            what,
        )
        sent = sum(one.good[what] + one.lies[what] for one in tellers)
        unsure = sum(one.unsure[what] for one in tellers)
        lines.append(Line(what, sent, recorded, quarantined, unsure))
    return lines


def table(lines: list[Line]) -> str:
    """The account as people read it."""
    rows = [
        "| kind | sent | recorded | quarantined | lies perhaps said twice |",
        "|---|---|---|---|---|",
    ]
    rows += [
        f"| {one.what} | {one.sent:,} | {one.recorded:,} | {one.quarantined:,} | {one.unsure} |"
        for one in lines
    ]
    return "\n".join(rows)
