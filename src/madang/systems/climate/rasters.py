"""Layers in files: GeoTIFF (also cloud-optimised) read whole onto the engine's grid, and written.

A file is taken as it lies: north up, square cells, in a system of metres. Nothing is warped on the
way in, so that a cell's value is the one somebody measured; what does not fit is refused with the
command that makes it fit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from madang.systems.climate.engine.grid import ALIGNED, MOST_CELLS, Flags, Grid
from madang.systems.climate.engine.refusal import Refusal

if TYPE_CHECKING:  # GDAL loads with the first file, not with each process that knows of rasters
    import rasterio
    from rasterio.io import MemoryFile
    from rasterio.windows import Window

MOST_BYTES = 2 * 1024**3  # of one layer in memory
NODATA = -9999.0
Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Layer:
    """One band: what it holds and in which cells that is known. Its own no-data number is kept."""

    grid: Grid
    values: NDArray[np.generic]
    mask: Flags
    nodata: float | None


def read(path: Path) -> Layer:
    """The only band of a GeoTIFF; Refusal where it cannot be computed with."""
    return _read(path, path.name)


def unpack(file: bytes, name: str) -> Layer:
    """The same of a GeoTIFF in memory."""
    from rasterio.io import MemoryFile

    with MemoryFile(file) as held:
        return _read(held, name)


def read_within(path: Path, name: str, box: Box | None, whole: Grid | None, band: int = 1) -> Layer:
    """The cells of one band that lie on the grid `whole`, or else in box: west, south, east, north.

    Nothing else of the file is read, so that a raster of a whole province takes no more memory than
    the city. Refusal where the file lacks a part of `whole`, or its cells lie otherwise.
    """
    import rasterio

    try:
        with rasterio.open(path) as source:
            window, grid = _part(source, name, box, whole)
            _refuse_large(grid.shape, source.dtypes[band - 1], name)
            values = source.read(band, window=window)
            known = source.read_masks(band, window=window) > 0
            return Layer(
                grid, values, _with_values(values, known, name), source.nodatavals[band - 1]
            )
    except rasterio.errors.RasterioError as error:
        raise Refusal("not-a-raster", layer=name, detail=str(error)) from error


def _part(
    source: rasterio.DatasetReader, name: str, box: Box | None, whole: Grid | None
) -> tuple[Window, Grid]:
    """Which cells of the file are wanted, and the grid they make."""
    from rasterio.windows import Window

    code, transform = _lies(source, name), source.transform
    cell, west, north = transform.a, transform.c, transform.f
    if whole is not None:
        return _window_of(whole, source, name, code), whole
    first, last, top, bottom = 0, source.width, 0, source.height
    if box is not None:
        first = max(0, int(np.floor((box[0] - west) / cell)))
        last = min(source.width, int(np.ceil((box[2] - west) / cell)))
        top = max(0, int(np.floor((north - box[3]) / cell)))
        bottom = min(source.height, int(np.ceil((north - box[1]) / cell)))
    if last <= first or bottom <= top:
        raise Refusal("outside-city", layer=name, found=code)
    grid = Grid(bottom - top, last - first, cell, west + first * cell, north - top * cell, code)
    return Window(first, top, grid.columns, grid.rows), grid


def _window_of(whole: Grid, source: rasterio.DatasetReader, name: str, code: int) -> Window:
    """Where in the file the city's grid lies; Refusal where its cells are others or are not all there."""
    from rasterio.windows import Window

    cell, west, north = source.transform.a, source.transform.c, source.transform.f
    if code != whole.crs:
        raise Refusal("other-crs", layer=name, found=code, expected=whole.crs)
    if abs(cell - whole.cell) > ALIGNED * whole.cell / max(whole.shape):
        raise Refusal("other-cell", layer=name, found=cell, expected=whole.cell)
    column, row = (whole.west - west) / cell, (north - whole.north) / cell
    left, top = round(column), round(row)
    moved = max(abs(column - left), abs(row - top)) > ALIGNED
    lacking = left < 0 or top < 0
    lacking |= left + whole.columns > source.width or top + whole.rows > source.height
    if moved or lacking:
        found = f"{source.height} x {source.width} @ {west:g}, {north:g}"
        raise Refusal("other-extent", layer=name, found=found, expected=whole.described())
    return Window(left, top, whole.columns, whole.rows)


def _refuse_large(shape: tuple[int, int], kind: str, name: str) -> None:
    cells = shape[0] * shape[1]
    if cells > MOST_CELLS:
        raise Refusal("too-many-cells", layer=name, cells=cells, limit=MOST_CELLS)
    if cells * np.dtype(kind).itemsize > MOST_BYTES:
        raise Refusal("too-many-bytes", layer=name, limit=MOST_BYTES)


