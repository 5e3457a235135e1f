"""The plane on which a city's live things lie: metres from its origin, and the way to a web map.

A float32 is good to a millimetre within 16 km of the origin, where one of degrees, or of the CRS' own
coordinates, is good to a metre or some centimetres. A screen draws in Web Mercator; two cubic
polynomials, fitted to the city's own projection, take it there without a projection library.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from madang.ground.city.models import City
from madang.ground.city.projection import to_degrees, to_metres, transformer

GRID = 15  # points a side that the polynomials are fitted to
MARGIN = 0.25  # of the box' side, on each side: what moves does not stop at the border
ROUND = 1000.0  # metres: an origin that people can read, and that stays when the box grows a little

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Plane:
    """x0 and y0 are the origin in the city's CRS, lon and lat the same in degrees.

    east and north are ten coefficients each, of 1, e, n, e², en, n², e³, e²n, en², n³ with e and n in
    kilometres from the origin; they give metres of Web Mercator (EPSG:3857) from the origin's. error is
    the greatest distance in metres by which they are wrong within the city's box.
    """

    x0: float
    y0: float
    lon: float
    lat: float
    east: tuple[float, ...]
    north: tuple[float, ...]
    error: float

    def said(self) -> dict[str, Any]:
        """The plane as a screen is told."""
        return asdict(self)


def plane_of(city: City) -> Plane | None:
    """The plane of a city; None as long as the city has no extent."""
    box = (city.west, city.east, city.south, city.north)
    west, east, south, north = (np.nan if side is None else side for side in box)
    if np.isnan([west, east, south, north]).any():
        return None
    lon, lat = (
        side.ravel() for side in np.meshgrid(_stretched(west, east), _stretched(south, north))
    )
    x, y = to_metres(lon, lat, city.crs)
    x0, y0 = (round(float(v.mean()) / ROUND) * ROUND for v in (x, y))
    lon0, lat0 = (float(v) for v in to_degrees(x0, y0, city.crs))
    mercator = transformer("EPSG:4326", "EPSG:3857").transform
    mx, my = mercator(lon, lat)
    mx0, my0 = mercator(lon0, lat0)
    terms = _terms((x - x0) / 1000, (y - y0) / 1000)
    fits = np.linalg.lstsq(terms, np.column_stack([mx - mx0, my - my0]), rcond=None)[0]
    misses = terms @ fits - np.column_stack([mx - mx0, my - my0])
    return Plane(
        x0,
        y0,
        lon0,
        lat0,
        east=tuple(fits[:, 0].tolist()),
        north=tuple(fits[:, 1].tolist()),
        error=float(np.hypot(misses[:, 0], misses[:, 1]).max()),
    )


def _stretched(low: float, high: float) -> Floats:
    more = (high - low) * MARGIN
    return np.linspace(low - more, high + more, GRID)


def _terms(e: Floats, n: Floats) -> Floats:
    return np.column_stack(
        [np.ones_like(e), e, n, e * e, e * n, n * n, e**3, e * e * n, e * n * n, n**3]
    )
