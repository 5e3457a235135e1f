"""What pages and API share: the case that is meant, the right to act on it, and the thing to link."""

from __future__ import annotations

from typing import Any, TypeVar
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from madang.ground.cases.domain.linking import Thing
from madang.ground.cases.domain.refusals import Refused
from madang.ground.cases.models import Alarm, Incident
from madang.ground.city.web.middleware import CityRequest
from madang.ground.people.public import may
from madang.ground.web.console import Asking, inspector

Case = TypeVar("Case", Alarm, Incident)


def found(model: type[Case], request: CityRequest, pk: UUID) -> Case:
    """The city's alarm or incident, or 404."""
    row = model._default_manager.filter(city=request.city, pk=pk).first()
    if row is None:
        raise Http404(_("This city has no such alarm or incident."))
    return row


def allowed(request: CityRequest, right: str, *cases: Alarm | Incident) -> None:
    """Refuse (403) unless the account may do it to each case: the domain decides."""
    if not all(may(request.user, right, request.city, case) for case in cases):
        raise PermissionDenied(
            _("This is not of your control domain: the operators of the centre decide on it.")
        )


def asking(request: CityRequest) -> Asking:
    """Who asks the inspectors what a thing is called."""

    def holds(name: str) -> bool:
        return may(request.user, name, request.city)

    return Asking(request.city, request.user, get_language() or "ko", holds)


def thing(request: CityRequest, kind: str, pk: str) -> Thing:
    """The thing under its own name; Refused when there is none, or it may not be seen."""
    asked = asking(request)
    describes: Any = inspector(kind, asked.may)
    found = describes.describe(asked, kind, pk) if describes else None
    if found is None:
        raise Refused(_("There is no such thing here, or you may not see it."))
    return Thing(kind, pk, found.title)
