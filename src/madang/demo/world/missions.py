"""Calls for help and what the emergency vehicles do: 대기, 출동, 현장, 이송, 병원도착, 귀소."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from madang.demo.world.fleet import Fleet
from madang.demo.world.routes import Routes


class State(StrEnum):
    """What a vehicle does, as its terminal says it."""

    STANDBY = "standby"
    EN_ROUTE = "en_route"
    ON_SCENE = "on_scene"
    TRANSPORTING = "transporting"
    AT_HOSPITAL = "at_hospital"
    RETURNING = "returning"


@dataclass(frozen=True)
class Kind:
    """A kind of call: how many an hour, who goes, minutes there (from, to), share taken to hospital."""

    name: str
    an_hour: float
    needs: tuple[tuple[str, int], ...]
    minutes: tuple[float, float]
    transported: float = 0.0


# Calls of a city of 1.2 million, thinned to what 26 ambulances and 36 engines of a demo can show.
KINDS = (
    Kind("rescue", 7.0, (("ambulance", 1),), (5, 15), transported=0.7),
    Kind("fire", 0.5, (("fire_engine", 3), ("command_car", 1), ("ambulance", 1)), (15, 60)),
    Kind("police", 9.0, (("patrol_car", 1),), (5, 20)),
)
TRANSPORTING_KINDS = {"ambulance"}
PATROLLING_KINDS = {"patrol_car"}
HANDING_OVER = (8.0, 20.0)  # minutes at the hospital


@dataclass(frozen=True)
class Member:
    """An emergency vehicle: its number in the fleet, its kind, and the link and metres of its station."""

    who: int
    kind: str
    home: tuple[int, float]


@dataclass
class Duty:
    """What a vehicle does now, since when, for which mission and until when where that is known."""

    state: State = State.STANDBY
    since: float = 0.0
    mission: str = ""
    until: float = 0.0
    patient: bool = False


class Missions:
    """Sends the nearest free vehicles to calls and brings them home."""

    def __init__(
        self, fleet: Fleet, members: Sequence[Member], hospitals: Sequence[tuple[int, float]],
        routes: Routes, random: np.random.Generator, now: float,
    ) -> None:  # fmt: skip
        self.fleet = fleet
        self.members = {member.who: member for member in members}
        self.duty = {member.who: Duty(since=now) for member in members}
        self._hospitals = hospitals
        self._routes = routes
        self._random = random
        self._count = 0
        for member in members:
            self._stand_by(member)

    def step(self, now: float, dt: float, arrived: Sequence[int]) -> None:
        """Take calls by chance, let those who arrived act, and those whose time is over go on."""
        for kind in KINDS:
            if self._random.random() < kind.an_hour * dt / 3600:
                self.call(kind, self._somewhere(), now)
        for who in arrived:
            if who in self.duty:
                self._arrive(self.members[who], self.duty[who], now)
        for who, duty in self.duty.items():
            if duty.until and now >= duty.until:
                self._go_on(self.members[who], duty, now)

    def call(self, kind: Kind, link: int, now: float) -> str:
        """Send who is free and near to link; the mission's id, or "" when nobody is free."""
        self._count += 1
        mission = f"{kind.name}-{int(now)}-{self._count:04}"
        sent = [
            member
            for vehicle, number in kind.needs
            for member in self._nearest_free(vehicle, link)[:number]
        ]
        for member in sent:
            patient = member.kind in TRANSPORTING_KINDS and self._random.random() < kind.transported
            self._drive(
                member, link, Duty(State.EN_ROUTE, now, mission, patient=patient), hurry=True
            )
        return mission if sent else ""

    def _somewhere(self) -> int:
        street = self.fleet.street
        open_sky = np.flatnonzero(~street.covered)
        return int(self._random.choice(open_sky))

    def _nearest_free(self, kind: str, link: int) -> list[Member]:
        x, y, _ = self.fleet.place()
        to_x, to_y = self.fleet.street.points[self.fleet.street.line_start[link]]
        free = [
            member
            for member in self.members.values()
            if member.kind == kind
            and self.duty[member.who].state in (State.STANDBY, State.RETURNING)
        ]
        return sorted(free, key=lambda m: np.hypot(x[m.who] - to_x, y[m.who] - to_y))

    def _drive(self, member: Member, link: int, duty: Duty, hurry: bool) -> None:
        here = int(self.fleet.link[member.who])
        self.fleet.send(member.who, self._routes.way(here, link), hurry)
        self.duty[member.who] = duty

    def _arrive(self, member: Member, duty: Duty, now: float) -> None:
        if duty.state is State.EN_ROUTE:
            low, high = next(kind.minutes for kind in KINDS if duty.mission.startswith(kind.name))
            self._stay(member, State.ON_SCENE, duty, now, low, high)
        elif duty.state is State.TRANSPORTING:
            self._stay(member, State.AT_HOSPITAL, duty, now, *HANDING_OVER)
        else:
            self.duty[member.who] = Duty(since=now)
            self._stand_by(member)

    def _stay(
        self, member: Member, state: State, duty: Duty, now: float, low: float, high: float
    ) -> None:
        self.fleet.park(member.who)
        until = now + 60 * self._random.uniform(low, high)
        self.duty[member.who] = Duty(state, now, duty.mission, until, duty.patient)

    def _go_on(self, member: Member, duty: Duty, now: float) -> None:
        if duty.state is State.ON_SCENE and duty.patient and self._hospitals:
            nearest = self._nearest_hospital(member)
            self._drive(member, nearest, Duty(State.TRANSPORTING, now, duty.mission), hurry=True)
        else:
            self._drive(
                member, member.home[0], Duty(State.RETURNING, now, duty.mission), hurry=False
            )

    def _nearest_hospital(self, member: Member) -> int:
        street = self.fleet.street
        x, y, _ = self.fleet.place()
        starts = street.points[street.line_start[[link for link, _ in self._hospitals]]]
        away = np.hypot(starts[:, 0] - x[member.who], starts[:, 1] - y[member.who])
        return self._hospitals[int(np.argmin(away))][0]

    def _stand_by(self, member: Member) -> None:
        """At the station; patrol cars stand by while they drive their rounds."""
        if member.kind in PATROLLING_KINDS:
            self.fleet.wander(member.who)
            return
        self.fleet.link[member.who], self.fleet.along[member.who] = member.home
        self.fleet.park(member.who)
