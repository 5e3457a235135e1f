"""The demo's world: streets, people, vehicles, weather and water in one state with one seed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from madang.demo.world.fleet import Fleet
from madang.demo.world.heat import Sky, Warmth, added
from madang.demo.world.missions import KINDS, Member, Missions
from madang.demo.world.routes import Routes
from madang.demo.world.scenario import OF_ROADS, Event
from madang.demo.world.street import Floats, Links, Street
from madang.demo.world.weather import Weather, season, water
from madang.demo.world.works import check, work

if TYPE_CHECKING:
    from madang.demo.world.traffic import Traffic
    from madang.systems.traffic.engine.network import Network

WALKERS, WALKING = 2000, 1.3  # people out in the street whom the bells can hear; m/s
WALKERS_EVERY = 5.0  # seconds; they are slow
TROUBLE = 0.06  # calls for help from a bell an hour
BELL_REACH = 150.0  # metres within which somebody in trouble finds a bell
BELL_RINGS = 60.0  # seconds
CALLED = ("rescue", "police")  # who comes to an accident


@dataclass(frozen=True)
class Thing:
    """Something with a device in it: the device's key and kind, and where it stands or comes from."""

    key: str
    kind: str
    x: float
    y: float


@dataclass(frozen=True)
class Ailment:
    """What is wrong until that time with the devices whose keys fit the pattern."""

    kind: str
    device: str
    value: float
    until: float


@dataclass(frozen=True)
class Setting:
    """What the world is made of; emergency vehicles have the points of their stations.

    With a network its signals run and the others drive by them, among cars without a device; without one
    they wander. watched: the keys of the roads that detectors look at, by the detectors' keys. posts: by
    kind of device, what others watch: the node of a crossing, "A>B" of two nodes for a section. warmth:
    how warm the city is where its thermometers stand, by their keys; without a sky it is alike everywhere.
    """

    links: Links
    emergency: Sequence[Thing]
    others: Sequence[Thing]
    gauges: Sequence[Thing]
    hospitals: Sequence[tuple[float, float]]
    network: Network | None = None
    watched: Mapping[str, str] = field(default_factory=dict)
    posts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    warmth: Mapping[str, Warmth] = field(default_factory=dict)
    sky: Sky | None = None


