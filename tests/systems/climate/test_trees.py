"""Trees that grow and die, and what is not known of them; stations beside the model."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from madang.systems.climate.engine import calibration, trees
from madang.systems.climate.engine.refusal import Refusal
from madang.systems.climate.engine.trees import Doubt, Trees

SURE = Doubt(tree=0, equation=0, growth=0, mortality=(0, 0))


def street(count: int = 200) -> Trees:
    return Trees(["mixed hardwood", "pine"], np.array([8.0, 12.0]), np.array([count, 30], np.int64))


def test_one_tree_weighs_what_the_equation_says() -> None:
    """exp(-2.4800 + 2.4835 ln 25) is 248 kg; free-standing, with roots, half of it carbon."""
    one = Trees(["mixed hardwood"], np.array([25.0]), np.array([1], np.int64))
    biomass = np.exp(-2.48) * 25**2.4835
    assert biomass == pytest.approx(248, abs=0.5)
    assert trees.carbon(one)[0] == pytest.approx(biomass * 0.8 * 1.26 * 0.5 / 1000)


def test_without_doubt_every_draw_is_the_sum_of_its_trees() -> None:
    here = street()
    found = trees.grow(here, 10, 0.8, seed=1, draws=4, doubt=SURE)
    later = Trees(here.equations, here.dbh + 8, here.count)
    np.testing.assert_allclose(found.carbon[:, 0], (trees.carbon(here) * here.count).sum())
    np.testing.assert_allclose(found.carbon[:, 10], (trees.carbon(later) * here.count).sum())
    np.testing.assert_allclose(found.uptake.sum(axis=1), found.carbon[:, 10] - found.carbon[:, 0])


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), years=st.integers(1, 40))
def test_the_same_seed_gives_the_same_years_and_no_tree_rises_again(seed: int, years: int) -> None:
    first, again = (trees.grow(street(), years, 0.8, seed, draws=50) for _ in range(2))
    np.testing.assert_array_equal(first.carbon, again.carbon)
    assert (np.diff(first.alive, axis=1) <= 0).all()
    low, middle, high = first.interval()
    assert (low <= middle).all()
    assert (middle <= high).all()


def test_one_tree_is_less_sure_than_a_thousand() -> None:
    spread = []
    for count in (1, 1_000):
        here = Trees(["pine"], np.array([20.0]), np.array([count], np.int64))
        low, middle, high = trees.grow(here, 0, 0.8, seed=7, draws=4_000).interval()[:, 0]
        spread.append((high - low) / middle)
    assert spread[0] > 1.5 * spread[1]
    assert spread[0] > 2  # one tree may be off by more than its own weight
    mean = trees.grow(here, 0, 0.8, seed=7, draws=20_000).carbon[:, 0].mean()
    assert mean == pytest.approx(1_000 * trees.carbon(here)[0], rel=0.02)


def test_what_it_cost_is_paid_back_in_a_year_or_never() -> None:
    found = trees.grow(street(), 30, 0.8, seed=3, draws=200)
    assert np.isnan(found.payback(1e6)).all()
    soon, late = (np.nanmedian(found.payback(cost)) for cost in (0.5, 5.0))
    assert 0 < soon < late


@pytest.mark.parametrize(
    ("equation", "dbh", "code"),
    [("baobab", 20.0, "unknown-species"), ("pine", -2.0, "bad-tree"), ("pine", np.nan, "bad-tree")],
)
def test_trees_that_cannot_be_are_refused(equation: str, dbh: float, code: str) -> None:
    with pytest.raises(Refusal, match=code):
        Trees([equation], np.array([dbh]), np.array([1], np.int64))


def stations(noise: float) -> tuple[dict[float, np.ndarray], np.ndarray, np.ndarray]:
    """Forty stations in a city of 12 km whose temperature follows the exposure of 500 m."""
    random = np.random.default_rng(5)
    x, y = random.uniform(0, 12_000, (2, 40))
    exposure = {metres: random.uniform(0.2, 0.9, 40) for metres in (200.0, 500.0, 900.0)}
    measured = 24.0 + 3.0 * exposure[500.0] + random.normal(0, noise, 40)
    measured[7] = np.nan  # a station that was silent
    return exposure, measured, calibration.blocks(x, y, 4_000)


def test_calibration_finds_the_city_it_was_made_of() -> None:
    exposure, measured, blocks = stations(0.1)
    found = calibration.calibrate(exposure, measured, blocks)
    assert found.candidate == 500.0
    assert found.reference == pytest.approx(24.0, abs=0.2)
    assert found.urban_heat == pytest.approx(3.0, abs=0.3)
    assert found.helps
    assert found.error < 0.2


def test_calibration_says_when_it_does_not_help() -> None:
    exposure, _, blocks = stations(0.1)
    noise = np.random.default_rng(6).normal(26, 1, 40)
    found = calibration.calibrate(exposure, noise, blocks)
    assert not found.helps
    with pytest.raises(Refusal, match="too-few-blocks"):
        calibration.calibrate(exposure, noise, np.zeros(40, np.int64))
