"""What the console's script is told when a page opens: the city, the person, and all that is registered."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

from django.middleware.csrf import get_token
from django.urls import reverse
from django.utils.functional import Promise

from madang.ground.cases.kinds import alarm_kinds
from madang.ground.city.console import labels
from madang.ground.city.export.terms import terms
from madang.ground.city.models import City
from madang.ground.city.tiles.keeping import version
from madang.ground.city.web.middleware import CityRequest
from madang.ground.console.asking import asking
from madang.ground.live.plane import plane_of
from madang.ground.people.models import Account
from madang.ground.people.rights import UnknownRightError
from madang.ground.web.console import Asking, Layer, Nearby, Panel, Shortcut, Tool, entries
from madang.ground.web.shell import address, theme_of


def boot(request: CityRequest, guest: bool) -> dict[str, Any]:
    """All of it as JSON can say it. guest: see asking.asking."""
    asked = asking(request, guest)
    return {
        "city": _city(asked.city, asked.language),
        "person": None if guest else _person(request.user),
        "guest": guest,
        "language": asked.language,
        "theme": theme_of(request),
        "csrf": get_token(request),
        "rights": _rights(asked),
        "addresses": _addresses(asked.city),
        "alarm_kinds": {kind.key: str(kind.title) for kind in alarm_kinds()},
        "layers": [_layer(one, asked) for one in entries(Layer, asked.may)],
        "panels": [
            _said(one, "key", "title", "icon", "refresh") for one in entries(Panel, asked.may)
        ],
        "near": [_said(one, "key", "title", "icon") for one in entries(Nearby, asked.may)],
        "shortcuts": _shortcuts(asked),
        "tools": [_said(one, "key", "title", "icon") for one in entries(Tool, asked.may)],
    }


def _city(city: City, language: str) -> dict[str, Any]:
    plane = plane_of(city)
    box = [city.west, city.south, city.east, city.north]
    return {
        "key": city.key,
        "name": city.name(language),
        "zone": city.time_zone,
        "box": None if None in box else box,
        "simulated": city.simulated,
        "attribution": terms(city).attributions,
        "labels": labels(city, language),
        "tiles": version(city),
        "plane": plane.said() if plane else None,
    }


def _declared(asked: Asking, name: str) -> bool:
    try:
        return asked.may(name)
    except UnknownRightError:
        return False


def _rights(asked: Asking) -> dict[str, bool]:
    own = {name: asked.may(f"console.{name}") for name in ("keep", "follow", "push", "replay")}
    return {
        **own,
        "alarms": asked.may("live.alarms"),
        "acknowledge": _declared(asked, "cases.acknowledge"),
    }


def _person(user: Any) -> dict[str, str] | None:
    return {"name": str(user), "id": str(user.pk)} if isinstance(user, Account) else None


def _addresses(city: City) -> dict[str, str]:
    words = {"city": city.key}
    return {
        "api": f"/api/v1/cities/{city.key}/",
        "live": "/live",
        "home": reverse("home", kwargs=words),
        "console": reverse("console:desk", kwargs=words),
        "guests": reverse("console:guests", kwargs=words),
        "board": reverse("console:board", kwargs=words),
        "sign_in": address("account_login"),
        "sign_out": address("account_logout"),
        "language": reverse("web:language"),
        "theme": reverse("web:theme"),
    }


def _layer(layer: Layer, asked: Asking) -> dict[str, Any]:
    looks = layer.looks(asked) if callable(layer.looks) else layer.looks
    said = plain(asdict(replace(layer, looks=looks)))
    said["source"]["type"] = type(layer.source).__name__.lower()
    return {name: value for name, value in said.items() if name != "permission"}


def _shortcuts(asked: Asking) -> list[dict[str, Any]]:
    names = ("key", "title", "panel", "layer", "page")
    return [_said(one, *names) for one in entries(Shortcut, asked.may)]


def _said(entry: object, *names: str) -> dict[str, Any]:
    said: dict[str, Any] = plain({name: getattr(entry, name) for name in names})
    return said


def plain(value: Any) -> Any:
    """value with every lazy text read in the language of now."""
    if isinstance(value, Promise):
        return str(value)
    if isinstance(value, dict):
        return {key: plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    return value
