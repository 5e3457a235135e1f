"""Everything that moves along the street, as arrays: a row a vehicle or a walker."""

from __future__ import annotations

import numpy as np

from madang.demo.world.street import Bools, Floats, Ints, Street

SPEEDING_UP, BRAKING = 1.6, 3.0  # m/s², unhurried drivers
LONGEST_WAIT = 45.0  # seconds at a crossing
HURRIES = 1.15  # times the limit on an empty street
WAITS = 0.35  # share of crossings at which one has to wait


class Fleet:
    """V movers. Each wanders by chance, follows a way of links, or stands.

    link, along (metres on it), v (m/s), wait (seconds it still stands for), top (share of the link's
    speed it drives), hurry (drives past waiting), parked (does not move at all).
    """

    def __init__(self, street: Street, count: int, random: np.random.Generator) -> None:
        self.street = street
        self._random = random
        weight = street.length * street.lanes
        self.link: Ints = random.choice(len(street), count, p=weight / weight.sum())
        self.along: Floats = random.random(count) * street.length[self.link]
        self.v: Floats = np.zeros(count)
        self.wait: Floats = np.zeros(count)
        self.top: Floats = random.uniform(0.75, 1.0, count)
        self.hurry: Bools = np.zeros(count, dtype=bool)
        self.parked: Bools = np.zeros(count, dtype=bool)
        self.ways: dict[int, Ints] = {}

    def __len__(self) -> int:
        return len(self.link)

    def step(
        self, dt: float, pace: float | Floats = 1.0, through: Floats | None = None
    ) -> list[int]:
        """Move on by dt seconds where everybody drives `pace` of the speed, everywhere or by link; who
        arrived at its way's end. through: by mover, what who hurries drives at most (NaN: by the pace)."""
        pace = pace if isinstance(pace, float) else pace[self.link]
        standing = self.parked | ((self.wait > 0) & ~self.hurry)
        self.wait = np.maximum(self.wait - dt, 0.0)
        target = np.where(standing, 0.0, self.street.speed[self.link] * self.top * pace)
        # Who hurries is let through, but not where there is no room.
        fastest = self.street.speed[self.link] * HURRIES * np.sqrt(pace)
        if through is not None:
            fastest = np.where(np.isnan(through), fastest, through)
        target = np.where(self.hurry, fastest, target)
        self.v += np.clip(target - self.v, -BRAKING * dt, SPEEDING_UP * dt)
        self.v[self.parked] = 0.0
        self.along += self.v * dt
        return self._pass_crossings()

    def put(self, who: slice, link: Ints, along: Floats, v: Floats) -> None:
        """Place those of whom something else says where they drive; by themselves they stand."""
        self.parked[who] = True
        self.link[who], self.along[who], self.v[who] = link, along, v

    def place(self) -> tuple[Floats, Floats, Floats]:
        """x, y (metres) and heading (degrees) of all."""
        return self.street.place(self.link, self.along)

    def send(self, who: int, way: Ints, hurry: bool) -> None:
        """Have one follow a way of links from the end of the link it is on."""
        self.ways[who] = way
        self.parked[who], self.hurry[who], self.wait[who] = False, hurry, 0.0

    def next_link(self, who: int) -> int:
        """The link that one takes next on its way, -1 where it has none."""
        way = self.ways.get(who)
        return int(way[0]) if way is not None and len(way) else -1

    def park(self, who: int) -> None:
        self.ways.pop(who, None)
        self.parked[who], self.hurry[who] = True, False

    def wander(self, who: int) -> None:
        self.ways.pop(who, None)
        self.parked[who], self.hurry[who] = False, False

    def _pass_crossings(self) -> list[int]:
        arrived: list[int] = []
        while len(over := np.flatnonzero(self.along >= self.street.length[self.link])):
            arrived += self._enter_next(over)
        return arrived

    def _enter_next(self, over: Ints) -> list[int]:
        """Put those at the end of their link on the next; who has no next on its way is there."""
        self.along[over] -= self.street.length[self.link[over]]
        following = [who for who in over.tolist() if who in self.ways]
        chance = self._random.random(len(over))
        onward = self.street.onward(self.link[over], chance)
        waits = self._random.random(len(over)) < WAITS
        self.wait[over] = np.where(waits, self._random.random(len(over)) * LONGEST_WAIT, 0.0)
        before = self.link[following]
        self.link[over] = onward
        return [
            who
            for who, link in zip(following, before.tolist(), strict=True)
            if self._follow(who, link)
        ]

    def _follow(self, who: int, came: int) -> bool:
        """Put one on the next link of its way; whether it has arrived instead, at the end of `came`."""
        way = self.ways[who]
        if len(way):
            self.link[who], self.ways[who] = way[0], way[1:]
            return False
        del self.ways[who]
        self.link[who], self.along[who], self.v[who] = came, self.street.length[came] - 1e-3, 0.0
        self.parked[who] = True
        return True
