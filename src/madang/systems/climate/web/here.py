"""Carbon and heat where one lives: type an address, read sentences and a table, see what is planned."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from madang.ground.city.models import City
from madang.ground.city.public import districts_of, to_metres
from madang.ground.city.web.middleware import CityRequest
from madang.ground.console.asking import asking
from madang.ground.measure import Measure
from madang.ground.people.public import requires
from madang.ground.web.console import Hit
from madang.ground.web.figures import number_text
from madang.systems.climate import nearby
from madang.systems.climate.asking import ask
from madang.systems.climate.domain import reckoning
from madang.systems.climate.engine.refusal import Refusal
from madang.systems.climate.engine.units import CO2
from madang.systems.climate.messages import Said, Zones
from madang.systems.climate.models import Layer, Reckoning, Surface
from madang.systems.climate.sentences import said

Numbers = dict[str, float | None]
CLEAR = 0.1  # °C: less is no difference that the model can tell
CLEAR_SHARE = 0.02


@dataclass(frozen=True)
class Row:
    """One line of the table: the same figure here, in the dong and in the city."""

    title: str
    here: Measure
    dong: Measure | None
    city: Measure | None


@require_safe
@requires("climate.see")
def here(request: CityRequest, city: str) -> HttpResponse:
    text = request.GET.get("q", "").replace("\x00", "").strip()[:100]
    hits = nearby.found(asking(request), text) if text else []
    chosen = _chosen(hits, request.GET.get("at", ""))
    context: dict[str, Any] = {
        "q": text,
        "hits": [_link(text, hit) for hit in hits if hit is not chosen],
        "chosen": chosen,
        "bare": not Surface.objects.filter(city=request.city, layer=Layer.LAND).exists(),
    }
    if chosen is not None:
        context |= _told(request.city, chosen)
    return render(request, "climate/here.html", context)


def _chosen(hits: list[Hit], at: str) -> Hit | None:
    """The place that is meant: the one asked for among those found, else the best."""
    return next((hit for hit in hits if f"{hit.kind}:{hit.id}" == at), hits[0] if hits else None)


def _link(text: str, hit: Hit) -> dict[str, str]:
    at = urlencode({"q": text, "at": f"{hit.kind}:{hit.id}"})
    return {"title": hit.title, "said": hit.subtitle, "icon": hit.icon, "url": f"?{at}"}


def _told(city: City, place: Hit) -> dict[str, Any]:
    assert place.lon is not None
    assert place.lat is not None
    x, y = (float(each) for each in to_metres(place.lon, place.lat, city.crs))
    dong = districts_of(city).at(place.lon, place.lat)
    language = get_language() or "ko"
    figures, why = _figures(city, x, y)
    of_dong, of_city, newest = _reckoned(city, dong.key if dong else "")
    dong_name = dong.name(language) if dong else ""
    rows = _rows(figures, of_dong, of_city) if figures else []
    count, nearest = nearby.trees(city, x, y) if nearby.has_trees(city) else (None, None)
    return {
        "dong": dong_name, "why": why, "rows": rows, "newest": newest,
        "has_dong": of_dong is not None, "has_city": of_city is not None,
        "sentences": _sentences(figures, of_city, dong_name, count, nearest) if figures else [],
        "premises": figures["premises"] if figures else {},
        "stations": _stations(figures["now"]) if figures else [],
        "simulated": bool(figures and figures["simulated"]),
        "plans": [
            {"plan": one.plan, "metres": round(one.metres), "doings": one.doings,
             "url": reverse("climate:plan", kwargs={"city": city.key, "pk": one.plan.pk})}
            for one in nearby.plans(city, x, y)
        ],
    }  # fmt: skip


def _stations(now: dict[str, Any]) -> list[dict[str, Any]]:
    """Each station that carries the figure of now, the newest first."""
    used = [each for each in now["stations"] if each["used"]]
    return [
        {
            "name": each["name"], "time": datetime.fromisoformat(each["time"]),
            "measure": Measure(value=round(each["celsius"], 1), unit="Cel", provenance="simulated"
                               if each["simulated"] else "measured"),
        }
        for each in sorted(used, key=lambda each: str(each["time"]), reverse=True)
    ]  # fmt: skip


def _figures(city: City, x: float, y: float) -> tuple[dict[str, Any] | None, str]:
    """Of all within a walk; else why there is nothing."""
    try:
        found = ask(Zones(city=city.pk, rings=[[nearby.around(x, y)]]))
    except Refusal as refusal:
        if refusal.code in ("away", "busy"):  # whoever asks here drew nothing, and runs no server
            return None, _("How it is here cannot be told just now. Try again in a few minutes.")
        return None, said(refusal)
    assert isinstance(found, Said)
    [zone] = found.body["zones"]
    if "refused" in zone:
        return None, _("This place lies outside what the city knows of its ground.")
    return {**zone, "city_celsius": found.body["city"]["celsius"],
            "city_celsius_night": found.body["city"].get("celsius_night"), "now": found.body["now"],
            "premises": found.body["premises"], "simulated": found.body["simulated"]}, ""  # fmt: skip


def _reckoned(city: City, dong: str) -> tuple[Numbers | None, Numbers | None, Reckoning | None]:
    """The dong's figures and the city's, as they were reckoned last."""
    newest = reckoning.newest(city, "dong")
    if newest is None:
        return None, None, None
    found = [row for row in newest.rows if row["key"] == dong and row["hectares"]]
    return (_summed(found) if found else None), _summed(newest.rows), newest


def _summed(rows: list[dict[str, Any]]) -> Numbers:
    """Districts taken together, each per hectare of known ground."""
    hectares = sum(row["hectares"] for row in rows)
    if not hectares:
        return {}
    carbon = sum(sum(row["pools"].values()) + row["trees"] for row in rows)

    def mean(name: str, weight: str = "") -> float | None:
        known = [row for row in rows if row.get(name) is not None]
        whole = sum(row["hectares"] for row in known)
        total = sum(row[name] * (row["hectares"] if weight else 1) for row in known)
        return total / whole if whole else None

    return {
        "co2": carbon * CO2 / hectares, "uptake": _times(mean("uptake"), CO2),
        "green": _times(mean("green"), 100), "biotope": _times(mean("biotope", "ha"), 100),
        "celsius": mean("temperature", "ha"), "night": mean("night", "ha"),
    }  # fmt: skip


def _times(value: float | None, by: float) -> float | None:
    return None if value is None else value * by


def _rows(figures: dict[str, Any], dong: Numbers | None, city: Numbers | None) -> list[Row]:
    hectares = figures["hectares"]
    half = (figures["carbon_high_t"] - figures["carbon_low_t"]) / 2 * CO2 / hectares

    def off(low: str, high: str, by: float = 1.0) -> float | None:
        """Half of an interval."""
        return None if figures[low] is None else (figures[high] - figures[low]) / 2 * by

    own: Numbers = {
        "co2": figures["co2_t"] / hectares,
        "uptake": _times(figures["uptake_t"], CO2 / hectares),
        "green": _times(figures["green_share"], 100), "biotope": _times(figures["biotope"], 100),
        "celsius": figures["celsius"], "night": figures["celsius_night"], "now": figures["celsius_now"],
    }  # fmt: skip
    dong, city = (each and {**each, "now": _lifted(figures, each)} for each in (dong, city))
    titles = (
        ("co2", _("CO₂ stored, each hectare"), "t", 0, half),
        ("uptake", _("CO₂ taken up, each hectare"), "t/a", 1,
         off("uptake_low_t", "uptake_high_t", CO2 / hectares)),
        ("green", _("Green space"), "%", 0, off("green_low_ha", "green_high_ha", 100 / hectares)),
        ("biotope", _("Biotope area ratio"), "%", 0, off("biotope_low", "biotope_high", 100)),
        ("celsius", _("Air on a hot day"), "Cel", 1, off("celsius_from", "celsius_to")),
        ("night", _("Air in the night after it"), "Cel", 1,
         off("celsius_night_from", "celsius_night_to")),
        ("now", _("Air now, by weather stations"), "Cel", 1, figures["now"]["half_width"]),
    )  # fmt: skip
    return [
        Row(
            title, _measure(own, name, unit, places, half_width),
            None if dong is None else _measure(dong, name, unit, places),
            None if city is None else _measure(city, name, unit, places),
        )
        for name, title, unit, places, half_width in titles
    ]  # fmt: skip


def _lifted(figures: dict[str, Any], found: Numbers) -> float | None:
    """°C of the hot day or its night as that of now: the same share of the urban heat above the country."""
    now, premises = figures["now"], figures["premises"]
    dark = now["pattern"] == "night"
    celsius, before = found.get("night" if dark else "celsius"), "night_" if dark else ""
    if celsius is None or now["reference"] is None or not premises[f"{before}urban_heat"]:
        return None
    share = (celsius - premises[f"{before}reference"]) / premises[f"{before}urban_heat"]
    return float(now["reference"] + now["urban_heat"] * share)


def _measure(
    found: Numbers, name: str, unit: str, places: int, off: float | None = None
) -> Measure:
    value = found.get(name)
    return Measure(
        value=None if value is None else round(value, places), unit=unit,
        uncertainty=off and max(10.0**-places, float(round(off, places))), provenance="estimated",
    )  # fmt: skip


def _sentences(
    figures: dict[str, Any],
    city: Numbers | None,
    dong: str,
    trees: int | None,
    nearest: float | None,
) -> list[str]:
    return [
        *_of_carbon(figures), *_of_green(figures, city), *_of_heat(figures), *_of_now(figures),
        *_of_trees(trees, nearest),
    ]  # fmt: skip


def _of_carbon(figures: dict[str, Any]) -> list[str]:
    words = {
        "co2": number_text(round(figures["co2_t"]), 0),
        "low": number_text(round(figures["carbon_low_t"] * CO2), 0),
        "high": number_text(round(figures["carbon_high_t"] * CO2), 0),
    }
    return [
        _(
            "Plants and soil within 300 m hold about %(co2)s t of CO₂ (most likely between %(low)s"
            " and %(high)s t)."
        )
        % words
    ]


def _of_green(figures: dict[str, Any], city: Numbers | None) -> list[str]:
    share = figures["green_share"]
    if share is None:
        return []
    words = {"share": number_text(round(share * 100), 0)}
    mean = (city or {}).get("green")
    if mean is None:
        return [_("%(share)s %% of the ground is green.") % words]
    words["mean"] = number_text(round(mean), 0)
    apart = share - mean / 100
    if apart > CLEAR_SHARE:
        text = _(
            "%(share)s %% of the ground is green, more than in the city as a whole (%(mean)s %%)."
        )
    elif apart < -CLEAR_SHARE:
        text = _(
            "%(share)s %% of the ground is green, less than in the city as a whole (%(mean)s %%)."
        )
    else:
        text = _("%(share)s %% of the ground is green, as in the city as a whole.")
    return [text % words]


def _of_heat(figures: dict[str, Any]) -> list[str]:
    degrees = figures["celsius"]
    if degrees is None:
        return []
    apart = degrees - figures["city_celsius"]
    words = {
        "country": number_text(figures["premises"]["reference"], 0),
        "here": number_text(round(degrees, 1), 1), "apart": number_text(round(abs(apart), 1), 1),
    }  # fmt: skip
    if apart > CLEAR:
        text = _(
            "On a day of %(country)s °C in the country around, the air here warms to about %(here)s °C:"
            " %(apart)s °C warmer than the city's mean."
        )
    elif apart < -CLEAR:
        text = _(
            "On a day of %(country)s °C in the country around, the air here warms to about %(here)s °C:"
            " %(apart)s °C cooler than the city's mean."
        )
    else:
        text = _(
            "On a day of %(country)s °C in the country around, the air here warms to about %(here)s °C,"
            " as the city does in the mean."
        )
    return [text % words, *_of_night(figures)]


def _of_night(figures: dict[str, Any]) -> list[str]:
    degrees, city = figures["celsius_night"], figures.get("city_celsius_night")
    if degrees is None or city is None:
        return []
    apart = degrees - city
    words = {
        "here": number_text(round(degrees, 1), 1), "apart": number_text(round(abs(apart), 1), 1),
    }  # fmt: skip
    if apart > CLEAR:
        text = _(
            "In the night after it about %(here)s °C: %(apart)s °C warmer than the city's mean."
        )
    elif apart < -CLEAR:
        text = _(
            "In the night after it about %(here)s °C: %(apart)s °C cooler than the city's mean."
        )
    else:
        text = _("In the night after it about %(here)s °C, as the city in the mean.")
    return [text % words]


def _of_now(figures: dict[str, Any]) -> list[str]:
    """What the city's stations make of this moment, and how sure that is."""
    now, here = figures["now"], figures["celsius_now"]
    used = sum(station["used"] for station in now["stations"])
    if here is None:
        return [
            _(
                "No weather station of the city was heard within the hour: how warm it is here just now"
                " is unknown."
            )
        ]
    words = {
        "here": number_text(round(here, 1), 1), "count": number_text(used, 0),
        "off": number_text(round(now["half_width"] or 0, 1), 1),
    }  # fmt: skip
    told = ngettext(
        "Just now the air here is at about %(here)s °C, by %(count)s weather station heard within the"
        " hour.",
        "Just now the air here is at about %(here)s °C, by %(count)s weather stations heard within the"
        " hour.",
        used,
    )
    if now["half_width"] is None:
        rest = _("So few stations cannot say how far that may be off.")
    elif now["helps"]:
        rest = _("Where no station stands it may be off by %(off)s °C.")
    else:
        rest = _(
            "Where no station stands it may be off by %(off)s °C; just now the city's plain mean would"
            " do as well."
        )
    return [f"{told % words} {rest % words}"]


def _of_trees(count: int | None, nearest: float | None) -> list[str]:
    if count is None or nearest is None:
        return []
    if not count:
        words = {"metres": number_text(round(nearest), 0)}
        return [
            _(
                "No tree of the city's inventory stands within 300 m; the nearest is %(metres)s m away."
            )
            % words
        ]
    words = {"count": number_text(count, 0), "metres": number_text(round(nearest), 0)}
    text = ngettext(
        "%(count)s tree of the city's inventory stands within 300 m, %(metres)s m away.",
        "%(count)s trees of the city's inventory stand within 300 m, the nearest %(metres)s m away.",
        count,
    )
    return [text % words]
