"""What a request asks of a layer: which one, in which window, narrowed how."""

from __future__ import annotations

import math

from django.http import Http404, HttpRequest
from django.utils.translation import gettext as _
from ninja.errors import HttpError

from madang.ground.city import layers
from madang.ground.city.layers import Layer
from madang.ground.city.queries.features import Box

NARROWED_BY = ("kind", "rank", "level", "purpose")


def layer_for(request: HttpRequest, key: str) -> Layer:
    """The layer of that name, if the account of request may have it: else 401 or 404."""
    try:
        found = layers.layer(key)
    except KeyError:
        known = ", ".join(each.key for each in layers.layers())
        raise Http404(
            _("There is no layer “%(key)s”. There are: %(known)s.") % {"key": key, "known": known}
        ) from None
    if not found.open_to(request.user):
        raise HttpError(401, _("The layer “%s” is not public; sign in.") % key)
    return found


def box_of(words: str) -> Box | None:
    """west,south,east,north in degrees; 422 where it is something else."""
    if not words:
        return None
    try:
        numbers = [float(word) for word in words.split(",")]
        if len(numbers) == 6:  # OGC API: with heights, which nothing here has
            numbers = [numbers[i] for i in (0, 1, 3, 4)]
        west, south, east, north = numbers
    except ValueError:
        raise HttpError(422, _("bbox is west,south,east,north in degrees.")) from None
    if not all(map(math.isfinite, numbers)) or west > east or south > north:
        raise HttpError(422, _("bbox is west,south,east,north in degrees."))
    if min(west, south) < -180 or max(east, north) > 180 or north > 90 or south < -90:
        raise HttpError(422, _("bbox is west,south,east,north in degrees."))
    return west, south, east, north


def narrowing(request: HttpRequest, layer: Layer) -> dict[str, list[str]]:
    """Columns by which the request narrows the layer: ?kind=school&kind=hospital, or kind=a,b."""
    own = {name for name, _expression in layer.properties} & set(NARROWED_BY)
    asked = {name: request.GET.getlist(name) for name in own if name in request.GET}
    return {
        name: [word for value in values for word in value.split(",") if word]
        for name, values in asked.items()
    }
