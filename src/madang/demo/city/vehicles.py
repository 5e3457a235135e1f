"""The vehicles of the city's services, each with the station it comes from, and others with a tracker."""

from __future__ import annotations

from collections.abc import Sequence

from madang.demo.city.chance import chance
from madang.demo.city.places import some
from madang.demo.city.things import Place, Vehicle

# kind, word on its side, how many, and the kind and level of the places it comes from.
EMERGENCY: tuple[tuple[str, str, int, str, tuple[str, ...]], ...] = (
    ("ambulance", "구급", 26, "fire-station", ("headquarters", "centre")),
    ("fire_engine", "펌프", 36, "fire-station", ("headquarters", "centre")),
    ("command_car", "지휘", 4, "fire-station", ("headquarters",)),
    ("patrol_car", "순찰", 54, "police", ("headquarters", "precinct", "box")),
)
OTHERS: tuple[tuple[str, str, int], ...] = (
    ("bus", "시내버스", 520),
    ("taxi", "택시", 980),
    ("service_vehicle", "공무", 500),
)


def emergency_vehicles(scale: float, places: Sequence[Place]) -> list[Vehicle]:
    """Vehicles in turn over their stations, so that every station has about as many as the next."""
    found: list[Vehicle] = []
    for kind, word, count, place_kind, levels in EMERGENCY:
        homes = [p for p in places if p.kind == place_kind and p.details.get("level") in levels]
        for number in range(some(count, scale)):
            home = homes[number % len(homes)]
            name = f"{home.name} {word} {number // len(homes) + 1}호"
            found.append(
                Vehicle(f"{kind.upper().replace('_', '-')}-{number + 1:03}", kind, name, home.key)
            )
    return found


def other_vehicles(seed: int, scale: float) -> list[Vehicle]:
    """Buses, taxis and the city's own cars; their plates are of a series that is not given out."""
    random = chance(seed, "plates")
    found: list[Vehicle] = []
    for kind, word, count in OTHERS:
        total = some(count, scale)
        plates = random.choice(10_000, total, replace=total > 10_000)
        for number, plate in enumerate(plates, 1):
            key = f"{kind.upper().replace('_', '-')}-{number:05}"
            found.append(Vehicle(key, kind, f"{word} 00허{plate:04}", ""))
    return found
