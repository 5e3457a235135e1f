"""The console's API: search, everything about a thing, what is near; and the parts beside this one."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import Http404
from django.utils.translation import gettext as _
from ninja import Query, Router

from madang.ground.city.web.middleware import CityRequest
from madang.ground.console import queries
from madang.ground.console.asking import asking
from madang.ground.console.web import boards_api, drawn_api, kept_api, past_api
from madang.ground.console.web.answers import (
    Found,
    Group,
    SectionOut,
    ThingOut,
    hit_said,
    section_said,
    thing_said,
)
from madang.ground.people.public import RightAuth
from madang.ground.web.console import Panel, entries, ways
from madang.ground.web.search import MOST_LETTERS, Words

HERE = "/{city}/console"
router = Router(tags=["console"])
for part in (drawn_api, past_api, kept_api, boards_api):
    router.add_router("", part.router)
see = RightAuth("console.see")
Guest = Annotated[bool, Query(description="answer as to a visitor, whoever is signed in")]
Lon = Annotated[float, Query(ge=-180, le=180)]
Lat = Annotated[float, Query(ge=-90, le=90)]


@router.get(f"{HERE}/search", response=Found, auth=see)
def search(
    request: CityRequest,
    city: str,
    q: Annotated[str, Query(max_length=4 * MOST_LETTERS)],
    guest: Guest = False,
    limit: Annotated[int, Query(ge=1, le=queries.MOST_HITS)] = 20,
) -> Any:
    """Things by name, number, address, initial consonants or coordinates."""
    hits, failed = queries.search(asking(request, guest), Words(q), limit)
    return {"hits": [hit_said(hit) for hit in hits], "failed": failed}


@router.get(f"{HERE}/things/{{kind}}/{{path:pk}}", response=ThingOut, auth=see)
def thing(request: CityRequest, city: str, kind: str, pk: str, guest: Guest = False) -> Any:
    """Everything about one thing."""
    asked = asking(request, guest)
    found = queries.describe(asked, kind, pk)
    if found is None:
        raise Http404(_("There is no such thing here, or you may not see it."))
    return thing_said(found, ways(asked, found))


@router.get(f"{HERE}/near", response=list[Group], auth=see)
def near(
    request: CityRequest,
    city: str,
    lon: Lon,
    lat: Lat,
    metres: Annotated[float, Query(gt=0, le=20_000)] = 500,
    limit: Annotated[int, Query(ge=1, le=50)] = 5,
    guest: Guest = False,
) -> Any:
    """What each system has around a point, nearest first."""
    found = queries.near(asking(request, guest), lon, lat, metres, limit)
    return [
        {
            "key": one.key,
            "title": str(one.title),
            "icon": one.icon,
            "hits": [hit_said(h) for h in hits],
        }
        for one, hits in found
    ]


@router.get(f"{HERE}/panels/{{key}}", response=list[SectionOut], auth=see)
def panel(request: CityRequest, city: str, key: str, guest: Guest = False) -> Any:
    """What a system's panel shows now."""
    asked = asking(request, guest)
    found = next((one for one in entries(Panel, asked.may) if one.key == key), None)
    if found is None:
        raise Http404(_("There is no such panel, or you may not see it."))
    return [section_said(section) for section in found.sections(asked)]
