"""The city's heat in memory: what must hold of every city and every edit."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from madang.systems.climate.engine import counting
from madang.systems.climate.engine.cooling import Climate
from madang.systems.climate.engine.corrected import City
from madang.systems.climate.engine.grid import Window
from madang.systems.climate.engine.refusal import Refusal

DEGREES = 0.01
CLIMATE = Climate(28.0, 3.0, mixing=60.0, park_cooling=50.0)


def city(seed: int, shape: tuple[int, int] = (60, 80), block: int = 1) -> City:
    """Parks and streets at 10 m with unknown cells at an edge and in the middle."""
    random = np.random.default_rng(seed)
    green = random.random(shape) < 0.25
    capacity = np.where(green, 0.8, 0.2) + random.random(shape) * 0.15
    mask = np.ones(shape, np.bool_)
    mask[:, :7] = mask[20:23, 30:40] = False
    return City(capacity.astype(np.float32), green, mask, CLIMATE, 10.0 / block, block)


def planted(random: np.random.Generator, shape: tuple[int, int]) -> tuple[Window, bool]:
    height, width = random.integers(1, 9, 2).tolist()
    top = int(random.integers(0, shape[0] - height))
    left = int(random.integers(0, shape[1] - width))
    return Window(top, top + height, left, left + width), bool(random.random() < 0.7)


def put(city: City, window: Window, *, green: bool) -> None:
    value = np.float32(0.9 if green else 0.1)
    city.edit(window, np.full(window.shape, value), np.full(window.shape, green))


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), block=st.sampled_from([1, 2]))
def test_a_hundred_edits_leave_what_a_full_recompute_gives(seed: int, block: int) -> None:
    here, random = city(seed, block=block), np.random.default_rng(seed)
    for _ in range(100):
        window, green = planted(random, here.mask.shape)
        put(here, window, green=green)
    edited, counted = here.temperature.copy(), here.green_around.copy()
    here.recompute()
    np.testing.assert_array_equal(counted, here.green_around)
    assert np.abs(edited - here.temperature).max() < DEGREES


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_an_edit_undone_leaves_the_city_as_it_was(seed: int) -> None:
    here = city(seed)
    window, green = planted(np.random.default_rng(seed), here.mask.shape)
    before = here.temperature.copy()
    was = here.capacity[window.of].copy(), here.green[window.of].copy()
    put(here, window, green=green)
    here.edit(window, *was)
    np.testing.assert_allclose(here.temperature, before, rtol=0, atol=2e-5)
    np.testing.assert_array_equal(here.capacity[window.of], was[0])


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_more_capacity_and_green_is_nowhere_warmer(seed: int) -> None:
    here = city(seed)
    window, _ = planted(np.random.default_rng(seed), here.mask.shape)
    before = here.temperature.copy()
    here.edit(window, np.ones(window.shape, np.float32), np.ones(window.shape, np.bool_))
    assert (here.temperature <= before + 1e-4).all()
    here.recompute()
    assert (here.temperature <= before + 1e-4).all()


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_what_zones_gained_is_what_their_cells_gained(seed: int) -> None:
    here, random = city(seed), np.random.default_rng(seed)
    zones = random.integers(-1, 5, here.mask.shape).astype(np.int32)
    people = random.random(here.mask.shape).astype(np.float32)
    here.watch(here.tallied(zones, 5, people))
    before = here.temperature.astype(np.float64)
    window, green = planted(random, here.mask.shape)
    value = np.float32(0.9 if green else 0.1)
    found = here.edit(window, np.full(window.shape, value), np.full(window.shape, green))
    gained = here.temperature.astype(np.float64) - before
    for zone in range(5):
        inside = zones == zone
        assert found.sums[zone] == pytest.approx(gained[inside].sum(), abs=2e-3)
        assert found.people[zone] == pytest.approx((gained * people)[inside].sum(), abs=2e-3)
    outside = np.ones(here.mask.shape, np.bool_)
    outside[found.window.of] = False
    assert not gained[outside].any()


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), block=st.sampled_from([1, 2]))
def test_single_cells_say_what_all_of_them_say_and_a_twin_goes_its_own_way(
    seed: int, block: int
) -> None:
    here, random = city(seed, block=block), np.random.default_rng(seed)
    for _ in range(3):
        window, green = planted(random, here.mask.shape)
        put(here, window, green=green)
    other = here.twin()
    put(other, window, green=not green)
    rows, columns = np.indices(here.known.shape)
    single = here.temperature_at(rows, columns)
    np.testing.assert_allclose(single, here.temperature, rtol=0, atol=1e-5)
    np.testing.assert_array_equal(here.temperature_at(rows, columns), here.temperature)
    here.recompute()
    assert np.abs(single - here.temperature).max() < DEGREES
    np.testing.assert_allclose(
        other.temperature_at(rows, columns), other.temperature, rtol=0, atol=1e-5
    )


def test_what_is_not_known_stays_unknown() -> None:
    here = city(1)
    window = Window(18, 26, 28, 44)
    before = here.capacity.copy()
    here.edit(window, np.ones(window.shape, np.float32), np.ones(window.shape, np.bool_))
    unknown = ~here.mask
    np.testing.assert_array_equal(here.capacity[unknown], before[unknown])
    assert not here.temperature[unknown].any()
    assert (here.temperature[here.mask] > CLIMATE.reference - 1e-3).all()


def test_two_hectares_are_two_hectares() -> None:
    """200 cells of 10 m make a park; one cell fewer does not."""
    for cells, cooled in ((200, True), (199, False)):
        shape = (61, 61)
        green = np.zeros(shape, np.bool_)
        near = np.argsort(np.hypot(*(np.indices(shape) - 30)).ravel(), kind="stable")[1:]
        green.ravel()[near[:cells]] = True
        capacity = np.where(green, np.float32(0.9), np.float32(0.1))
        here = City(capacity, green, np.ones(shape, np.bool_), Climate(28, 3, 60, 100), 10.0)
        assert here.green_around[30, 30] == cells
        assert (here.mitigation[30, 30] > 0.11) == cooled


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), reach=st.integers(1, 9))
def test_counts_within_a_distance_are_exact(seed: int, reach: int) -> None:
    random = np.random.default_rng(seed)
    shape = tuple(random.integers(1, 24, 2).tolist())
    first, second = random.random(shape) < 0.4, random.random(shape) < 0.9
    found = counting.within(reach, first, second)
    rows, columns = np.indices(shape)
    for row, column in zip(*(random.integers(0, side, 4) for side in shape), strict=True):
        near = (rows - row) ** 2 + (columns - column) ** 2 <= reach**2
        assert found[0][row, column] == (first & near).sum()
        assert found[1][row, column] == (second & near).sum()


def test_edits_that_do_not_fit_are_refused() -> None:
    here = city(3)
    window = Window(0, 4, 10, 14)
    with pytest.raises(Refusal, match="other-shape"):
        here.edit(window, np.ones((3, 4), np.float32), np.ones((3, 4), np.bool_))
    with pytest.raises(Refusal, match="not-finite"):
        here.edit(window, np.full((4, 4), np.nan, np.float32), np.ones((4, 4), np.bool_))
    with pytest.raises(Refusal, match="nothing-known"):
        City(here.capacity, here.green, np.zeros_like(here.mask), CLIMATE, 10.0)
