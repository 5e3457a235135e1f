"""Beside InVEST 3.20.2: golden outputs of its own Urban Cooling Model, made by make_golden.py."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from madang.systems.climate.engine import compatible
from madang.systems.climate.engine.compatible import Heat, Layers
from madang.systems.climate.engine.cooling import Climate, Weights, by_night

FOLDER = Path(__file__).parent / "golden"
CASES = ("random", "nodata", "ties", "uneven", "built-up", "no-buildings")
NODATA = 255
DEGREES = 1e-4  # what the comparison allows
HUMIDITY = 62.0


@pytest.fixture(params=CASES)
def case(request: pytest.FixtureRequest) -> dict[str, Any]:
    return load(request.param)


def load(name: str) -> dict[str, Any]:
    with np.load(FOLDER / f"{name}.npz") as stored:
        return dict(stored)


def climate(case: dict[str, Any]) -> Climate:
    weights = Weights(*case["weights"].tolist())
    return Climate(28.5, 3.7, float(case["mixing"]), float(case["distance"]), weights)


def layers(case: dict[str, Any]) -> Layers:
    """The class table looked up: shade, Kc, albedo and green area of every cell."""
    table = np.zeros((256, 10), np.float32)
    table[case["classes"][:, 0].astype(int)] = case["classes"]
    _, shade, kc, albedo, green, *_ = np.moveaxis(table[case["land"]], -1, 0)
    covered = case["land"] != NODATA
    return Layers(shade, albedo, kc, case["eto"], green > 0, covered & (case["eto"] != -1), covered)


def compute(case: dict[str, Any]) -> Heat:
    return compatible.heat(layers(case), climate(case), float(case["cell"]))


def test_golden_temperature_of_the_air_is_invests(case: dict[str, Any]) -> None:
    found, expected = compute(case), case["T_air"]
    np.testing.assert_array_equal(found.mask, np.isfinite(expected))
    apart = np.abs(found.temperature - expected)[found.mask]
    assert apart.max() < DEGREES, f"{apart.max():.6f} °C apart"


def test_golden_mitigation_is_invests_where_two_hectares_tie(case: dict[str, Any]) -> None:
    found = compute(case)
    np.testing.assert_allclose(
        found.mitigation[found.mask], case["hm"][found.mask], rtol=0, atol=3e-6
    )


@pytest.mark.parametrize("name", ["random", "ties"])
def test_golden_temperature_by_night_is_invests(name: str) -> None:
    """InVEST's second method: capacity is what building intensity leaves."""
    case = load(name)
    table = np.zeros(256, np.float32)
    table[case["classes"][:, 0].astype(int)] = case["classes"][:, 5]
    by_day = layers(case)
    known = by_day.covered
    capacity = by_night(table[case["land"]], known)
    cell = float(case["cell"])
    found = compatible.mixed(capacity, by_day.green, known, known, climate(case), cell)
    np.testing.assert_array_equal(known, np.isfinite(case["night"]))
    assert np.abs(found.temperature - case["night"])[known].max() < DEGREES


def test_golden_wet_bulb_globe_temperature_is_invests() -> None:
    case = load("random")
    found = compatible.wet_bulb_globe(case["T_air"], HUMIDITY)
    np.testing.assert_allclose(found, case["wbgt"], rtol=0, atol=1e-4)
