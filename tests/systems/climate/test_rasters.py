"""GeoTIFF in and out; files that cannot be computed with."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from django.utils import translation
from rasterio.transform import Affine, from_origin

from madang.systems.climate import rasters
from madang.systems.climate.engine.grid import Grid
from madang.systems.climate.engine.refusal import Refusal
from madang.systems.climate.sentences import said

GRID = Grid(30, 40, 5.0, 200_000.0, 520_000.0, 5186)


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    values = np.random.default_rng(1).normal(size=GRID.shape).astype(np.float32)
    mask = values > -1
    rasters.write(tmp_path / "layer.tif", GRID, values, mask)
    found = rasters.read(tmp_path / "layer.tif")
    assert found.grid == GRID
    np.testing.assert_array_equal(found.mask, mask)
    np.testing.assert_array_equal(found.values[mask], values[mask])


@pytest.mark.parametrize(
    ("code", "changed"),
    [
        ("no-crs", {"crs": None}),
        ("not-in-metres", {"crs": "EPSG:4326"}),
        ("several-bands", {"count": 2}),
        ("not-north-up", {"transform": Affine(5, 1, 0, 1, -5, 0)}),
        ("not-north-up", {"transform": Affine(5, 0, 0, 0, -6, 0)}),
        ("nothing-known", {"nodata": 0}),
    ],
)
def test_a_file_that_does_not_fit_is_refused(
    tmp_path: Path, code: str, changed: dict[str, Any]
) -> None:
    given: dict[str, Any] = {
        "driver": "GTiff", "width": 9, "height": 8, "count": 1, "dtype": "uint8",
        "crs": "EPSG:5186", "transform": from_origin(200_000, 520_000, 5, 5), "nodata": None,
    }  # fmt: skip
    path = tmp_path / "layer.tif"
    with rasterio.open(path, "w", **{**given, **changed}) as target:
        for band in range(1, target.count + 1):
            target.write(np.zeros((8, 9), np.uint8), band)
    with pytest.raises(Refusal, match=code):
        rasters.read(path)


def test_a_file_that_is_none_or_breaks_off_is_refused(tmp_path: Path) -> None:
    whole = tmp_path / "whole.tif"
    rasters.write(
        whole, GRID, np.random.default_rng(1).random(GRID.shape), np.ones(GRID.shape, bool)
    )
    (tmp_path / "part.tif").write_bytes(whole.read_bytes()[:1_000])
    (tmp_path / "words.tif").write_text("not a raster")
    for name in ("part.tif", "words.tif", "missing.tif"):
        with pytest.raises(Refusal, match="not-a-raster"):
            rasters.read(tmp_path / name)


@pytest.mark.parametrize(
    ("code", "side", "kind"),
    [("too-many-cells", 40_000, "uint8"), ("too-many-bytes", 15_000, "float64")],
)
def test_a_file_of_gigabytes_is_refused_before_it_is_read(
    tmp_path: Path, code: str, side: int, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rasters, "MOST_BYTES", 2 * 1024**3 - 1 if kind == "uint8" else 1024**3)
    path = tmp_path / "huge.tif"
    with rasterio.open(
        path, "w", driver="GTiff", width=side, height=side, count=1, dtype=kind, crs="EPSG:5186",
        transform=from_origin(200_000, 520_000, 1, 1), tiled=True, sparse_ok=True, bigtiff="yes",
    ):  # fmt: skip
        pass
    assert path.stat().st_size < 20_000_000  # nobody wrote a cell
    with pytest.raises(Refusal) as refused:
        rasters.read(path)
    assert refused.value.code == code
    with translation.override("en"):
        assert "use " in said(refused.value)
