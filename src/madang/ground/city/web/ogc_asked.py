"""What OGC API – Features asks of parameters: 400 for one that is not described or cannot be taken, and a
limit above the greatest is the greatest."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from functools import wraps
from typing import Annotated, Any, TypeVar, cast

from django.utils.translation import gettext as _
from ninja.errors import HttpError
from pydantic import Field

from madang.ground.city.queries.features import Box
from madang.ground.city.web.asked import NARROWED_BY, box_of
from madang.ground.city.web.middleware import CityRequest

MOST = 10_000
FARTHEST = 10_000_000
PAGE = 100


def _whole(least: int, most: int, usual: int) -> dict[str, Any]:
    return {"type": "integer", "minimum": least, "maximum": most, "default": usual}


# They come as words, so that what is wrong with them is answered as the standard wants it.
Limit = Annotated[str, Field(json_schema_extra=_whole(1, MOST, PAGE))]
Offset = Annotated[str, Field(json_schema_extra=_whole(0, FARTHEST, 0))]
ITEMS = ("bbox", "limit", "offset", "datetime", *NARROWED_BY)
View = TypeVar("View", bound=Callable[..., Any])


def only(*known: str) -> Callable[[View], View]:
    """A view that answers 400 where the request has a parameter that is not known."""

    def decorate(view: View) -> View:
        @wraps(view)
        def checked(request: CityRequest, *args: Any, **kwargs: Any) -> Any:
            if unknown := sorted(set(request.GET) - set(known)):
                said = _("There is no parameter %(unknown)s here. There are: %(known)s.")
                words = {"unknown": ", ".join(unknown), "known": ", ".join(known) or "–"}
                raise HttpError(400, said % words)
            return view(request, *args, **kwargs)

        return cast(View, checked)

    return decorate


def whole(words: str, name: str, least: int, most: int) -> int:
    """The number; what is above most is most, as the standard has it for limit."""
    if not words.isascii() or not words.removeprefix("-").isdigit() or int(words[:20]) < least:
        said = _("%(name)s is a whole number from %(least)s on.")
        raise HttpError(400, said % {"name": name, "least": least})
    return min(int(words[:20]), most)


def window(words: str, city_east: float | None) -> Box | None:
    """bbox; one that spans the antimeridian (west above east) is cut to the side the city lies on."""
    if not words:
        return None
    try:
        parts = words.split(",")
        east_at = len(parts) // 2
        if float(parts[0]) > float(parts[east_at]):
            side, edge = (0, "-180") if (city_east or 0) < 0 else (east_at, "180")
            parts[side] = edge
        return box_of(",".join(parts))
    except (HttpError, ValueError):
        raise HttpError(400, _("bbox is west,south,east,north in degrees.")) from None


def check_time(words: str) -> None:
    """datetime: a day or moment (RFC 3339), or an interval of two, of which one may be open ("..")."""
    parts = words.split("/")
    open_ends = [part in ("", "..") for part in parts]
    if not words:
        return
    if len(parts) > 2 or all(open_ends) or (len(parts) == 1 and open_ends[0]):
        raise HttpError(400, _not_a_time())
    for part, is_open in zip(parts, open_ends, strict=True):
        if not is_open and not _is_time(part):
            raise HttpError(400, _not_a_time())


def _is_time(words: str) -> bool:
    for read in (date.fromisoformat, datetime.fromisoformat):
        try:
            read(words)
        except ValueError:
            continue
        return True
    return False


def _not_a_time() -> str:
    return _(
        "datetime is a day or moment such as 2026-01-01T00:00:00Z, or an interval of two: …/.."
    )
