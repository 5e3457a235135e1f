"""What the demo and other systems may call of carbon and heat."""

from __future__ import annotations

from pathlib import Path

from madang.systems.climate.domain.surfaces import put
from madang.systems.climate.domain.tables import bring as bring_table

__all__ = ["bring_table", "land_cover", "put"]


def land_cover() -> bytes:
    """Coefficients for the finest classes of Korea's land cover map, as a file that `bring_table` takes."""
    return (Path(__file__).parent / "land_cover.csv").read_bytes()
