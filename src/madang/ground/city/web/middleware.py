"""The city of a request: what an address's first word names, its time zone, and the other cities."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from madang.ground.city.models import City

WORDS = ("city", "city_key")  # what addresses call the city's key
API = "/api/"


class CityRequest(HttpRequest):
    """A request under /<city>/ or /api/v1/cities/<city>/."""

    city: City
    cities: list[City]


class CityMiddleware:
    """Sets request.city (None above cities) and request.cities; times are the city's in between."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.city = None  # type: ignore[attr-defined]
        request.cities = SimpleLazyObject(_all_cities)  # type: ignore[attr-defined]
        with timezone.override(None):
            return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: object, words: list[Any], named: dict[str, Any]
    ) -> None:
        key = next((named[word] for word in WORDS if word in named), None)
        if key is None:
            _activate_common_zone(request)
            return
        city = next((one for one in request.cities if one.key == key), None)  # type: ignore[attr-defined]
        if city is None:
            raise Http404(_("There is no city “%s”.") % key)
        request.city = city  # type: ignore[attr-defined]
        timezone.activate(ZoneInfo(city.time_zone))


def _activate_common_zone(request: HttpRequest) -> None:
    """Above cities times are those of the first real city, else of the first; data keeps UTC."""
    if request.path.startswith(API):
        return
    first = min(request.cities, key=lambda one: one.simulated, default=None)  # type: ignore[attr-defined]
    if first is not None:
        timezone.activate(ZoneInfo(first.time_zone))


def _all_cities() -> list[City]:
    """Few, so that one query answers both which city this is and which others there are."""
    return list(City.objects.order_by("created"))
