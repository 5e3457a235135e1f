"""Refusals of the domain as problems of the API: the sentence, under the status that fits."""

from __future__ import annotations

from collections.abc import Mapping

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI

from madang.ground.web.problems import problem_response
from madang.systems.climate.engine.refusal import Refusal
from madang.systems.climate.sentences import said

STATUS: Mapping[str, int] = {
    "moved-on": 409,
    "name-taken": 409,
    "no-surface": 409,
    "no-table": 409,
    "no-station": 409,
    "no-scenario": 404,
    "no-file": 404,
    "no-heights": 409,
    "file-has-faults": 409,
    "away": 503,
    "busy": 503,
}


def install(api: NinjaAPI) -> None:
    """Let api answer every Refusal with its sentence."""

    @api.exception_handler(Refusal)
    def refused(request: HttpRequest, refusal: Refusal) -> HttpResponse:
        return problem_response(request, STATUS.get(refusal.code, 422), detail=said(refusal))
