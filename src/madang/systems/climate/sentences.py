"""What the engine refuses, said to a person: what is wrong, where, and what to do."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from madang.systems.climate.engine.refusal import Refusal

SENTENCES: dict[str, str | Promise] = {
    "no-box": _(
        "The city has no districts yet. Import their outlines first: they say where it lies."
    ),
    "not-a-raster": _("%(layer)s cannot be read as a raster: %(detail)s. Send a GeoTIFF, whole."),
    "several-bands": _("%(layer)s has %(found)s bands; send each layer as a file of one band."),
    "no-crs": _(
        "%(layer)s does not say its coordinate system. Write it in: gdal_edit.py -a_srs EPSG:5186"
    ),
    "not-in-metres": _(
        "%(layer)s is in degrees (EPSG:%(found)s). Bring it into the city's metres: gdalwarp -t_srs"
    ),
    "not-north-up": _(
        "%(layer)s is turned or its cells are not square: %(cell)s. Use gdalwarp -tr."
    ),
    "nothing-known": _("%(layer)s holds no value at all: every cell is its no-data number."),
    "no-cells": _("The raster has no cells: %(rows)s rows, %(columns)s columns."),
    "bad-cell": _("A cell of %(cell)s m cannot be computed with."),
    "too-many-cells": _("%(cells)s cells are more than %(limit)s; use larger cells: gdalwarp -tr"),
    "too-many-bytes": _(
        "%(layer)s needs more than %(limit)s bytes of memory; use smaller numbers."
    ),
    "other-crs": _("%(layer)s is in EPSG:%(found)s, the land cover in EPSG:%(expected)s: gdalwarp"),
    "other-cell": _("%(layer)s has cells of %(found)s m, the land cover of %(expected)s m."),
    "other-extent": _(
        "%(layer)s covers %(found)s, the land cover %(expected)s. Cut it to the same: gdalwarp -te"
    ),
    "other-shape": _("%(layer)s has %(found)s cells where %(expected)s were expected."),
    "not-whole": _("The land cover holds numbers with decimals; classes are whole numbers."),
    "outside-city": _("%(layer)s does not touch the city. Is %(found)s the right system?"),
    "not-finite": _(
        "%(layer)s: %(cells)s cells hold no finite number, first row %(row)s, column %(column)s."
    ),
    "out-of-range": _(
        "%(layer)s: %(cells)s cells are not between %(least)s and %(most)s, first row %(row)s, column"
        " %(column)s: %(value)s."
    ),
    "coefficient-out-of-range": _(
        "Class %(code)s: %(name)s of %(value)s is not between %(least)s and %(most)s."
    ),
    "unknown-class": _(
        "The table has no class %(codes)s, which %(cells)s cells have. Add it, with its sources."
    ),
    "no-coefficient": _("Class %(code)s has no %(name)s. Add it to the table, with its source."),
    "no-source": _(
        "Class %(code)s: %(name)s has no source; a figure that nobody gave is not taken."
    ),
    "class-twice": _("Class %(code)s stands twice in the table."),
    "no-classes": _("The table has %(count)s classes; it needs 1 to %(limit)s."),
    "unknown-coefficient": _("Class %(code)s: %(name)s is not a coefficient. Known: %(known)s."),
    "table-columns": _("The table's columns are %(found)s; it needs %(needed)s."),
    "table-cell": _("Line %(line)s: %(value)s cannot be read as %(column)s."),
    "outside-grid": _("The polygon lies outside the city's surfaces: %(extent)s."),
    "no-polygon": _("That is not a polygon: it needs three points or more, all of them numbers."),
    "crossing": _("The polygon crosses itself near %(where)s; draw it without crossings."),
    "no-cell-inside": _("The polygon is smaller than a cell of %(cell)s m."),
    "no-surface": _("The city has no surface '%(layer)s' yet: madang climate surface"),
    "no-table": _("The city has no class table yet: madang climate classes"),
    "bad-distance": _("%(metres)s m is not a distance."),
    "distance-below-cell": _("%(metres)s m is less than a cell of %(cell)s m."),
    "distance-too-long": _("%(metres)s m is too far for these cells; at most %(limit)s m."),
    "bad-climate": _("%(reference)s °C with %(urban_heat)s °C of urban heat is not possible."),
    "no-evapotranspiration": _("The evapotranspiration is 0 everywhere."),
    "nobody-there": _("There is no city '%(city)s'."),
    "moved-on": _(
        "Somebody changed this plan meanwhile: you saw version %(seen)s, it is at %(version)s. Look"
        " at it again and repeat what you did."
    ),
    "no-scenario": _("There is no such plan in this city. Open the list of plans again."),
    "name-taken": _("There is a plan called '%(name)s' already; call this one something else."),
    "no-name": _("Give the plan a name."),
    "no-line": _("Trees need a line of two points or more."),
    "bad-spacing": _("Trees cannot stand %(metres)s m apart; choose 1 to 200 m."),
    "bad-crown": _("A crown of %(metres)s m is not possible; choose up to 40 m."),
    "bad-share": _("%(share)s is not a share of a roof; choose more than 0, at most 1."),
    "bad-cost": _("%(cost)s is not a price in won."),
    "bad-tree": _("A trunk of %(dbh)s cm is not possible; choose 0.5 to 300 cm."),
    "bad-growth": _("%(yearly)s cm a year over %(years)s years is not possible."),
    "unknown-species": _("%(species)s is not a species known here. Known: %(known)s."),
    "unknown-roof": _("%(roof)s is not a type of green roof. Known: %(known)s."),
    "unknown-kind": _("%(kind)s cannot be drawn. Known: %(known)s."),
    "bad-measure-words": _("What was said of '%(kind)s' cannot be read: %(detail)s."),
    "unknown-premise": _("%(names)s are no premises. Known: %(known)s."),
    "bad-premise": _(
        "%(hours)s hours and %(years)s years are not possible: up to 24 hours, 1 to 100 years."
    ),
    "energy-without-source": _(
        "Energy for a degree-hour needs a figure of 0 or more and who says so."
    ),
    "too-many-edits": _("%(count)s at once are too many; at most %(limit)s."),
    "bad-goals": _("Weights are numbers of 0 or more, equity lies between 0 and 0.9."),
    "bad-budget": _("%(budget)s is not a budget."),
    "bad-view": _("A picture of %(width)s × %(height)s is not possible; at most %(limit)s."),
    "unknown-layer": _("There is no layer '%(layer)s'. Known: %(known)s."),
    "no-station": _(
        "No weather station was heard within the hour: how warm it is just now is unknown."
    ),
    "file-too-large": _("The file is larger than %(limit)s."),
    "unreadable-file": "%(detail)s",
    "bad-square": _("A square of %(metres)s m is not possible; choose %(least)s to %(most)s m."),
    "too-many-squares": _(
        "The city has %(count)s such squares; at most %(limit)s are told at once. Choose larger ones."
    ),
    "too-few-stations": _(
        "%(count)s weather stations spoke within the month; fitting needs %(fewest)s or more."
    ),
    "too-few-hours": _(
        "All stations spoke together in %(count)s hours of the month; fitting needs %(fewest)s."
    ),
    "too-few-blocks": _(
        "The stations stand in %(blocks)s squares of 2 km; to judge a fit it needs %(fewest)s."
    ),
    "no-fit": _("There is no such fit to weather stations in this city."),
    "fit-no-better": _(
        "On stations that it has not seen this fit errs by %(error)s °C, the plain mean by %(null)s °C:"
        " it is not used."
    ),
    "bad-hour": _(
        "Hour %(hour)s, humidity %(humidity)s %% and wind %(wind)s m/s: take an hour from 0 to below 24,"
        " 0 to 100 %% and 0.5 to 17 m/s."
    ),
    "bad-tree-height": _("A tree of %(metres)s m is not possible; choose 2 to 40 m."),
    "no-heights": _(
        "How high the houses are is not known here. Bring buildings with heights, or a surface of heights."
    ),
    "too-many-parcels": _(
        "There are %(count)s parcels; at most %(limit)s are told at once. Look closer, or name a dong."
    ),
    "no-parcels-asked": _("Say which parcels: pnu, dong, or west, south, east and north."),
    "no-parcels": _(
        "There are no such parcels. Import the cadastral map, or look at the numbers again."
    ),
    "no-map": _("The file holds no map. Send GeoJSON, a GeoPackage or a shapefile in one .zip."),
    "no-file": _("That file was drawn or put away already. Send it again."),
    "file-has-faults": _(
        "%(count)s features of the file cannot be drawn, so nothing of it is. Put them right and send"
        " it again."
    ),
    "too-many-points": _(
        "The file has %(count)s points; at most %(limit)s. Simplify its outlines."
    ),
    "no-kind": _(
        "What is to be done is not said: fill one of the columns %(columns)s with %(known)s."
    ),
    "no-species": _("The kind of tree is not said: fill one of the columns %(columns)s."),
    "no-roof-type": _("The type of green roof is not said: fill one of the columns %(columns)s."),
    "no-class": _("The class of land cover is not said: fill one of the columns %(columns)s."),
    "no-number": _("%(column)s is no number: %(value)s."),
    "other-geometry": _("'%(kind)s' is drawn as %(expected)s, and this is %(found)s."),
    "trees-far-apart": _(
        "The trees of one line lie %(km)s km² apart; at most %(limit)s. Draw them in several lines."
    ),
    "away": _(
        "Nobody computes carbon and heat just now; what is drawn is kept. Try again in a moment."
        " An administrator sees at /platform/ what keeps the process 'climate'."
    ),
    "busy": _("Too many people draw at once; try again in a moment. What is drawn is kept."),
    "changed-meanwhile": _("The plan was changed while its report was being made. Make it again."),
    "nothing-to-undo": _("That edit is not in this plan, or is undone already."),
}


class _Words(dict[str, object]):
    """What a refusal did not say is shown as unknown."""

    def __missing__(self, key: str) -> str:
        return "—"


def said(refusal: Refusal) -> str:
    """The sentence of a refusal, in the language in force."""
    sentence = SENTENCES.get(refusal.code)
    return str(refusal) if sentence is None else str(sentence) % _Words(refusal.words)
