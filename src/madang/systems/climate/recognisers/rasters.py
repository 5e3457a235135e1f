"""Rasters into surfaces: known by a word in the file, by their unit, or by codes of land cover."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np
from django.utils.translation import gettext_lazy as _
from numpy.typing import NDArray

from madang.ground.city.models import City
from madang.ground.city.public import (
    RasterSheet,
    Reading,
    Recogniser,
    Record,
    Refused,
    Row,
    Sheet,
    Source,
    to_metres,
)
from madang.systems.climate import rasters
from madang.systems.climate.domain import surfaces, tables
from madang.systems.climate.engine.refusal import Refusal
from madang.systems.climate.models import Layer
from madang.systems.climate.recognisers.words import PREFIX, as_reasons

SEEN = 512  # cells of each side that are looked at to see what a raster holds
LIKELY = 0.98  # of the cells looked at have codes of land cover
WORDS: Mapping[Layer, tuple[str, ...]] = {
    Layer.LAND: ("land", "landcover", "lulc", "토지피복", "토지피복지도"),
    Layer.EVAPOTRANSPIRATION: (
        "eto",
        "et0",
        "evapotranspiration",
        "증발산",
        "증발산량",
        "기준증발산량",
    ),
    Layer.HEIGHT: ("height", "buildingheight", "건물높이", "높이"),
    Layer.ALBEDO: ("albedo", "알베도", "반사율"),
    Layer.SHADE: ("shade", "canopy", "treecanopy", "수관", "수관피복", "수관그늘"),
    Layer.ELEVATION: ("ground", "dem", "elevation", "표고", "수치표고", "지반고"),
    Layer.ROOF: ("roof", "지붕"),
    Layer.PEOPLE: ("people", "population", "인구", "거주인구"),
    Layer.RED: ("red", "적색"),
    Layer.INFRARED: ("nir", "infrared", "nearinfrared", "근적외", "근적외선"),
}
TITLES = {
    Layer.LAND: _("Land cover, raster"), Layer.EVAPOTRANSPIRATION: _("Evapotranspiration, raster"),
    Layer.HEIGHT: _("Heights of buildings, raster"), Layer.ALBEDO: _("Albedo, raster"),
    Layer.SHADE: _("Tree crowns, raster"), Layer.ELEVATION: _("Height of the ground, raster"),
    Layer.ROOF: _("Roofs, raster"), Layer.PEOPLE: _("Residents, raster"),
    Layer.RED: _("Image with red and near infrared light"),
}  # fmt: skip
NAMES: Mapping[Layer, tuple[str, str, str]] = {
    Layer.LAND: ("토지피복", "Land cover", "土地被覆"),
    Layer.EVAPOTRANSPIRATION: ("기준증발산량", "Reference evapotranspiration", "基準蒸発散量"),
    Layer.HEIGHT: ("건물 높이", "Heights of buildings", "建物の高さ"),
    Layer.ALBEDO: ("알베도", "Albedo", "アルベド"),
    Layer.SHADE: ("수관 그늘", "Tree crowns", "樹冠"),
    Layer.ELEVATION: ("지반고", "Height of the ground", "地盤高"),
    Layer.ROOF: ("지붕", "Roofs", "屋根"),
    Layer.PEOPLE: ("거주 인구", "Residents", "居住人口"),
    Layer.RED: ("위성·항공 영상", "Image of red and infrared light", "衛星・航空画像"),
}


def source_of(layer: Layer) -> Source:
    """The data set that a surface of layer goes into, whatever file it came in."""
    korean, english, japanese = NAMES[layer]
    return Source(f"climate-{layer.value}", {"ko": korean, "en": english, "ja": japanese})


@dataclass(frozen=True)
class RasterSurface(Recogniser):
    """A raster of one layer; an image gives red and near infrared light together."""

    layer: Layer = Layer.LAND

    def fit(self, sheet: Sheet) -> int:
        if not isinstance(sheet, RasterSheet):
            return 0
        return 1 if self.layer in bands(sheet).values() else 0

    def records(self, row: Row) -> Iterable[Record]:
        return ()

    def finish(self, reading: Reading) -> Iterator[Record]:
        assert isinstance(reading.sheet, RasterSheet)
        if reading.day:
            reading.days.add(reading.day)
        for band, layer in bands(reading.sheet).items():
            with as_reasons():
                yield _record(reading, reading.sheet, band, layer)


@dataclass(frozen=True)
class UnknownRaster(Recogniser):
    """A raster of which nobody knows what it holds: refused with what to write into it."""

    def fit(self, sheet: Sheet) -> int:
        return 1 if isinstance(sheet, RasterSheet) and not bands(sheet) else 0

    def begin(self, reading: Reading) -> None:
        assert reading.sheet is not None
        seen = _glance(str(reading.sheet.path), 1)
        low, high = (f"{f(seen):g}" for f in (np.min, np.max)) if len(seen) else ("-", "-")
        known = ", ".join(WORDS[layer][0] for layer in WORDS)
        raise Refused(f"{PREFIX}which-surface", low=low, high=high, known=known)

    def records(self, row: Row) -> Iterable[Record]:
        return ()


def bands(sheet: RasterSheet) -> dict[int, Layer]:
    """What each band is, by number from 1; bands that are nothing of ours are left out."""
    said = sheet.tags.get("layer", "") or sheet.tags.get("tifftag_imagedescription", "")
    named = {n: _by_word(word) for n, word in enumerate(sheet.bands, start=1)}
    image: dict[int, Layer] = {
        n: layer for n, layer in named.items() if layer in (Layer.RED, Layer.INFRARED)
    }
    if len(sheet.bands) > 1:
        return image if len(set(image.values())) == 2 else {}
    found = _by_word(said) or named[1] or _by_values(sheet)
    return {1: found} if found else {}


def _by_word(word: str) -> Layer | None:
    plain = "".join(letter for letter in word.lower() if letter.isalnum())
    return next((layer for layer, words in WORDS.items() if plain in words), None)


def _by_values(sheet: RasterSheet) -> Layer | None:
    """Whole numbers that are nearly all codes of the land cover map are land cover."""
    if not sheet.number_type.startswith(("uint", "int")):
        return None
    seen = _glance(str(sheet.path), 1)
    codes = np.isin(seen, _codes())
    kinds = len(np.unique(seen[codes]))
    return Layer.LAND if kinds > 1 and codes.mean() >= LIKELY else None


@cache
def _codes() -> tuple[int, ...]:
    from madang.systems.climate.public import land_cover

    return tuple(tables.read(land_cover()).codes.tolist())


def _glance(path: str, band: int) -> NDArray[np.generic]:
    """Known cells of the raster, thinned out."""
    import rasterio
    from rasterio.enums import Resampling

    with rasterio.open(path) as source:
        shape = min(SEEN, source.height), min(SEEN, source.width)
        cells = source.read(band, out_shape=shape, masked=True, resampling=Resampling.nearest)
        return np.asarray(cells.compressed())


def _record(reading: Reading, sheet: RasterSheet, band: int, layer: Layer) -> Record:
    city = reading.city
    whole = None
    if layer != Layer.LAND:
        whole = surfaces.grid(surfaces.newest(city, Layer.LAND))
    found = rasters.read_within(sheet.path, sheet.name, box_of(city), whole, band)
    whole_numbers = np.issubdtype(found.values.dtype, np.integer)
    if lost := 0 if whole_numbers else int(np.isnan(found.values).sum()):
        reading.notice(f"{PREFIX}not-a-number-cells", count=lost)
    surfaces.check(city, found, layer, sheet.name)
    if layer == Layer.LAND:
        refuse_unknown(city, found)
    return surfaces.as_record(city, found, layer, rasters.pack(found))


def refuse_unknown(city: City, found: rasters.Layer) -> None:
    """Refusal that names the classes which the city's table of coefficients lacks."""
    try:
        table = tables.engine_table(tables.newest(city))
    except Refusal:
        return  # no table yet: it may still come
    codes = np.unique(found.values[found.mask])
    missing = np.setdiff1d(codes, table.codes)
    if len(missing):
        cells = int(np.isin(found.values, missing).sum())
        raise Refusal("unknown-class", codes=missing.tolist()[:20], cells=cells)


def box_of(city: City) -> rasters.Box | None:
    """The city's box in its metres: west, south, east, north."""
    if city.west is None or city.south is None or city.east is None or city.north is None:
        return None
    west, south, east, north = city.west, city.south, city.east, city.north
    x, y = to_metres([west, west, east, east], [south, north, south, north], city.crs)
    return float(min(x)), float(min(y)), float(max(x)), float(max(y))


ALL: tuple[Recogniser, ...] = (
    *(
        RasterSurface(
            key=f"climate-{layer.value}-raster", title=title, source=source_of(layer), needs=(),
            kind="raster", order=30 if layer == Layer.LAND else 32, within=False, layer=layer,
            stable_key="SHA-256",
        )
        for layer, title in TITLES.items()
    ),
    UnknownRaster(
        key="climate-raster", title=_("Raster"), source=source_of(Layer.LAND), needs=(),
        kind="raster", order=33, within=False,
    ),
)  # fmt: skip