def _read(file: Path | MemoryFile, name: str) -> Layer:
    import rasterio

    try:
        with rasterio.open(file) as source:
            grid = _grid(source, name)
            values = source.read(1)
            return Layer(grid, values, _known(source, values, name), source.nodata)
    except rasterio.errors.RasterioError as error:
        raise Refusal("not-a-raster", layer=name, detail=str(error)) from error


def write(path: Path, grid: Grid, values: NDArray[np.generic], mask: Flags) -> None:
    """values as a tiled, compressed GeoTIFF; cells outside mask hold its no-data number."""
    import rasterio

    filled = np.where(mask, values, np.float32(NODATA)).astype(np.float32, copy=False)
    with rasterio.open(
        path, "w", dtype="float32", nodata=NODATA, compress="DEFLATE", zlevel=1, predictor=3,
        **_form(grid),
    ) as target:  # fmt: skip
        target.write(filled, 1)


def pack(layer: Layer) -> bytes:
    """layer as a small GeoTIFF in memory; its cells outside the mask hold its no-data number."""
    from rasterio.io import MemoryFile

    filled = np.where(layer.mask, layer.values, layer.values.dtype.type(layer.nodata or 0))
    predictor = 3 if np.issubdtype(filled.dtype, np.floating) else 2
    with MemoryFile() as held:
        with held.open(
            dtype=filled.dtype, nodata=layer.nodata, compress="DEFLATE", zlevel=4,
            predictor=predictor, **_form(layer.grid),
        ) as target:  # fmt: skip
            target.write(filled, 1)
        return bytes(held.read())


@contextmanager
def growing(path: Path, grid: Grid, like: Layer) -> Iterator[Callable[[Layer, int], None]]:
    """A file of the whole grid that is written in bands: call with a band and its first row."""
    import rasterio
    from rasterio.windows import Window

    with rasterio.open(
        path, "w", dtype=like.values.dtype, nodata=like.nodata, compress="DEFLATE", **_form(grid)
    ) as target:

        def write(band: Layer, row: int) -> None:
            nothing = band.values.dtype.type(band.nodata or 0)
            cells = np.where(band.mask, band.values, nothing)
            target.write(cells, 1, window=Window(0, row, grid.columns, band.grid.rows))

        yield write


def _form(grid: Grid) -> dict[str, Any]:
    from rasterio.transform import from_origin

    return {
        "driver": "GTiff", "width": grid.columns, "height": grid.rows, "count": 1,
        "crs": f"EPSG:{grid.crs}", "tiled": True, "blockxsize": 256, "blockysize": 256,
        "transform": from_origin(grid.west, grid.north, grid.cell, grid.cell),
        "num_threads": "ALL_CPUS", "BIGTIFF": "IF_SAFER",
    }  # fmt: skip


def _grid(source: rasterio.DatasetReader, name: str) -> Grid:
    if source.count != 1:
        raise Refusal("several-bands", layer=name, found=source.count)
    _refuse_large((source.height, source.width), source.dtypes[0], name)
    code, lies = _lies(source, name), source.transform
    return Grid(source.height, source.width, lies.a, lies.c, lies.f, code)


def _lies(source: rasterio.DatasetReader, name: str) -> int:
    """The file's EPSG; Refusal unless it is north up, in square cells of metres."""
    code = source.crs.to_epsg() if source.crs else None
    if code is None:
        raise Refusal("no-crs", layer=name)
    if not source.crs.is_projected:
        raise Refusal("not-in-metres", layer=name, found=code)
    turned = source.transform
    if turned.b or turned.d or turned.a <= 0 or abs(turned.a + turned.e) > 1e-6 * turned.a:
        raise Refusal("not-north-up", layer=name, cell=(turned.a, turned.e))
    return int(code)


def _known(source: rasterio.DatasetReader, values: NDArray[np.generic], name: str) -> Flags:
    """Where the no-data number alone says it, the cells are not unpacked a second time."""
    from rasterio.enums import MaskFlags

    nodata = source.nodata
    if source.mask_flag_enums[0] == [MaskFlags.nodata] and nodata is not None:
        return _with_values(values, values != values.dtype.type(nodata), name)
    return _with_values(values, source.read_masks(1) > 0, name)


def _with_values(values: NDArray[np.generic], known: Flags, name: str) -> Flags:
    """Which cells hold a value: by the file's own mask, and no NaN."""
    if np.issubdtype(values.dtype, np.floating):
        known = known & ~np.isnan(values)
    if not known.any():
        raise Refusal("nothing-known", layer=name)
    return np.asarray(known, np.bool_)
