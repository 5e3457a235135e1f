"""What stands in the trail, in words: things by their kind, rights by what they let somebody do."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from madang.ground.people.public import is_declared, title_of
from madang.ground.web.registry import Text

SHORT = 13  # letters of an id that are shown whole
HELD_BY: dict[str, Text] = {
    "scope": _("camera scope"),
    "grant": _("grant"),
    "break-glass": _("emergency access"),
}
THINGS: dict[str, Text] = {
    **HELD_BY,
    "account": _("account"),
    "alarm": _("alarm"),
    "breach": _("breach"),
    "camera": _("camera"),
    "board": _("situation board"),
    "camera-device": _("camera"),
    "camera-policy": _("policy on cameras"),
    "city": _("city"),
    "class_table": _("class table"),
    "climate_fit": _("fit of the heat"),
    "data_set": _("data set"),
    "device": _("device"),
    "giving": _("giving of footage"),
    "footagerequest": _("request for footage"),
    "import": _("import"),
    "incident": _("incident"),
    "invitation": _("invitation"),
    "job": _("job"),
    "layout": _("layout"),
    "monthreview": _("monthly review"),
    "onvif-device": _("recorder"),
    "organisation": _("organisation"),
    "parcel": _("parcel"),
    "patrol": _("patrol"),
    "processorcontract": _("contract with a firm"),
    "scenario": _("plan"),
    "site": _("camera site"),
    "surface": _("surface"),
    "threshold": _("threshold"),
}


def thing(kind: str, key: str) -> str:
    """A thing by its kind and, as ids made at one time begin alike, the end of its id."""
    short = key if len(key) <= SHORT else f"…{key[-8:]}"
    return f"{THINGS.get(kind, kind)} {short}".strip()


def right(name: str) -> str:
    """A right by its title; a scope, a grant or an emergency access by the end of its id."""
    kind, _colon, key = name.partition(":")
    if key and kind in HELD_BY:
        return thing(kind, key)
    return title_of(name) if is_declared(name) else name
