"""GeoTIFFs, also cloud-optimised: what a raster says of itself, without its cells being read."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from madang.ground.city.reading.sheets import Sheet, SourceRow
from madang.ground.city.reasons import Refused

logging.getLogger("rasterio").setLevel(logging.CRITICAL)


@dataclass
class RasterSheet(Sheet):
    """One raster: a row a band. tags are the words in the file itself, bands what each is called."""

    tags: dict[str, str] = field(default_factory=dict)
    bands: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    number_type: str = ""

    def rows(self) -> Iterator[SourceRow]:
        """The bands; whoever recognises them reads the cells, as many at a time as it has room for."""
        for number, name in enumerate(self.bands, start=1):
            yield SourceRow(number, {"band": name})
            self.fraction = number / len(self.bands)


def open_raster(path: Path, name: str) -> RasterSheet:
    import rasterio
    from rasterio.errors import RasterioError

    try:
        with rasterio.open(path) as source:
            code = source.crs.to_epsg() if source.crs else None
            named = zip(source.descriptions, source.colorinterp, strict=True)
            return RasterSheet(
                path, name, columns=("band",), kind="raster",
                crs=f"EPSG:{code}" if code else None,
                tags={key.lower(): str(value) for key, value in source.tags().items()},
                bands=tuple(said or colour.name for said, colour in named),
                units=tuple(unit or "" for unit in source.units),
                number_type=str(source.dtypes[0]),
            )  # fmt: skip
    except RasterioError as error:
        raise Refused("broken", detail=str(error)) from error
