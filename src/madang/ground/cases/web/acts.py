"""What pages and API share: the case that is meant, and what may be done to it, under which right."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from madang.ground.cases.domain import handling, incidents, linking
from madang.ground.cases.domain.linking import Thing
from madang.ground.cases.domain.refusals import Refused
from madang.ground.cases.domain.steps import Case
from madang.ground.cases.models import Alarm, Incident, Outcome
from madang.ground.city.web.middleware import CityRequest
from madang.ground.people.public import acting, may
from madang.ground.web.console import Asking, inspector

Words = dict[str, Any]


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


@dataclass(frozen=True)
class CaseAct:
    """One thing that people do to a case: under which right, and what the domain makes of their words."""

    model: type[Alarm] | type[Incident]
    right: str
    do: Callable[[CityRequest, UUID, Words], Alarm | Incident]

    def perform(self, request: CityRequest, pk: UUID, words: Words) -> Alarm | Incident:
        """Do it to the city's case; 404 or 403 where it is not there or not theirs, else as the domain."""
        model: Any = self.model
        allowed(request, self.right, found(model, request, pk))
        return self.do(request, pk, words)


def _of_either(model: type[Case]) -> dict[str, CaseAct]:
    """What is done to alarms and incidents alike."""

    def note(request: CityRequest, pk: UUID, words: Words) -> Case:
        said = words["text"], words["once"]
        return handling.note(acting(request), request.city.pk, model, pk, *said)

    def link(request: CityRequest, pk: UUID, words: Words) -> Case:
        linked = thing(request, words["kind"], words["id"])
        return linking.link(acting(request), request.city.pk, model, pk, linked)

    return {
        "note": CaseAct(model, "cases.note", note),
        "link": CaseAct(model, "cases.note", link),
    }


def _acknowledge(request: CityRequest, pk: UUID, words: Words) -> Alarm:
    return handling.acknowledge(acting(request), request.city.pk, pk, words["seen"])


def _close(request: CityRequest, pk: UUID, words: Words) -> Alarm:
    said = Outcome(words["outcome"]), words["text"], words["seen"]
    return handling.close(acting(request), request.city.pk, pk, *said)


def _reopen(request: CityRequest, pk: UUID, words: Words) -> Alarm:
    return handling.reopen(acting(request), request.city.pk, pk, words["text"], words["seen"])


def _detach(request: CityRequest, pk: UUID, words: Words) -> Alarm:
    return incidents.detach_alarm(acting(request), request.city.pk, pk, words["text"])


def _close_incident(request: CityRequest, pk: UUID, words: Words) -> Incident:
    said = words["result"], words["seen"]
    return incidents.close_incident(acting(request), request.city.pk, pk, *said)


def _reopen_incident(request: CityRequest, pk: UUID, words: Words) -> Incident:
    said = words["text"], words["seen"]
    return incidents.reopen_incident(acting(request), request.city.pk, pk, *said)


ALARM_ACTS = {
    **_of_either(Alarm),
    "acknowledge": CaseAct(Alarm, "cases.acknowledge", _acknowledge),
    "close": CaseAct(Alarm, "cases.close", _close),
    "reopen": CaseAct(Alarm, "cases.reopen", _reopen),
    "detach": CaseAct(Alarm, "cases.open_incident", _detach),
}
INCIDENT_ACTS = {
    **_of_either(Incident),
    "close": CaseAct(Incident, "cases.close_incident", _close_incident),
    "reopen": CaseAct(Incident, "cases.reopen", _reopen_incident),
}
