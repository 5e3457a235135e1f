"""Green as an image sees it: NDVI of red and near infrared light, and how much of a cell is plants.

NDVI = (NIR - red) / (NIR + red) (Rouse et al. 1974). The share of plants rises from bare ground to full
cover as the square of NDVI's place between the two (Carlson and Ripley 1997; 0.2 and 0.5 by Sobrino et
al. 2004).
"""

from __future__ import annotations

import numpy as np

from madang.systems.climate.engine.grid import Floats

BARE, FULL = 0.2, 0.5


def ndvi(red: Floats, infrared: Floats) -> Floats:
    """-1 to 1 of each cell; NaN where either is unknown or both are dark."""
    with np.errstate(invalid="ignore", divide="ignore"):
        found = (infrared - red) / (infrared + red)
    return np.where(np.isfinite(found), found, np.nan).astype(np.float32)


def plants(found: Floats) -> Floats:
    """The share of each cell that plants cover, by its NDVI; NaN stays unknown."""
    at = np.clip((found - BARE) / (FULL - BARE), 0, 1)
    return np.asarray(at**2, np.float32)