class World:
    """Advance it with step(); devices read its attributes and change nothing.

    Vehicles are numbered emergency first, then others, as in `vehicles`.
    """

    def __init__(
        self, setting: Setting, seed: int, now: float, events: Sequence[Event] = ()
    ) -> None:
        self.began = self.now = now
        self._random = np.random.default_rng(seed)
        self.street = Street(setting.links)
        self.vehicles = [*setting.emergency, *setting.others]
        self.fleet = Fleet(self.street, len(self.vehicles), self._random)
        members = [
            Member(who, thing.kind, self.street.nearest(thing.x, thing.y))
            for who, thing in enumerate(setting.emergency)
        ]
        hospitals = [self.street.nearest(x, y) for x, y in setting.hospitals]
        self._routes = Routes(self.street)
        self.missions = Missions(self.fleet, members, hospitals, self._routes, self._random, now)
        self.watched = dict(setting.watched)
        self.posts = {kind: dict(those) for kind, those in setting.posts.items()}
        self.warmth, self._sky = dict(setting.warmth), setting.sky
        self.traffic = self._traffic(setting.network, seed)
        self.walkers = Fleet(Street(_for_walking(setting.links)), WALKERS, self._random)
        self._walked = now
        self.weather = Weather(self._random, temperature=season(now))
        self.gauges = list(setting.gauges)
        under, streams = (self._of(kind) for kind in ("underpass_gauge", "stream_gauge"))
        self._water_of = {key: at for at, key in enumerate([*under, *streams])}
        self.water = water(len(streams), len(under), self._random)
        self.bells = [thing for thing in self.gauges if thing.kind == "bell"]
        self.ringing: dict[str, float] = {}
        self.silent: dict[str, float] = {}
        self.ailments: list[Ailment] = []
        self._events = list(events)
        for event in self._events:
            if event.kind in OF_ROADS:
                check(event, setting.network)

    def step(self, now: float) -> None:
        """Let the world go on until now (Unix seconds)."""
        dt = now - self.now
        if dt <= 0:
            return
        self.now = now
        while self._events and self._events[0].after <= now - self.began:
            self._happen(self._events.pop(0))
        self.ailments = [one for one in self.ailments if one.until > now]
        self.weather.step(now, dt)
        self.water.step(self.weather.rain, dt)
        if self.traffic:
            self.traffic.step(now, self.weather.rain)
        paces = self.traffic.paces() if self.traffic else self.pace()
        if self.traffic:
            self._routes.take(np.asarray(paces))
        arrived = self.fleet.step(dt, paces, self._through())
        self._drive_others()
        self.missions.step(now, dt, arrived)
        self._people(now)

    def pace(self) -> float:
        """The share of its speed at which traffic moves: slow at rush hours and in rain."""
        hour = (self.now / 3600 + 9) % 24
        rush = np.exp(-((hour - 8.3) ** 2) / 2.0) + np.exp(-((hour - 18.4) ** 2) / 3.5)
        return float(0.95 - 0.45 * rush) * (0.85 if self.weather.rain > 1 else 1.0)

    def level(self, gauge: str) -> float:
        """The water at a gauge in metres."""
        return float(self.water.level[self._water_of[gauge]])

    def air(self, thermometer: str) -> float:
        """The air in °C where it stands: that of the country around and what the city adds there."""
        warmth, air = self.warmth.get(thermometer), self.weather.temperature
        if warmth is None or self._sky is None:
            return air
        return air + added(warmth, self._sky.light(self.now), self.weather)

    def place(self) -> tuple[Floats, Floats, Floats]:
        """x, y (metres) and heading (degrees) of every vehicle."""
        return self.fleet.place()

    def is_silent(self, device: str) -> bool:
        return self.silent.get(device, 0.0) > self.now

    def _traffic(self, network: Network | None, seed: int) -> Traffic | None:
        if network is None:
            return None
        from madang.demo.world.traffic import Traffic

        others = self.vehicles[len(self.missions.members) :]
        is_bus = np.array([one.kind == "bus" for one in others], dtype=bool)
        return Traffic(network, self.street, is_bus, seed, self.now)

    def _through(self) -> Floats | None:
        """How fast those who hurry get through, with others making way for them."""
        if self.traffic is None:
            return None
        fleet, found = self.fleet, np.full(len(self.fleet), np.nan)
        who = np.flatnonzero(fleet.hurry)
        then = np.array([fleet.next_link(one) for one in who.tolist()], dtype=np.int64)
        found[who] = self.traffic.make_way(fleet.link[who], fleet.along[who], then)
        return found

    def _drive_others(self) -> None:
        if self.traffic:
            shown = self.traffic.shown
            others = slice(len(self.missions.members), len(self.vehicles))
            self.fleet.put(others, shown.link, shown.along, shown.v)

    def _of(self, kind: str) -> list[str]:
        return [thing.key for thing in self.gauges if thing.kind == kind]

    def _people(self, now: float) -> None:
        """Walk on; somebody in trouble presses the nearest bell."""
        dt = now - self._walked
        if dt < WALKERS_EVERY:
            return
        self._walked = now
        self.walkers.step(dt)
        self.ringing = {key: until for key, until in self.ringing.items() if until > now}
        if self.bells and self._random.random() < TROUBLE * dt / 3600 * len(self.bells):
            self._press_bell(now)

    def _press_bell(self, now: float) -> None:
        who = int(self._random.integers(len(self.walkers)))
        x, y, _ = self.walkers.place()
        away = [np.hypot(bell.x - x[who], bell.y - y[who]) for bell in self.bells]
        nearest = int(np.argmin(away))
        if away[nearest] < BELL_REACH:
            self.ringing[self.bells[nearest].key] = now + BELL_RINGS

    def _happen(self, event: Event) -> None:
        if event.kind == "rain":
            self.weather.forced_rain = event.value
        elif event.kind == "dry":
            self.weather.forced_rain = None
            self.water.forced.clear()
        elif event.kind == "flood":
            self.water.forced[self._water_of[event.device]] = event.value or 0.0
        elif event.kind == "silence":
            self.silent[event.device] = self.now + (event.value or float("inf"))
        elif event.kind == "call":
            self._call(event)
        elif event.kind in OF_ROADS:
            self._obstruct(event)
        else:
            until = self.now + event.seconds
            self.ailments.append(Ailment(event.kind, event.device, event.value or 0.0, until))

    def _obstruct(self, event: Event) -> None:
        """Something is in the way of traffic; to an accident an ambulance and the police are called."""
        assert self.traffic is not None, "check() refuses it without a network"
        link = self._link_of(event)
        edge = self.traffic.edge_of.get(event.road or self.street.keys[link])
        if edge is None:
            return  # the street by that point is none of the network's
        self.traffic.obstruct(work(event, edge, self.traffic.network, self.now))
        if event.kind == "accident":
            for kind in KINDS:
                if kind.name in CALLED:
                    self.missions.call(kind, link, self.now)

    def _link_of(self, event: Event) -> int:
        """The link of the street that an event is on; one that the street lacks is where its line begins."""
        if event.road in self.street.keys:
            return self.street.keys.index(event.road)
        if event.x is not None and event.y is not None:
            return self.street.nearest(event.x, event.y)[0]
        return int(self._random.integers(len(self.street)))

    def _call(self, event: Event) -> None:
        kind = next(kind for kind in KINDS if kind.name == event.call)
        self.missions.call(kind, self._link_of(event), self.now)


def _for_walking(links: Links) -> Links:
    return replace(links, speed=np.full(len(links.begin), WALKING))
