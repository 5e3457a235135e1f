"""Beside InVEST 3.20.2's Carbon, and where it drops a cell that loses exactly 1 t/ha."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np

from madang.systems.climate.engine import carbon
from madang.systems.climate.engine.tables import POOLS, UNKNOWN, Coefficient, LandClass, Table

NODATA = 255
DAY = date(2026, 1, 1)

with np.load(Path(__file__).parent / "golden" / "carbon.npz") as stored:
    GOLDEN = dict(stored)


def table() -> Table:
    return Table(
        LandClass(int(row[0]), f"class {row[0]:.0f}", pools_of(row[6:]))
        for row in GOLDEN["classes"]
    )


def pools_of(values: np.ndarray) -> dict[str, Coefficient]:
    return {
        name: Coefficient(float(value), "InVEST's golden table", DAY)
        for name, value in zip(POOLS, values, strict=True)
    }


def test_golden_storage_is_invests() -> None:
    places = table().places(GOLDEN["before"], NODATA)
    found = carbon.density(places, table())
    np.testing.assert_allclose(found, GOLDEN["c_storage_bas"], rtol=1e-6)
    np.testing.assert_array_equal(np.isnan(found), places == UNKNOWN)


def test_golden_change_counts_the_cells_that_invest_drops() -> None:
    before, after = (table().places(GOLDEN[name], NODATA) for name in ("before", "after"))
    expected = GOLDEN["c_change_bas_alt"]
    ours = carbon.density(after, table()) - carbon.density(before, table())
    known = np.isfinite(expected)
    np.testing.assert_allclose(ours[known], expected[known], atol=1e-4)

    dropped = np.isfinite(ours) & ~known
    assert dropped.any()
    np.testing.assert_array_equal(ours[dropped], -1.0)

    found = carbon.change(before, after, table(), 0.01)
    total = float(np.nansum(expected.astype(np.float64))) * 0.01 - dropped.sum() * 0.01
    assert abs(found.carbon - total) < 1e-3
    assert found.changed == int((ours != 0)[np.isfinite(ours)].sum())
    assert abs(found.co2 - found.carbon * 44 / 12) < 1e-9
