"""Shadows, sky, radiation and how warm it feels, in a window of streets."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pythermalcomfort.models import utci as peer

from madang.systems.climate.engine import comfort, radiation
from madang.systems.climate.engine.radiation import EYES, Sun
from madang.systems.climate.engine.refusal import Refusal

NOON = Sun(azimuth=180, altitude=45, direct=800, diffuse=120)


@pytest.mark.filterwarnings("ignore:.*applicability limits")
@settings(max_examples=25, deadline=None)
@given(wind=st.floats(0.1, 20), humidity=st.floats(0, 100), seed=st.integers(0, 2**32 - 1))
def test_utci_is_that_of_pythermalcomfort(wind: float, humidity: float, seed: int) -> None:
    random = np.random.default_rng(seed)
    air = random.uniform(-55, 55, (3, 40)).astype(np.float32)
    radiant = (air + random.uniform(-35, 75, air.shape)).astype(np.float32)
    found = comfort.utci(air, radiant, wind, humidity)
    given = [each.astype(np.float64) for each in (air, radiant)]
    expected = peer(*given, wind, humidity, limit_inputs=True, round_output=False).utci
    # at the very ends of the ranges the two may round a limit differently
    both = np.isfinite(found) & np.isfinite(expected)
    assert (np.isfinite(found) == np.isfinite(expected)).mean() > 0.99
    np.testing.assert_allclose(found[both], expected[both], rtol=2e-6, atol=2e-4)


def test_a_wall_throws_its_shadow_as_far_as_the_sun_says() -> None:
    heights = np.zeros((40, 40), np.float32)
    heights[20, :] = 9.5 + EYES
    lit = radiation.sunlit(heights, 1.0, NOON)
    shaded = np.flatnonzero(~lit[:, 5])
    np.testing.assert_array_equal(
        shaded, np.arange(11, 21)
    )  # the wall, and 10 m north less its edge
    assert not radiation.sunlit(heights, 1.0, Sun(180, -3, 0, 0)).any()


def test_sky_view_of_a_plain_a_yard_and_a_street() -> None:
    """In a street's middle cos² of a horizon that is as high as it is far away is one half."""
    assert radiation.sky_view(np.zeros((9, 9), np.float32), 5.0).min() == 1
    yard = np.full((101, 101), 20 + EYES, np.float32)
    rows, columns = np.indices(yard.shape) - 50
    yard[np.hypot(rows, columns) < 19.5] = 0
    assert radiation.sky_view(yard, 1.0)[50, 50] == pytest.approx(0.5, abs=0.02)
    street = np.full((401, 81), 10 + EYES, np.float32)
    street[:, 31:50] = 0
    found = float(radiation.sky_view(street, 1.0)[200, 40])
    assert found == pytest.approx(np.cos(np.arctan(10 / 10)), abs=0.04)


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_shade_is_nowhere_hotter_and_undisturbed_air_is_as_before(seed: int) -> None:
    random = np.random.default_rng(seed)
    shape = (24, 30)
    heights = np.where(random.random(shape) < 0.2, random.uniform(3, 40, shape), 0)
    heights = heights.astype(np.float32)
    sky, lit = radiation.sky_view(heights, 5.0), radiation.sunlit(heights, 5.0, NOON)
    air = np.full(shape, 31, np.float32)
    albedo, dry = np.full(shape, 0.2, np.float32), np.ones(shape, np.float32)
    sunny = radiation.mean_radiant(sky, lit, air, albedo, dry, NOON, 50)
    shaded = radiation.mean_radiant(sky, lit & False, air, albedo, dry, NOON, 50)
    watered = radiation.mean_radiant(sky, lit, air, albedo, dry * 0.2, NOON, 50)
    assert (shaded <= sunny).all()
    assert (watered <= sunny + 1e-4).all()
    open_ground = lit & (sky > 0.9)
    assert ((sunny - air)[open_ground] > 15).all()
    assert ((sunny - air)[open_ground] < 50).all()


def test_heights_that_cannot_be_are_refused_with_their_place() -> None:
    heights = np.zeros((5, 6), np.float32)
    heights[2, 3] = -1
    with pytest.raises(Refusal) as refused:
        radiation.sunlit(heights, 1.0, NOON)
    assert (refused.value.words["row"], refused.value.words["column"]) == (2, 3)
    heights[2, 3] = np.nan
    with pytest.raises(Refusal, match="bad-height"):
        radiation.sky_view(heights, 1.0)
