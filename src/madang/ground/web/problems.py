"""Errors of the API as problem+json (RFC 9457): what is wrong, where, and what to do."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import BadRequest, PermissionDenied, RequestDataTooBig
from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from ninja import NinjaAPI, Schema
from ninja.errors import HttpError, Throttled, ValidationError
from pydantic import Field

from madang.ground.web.registry import Text
from madang.ground.web.unkeepable import unkeepable

log = logging.getLogger(__name__)

TYPES = "/api/problems/"


@dataclass(frozen=True)
class Kind:
    """One kind of problem: its word in the address of its type, and what to do about it."""

    word: str
    status: int
    title: Text
    remedy: Text


KINDS = (
    Kind(
        "bad-request",
        400,
        gettext_lazy("The request cannot be read"),
        gettext_lazy("Send what /api/docs describes for this address."),
    ),
    Kind(
        "not-signed-in",
        401,
        gettext_lazy("Not signed in"),
        gettext_lazy(
            "Sign in at /account/login/, or send the credentials of your device or program."
        ),
    ),
    Kind(
        "forbidden",
        403,
        gettext_lazy("Not allowed"),
        gettext_lazy("Ask the administrator of your organisation for the right that detail names."),
    ),
    Kind(
        "csrf",
        403,
        gettext_lazy("The request's key did not fit"),
        gettext_lazy("Send the csrftoken as the header X-CSRFToken, or load the page again."),
    ),
    Kind(
        "not-found",
        404,
        gettext_lazy("Nothing is at this address"),
        gettext_lazy(
            "Compare the address with /api/docs; list the things above it to find their ids."
        ),
    ),
    Kind(
        "method-not-allowed",
        405,
        gettext_lazy("This method is not offered here"),
        gettext_lazy("Use one of the methods in the header Allow."),
    ),
    Kind(
        "conflict",
        409,
        gettext_lazy("It has changed meanwhile"),
        gettext_lazy("Read it again, and send the change again if it is still wanted."),
    ),
    Kind(
        "invalid",
        422,
        gettext_lazy("Some values cannot be taken"),
        gettext_lazy("Mend each place that errors names and send the request again."),
    ),
    Kind(
        "too-many",
        429,
        gettext_lazy("Too many requests"),
        gettext_lazy("Wait as many seconds as the header Retry-After says."),
    ),
    Kind(
        "server-error",
        500,
        gettext_lazy("The server failed"),
        gettext_lazy("Try again in a minute. If it stays, give instance and time to the operator."),
    ),
    Kind(
        "unavailable",
        503,
        gettext_lazy("Not available now"),
        gettext_lazy("Try again in a few seconds."),
    ),
)
BY_WORD = {kind.word: kind for kind in KINDS}
BY_STATUS = {kind.status: kind for kind in reversed(KINDS)}


class Fault(Schema):
    """One value that cannot be taken: where it stands (JSON pointer, or the parameter) and why."""

    where: str
    detail: str


class Problem(Schema):
    """An error (RFC 9457), with what to do about it."""

    type: str = Field(description="address of the page that explains this kind")
    title: str
    status: int
    detail: str = Field(description="what is wrong with this very request")
    remedy: str = Field(description="what to do")
    instance: str = Field(description="the address that was asked")
    errors: list[Fault] = []


def problem_response(
    request: HttpRequest, status: int, word: str = "", detail: str = "", faults: Any = ()
) -> HttpResponse:
    """The answer of one problem; word is a kind of KINDS, else it follows from status."""
    kind = BY_WORD.get(word) or BY_STATUS.get(status) or BY_STATUS[500 if status >= 500 else 400]
    body = Problem(
        type=f"{TYPES}{kind.word}",
        title=str(kind.title),
        status=status,
        detail=detail or str(kind.title),
        remedy=str(kind.remedy),
        instance=request.get_full_path(),
        errors=list(faults),
    ).model_dump()
    if not body["errors"]:
        del body["errors"]
    text = json.dumps(body, ensure_ascii=False)
    return HttpResponse(text, status=status, content_type="application/problem+json")


def come_again(response: HttpResponse) -> HttpResponse:
    """Say after how many seconds it is worth asking again."""
    response["Retry-After"] = "5"
    return response


def install(api: NinjaAPI) -> None:
    """Have every error of api answered as a problem."""

    @api.exception_handler(Http404)
    def missing(request: HttpRequest, error: Http404) -> HttpResponse:
        said = error.args[0] if error.args and isinstance(error.args[0], str) else ""
        return problem_response(request, 404, "not-found", said)

    @api.exception_handler(PermissionDenied)
    def denied(request: HttpRequest, error: PermissionDenied) -> HttpResponse:
        return problem_response(request, 403, "forbidden", str(error))

    @api.exception_handler(Throttled)
    def throttled(request: HttpRequest, error: Throttled) -> HttpResponse:
        response = problem_response(request, 429, "too-many")
        response["Retry-After"] = str(int(error.wait or 1))
        return response

    @api.exception_handler(HttpError)
    def refused(request: HttpRequest, error: HttpError) -> HttpResponse:
        word = "csrf" if error.status_code == 403 and "CSRF" in error.message else ""
        return problem_response(request, error.status_code, word, _said(error))

    @api.exception_handler(ValidationError)
    def invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
        faults = [_fault(one) for one in error.errors]
        said = _("%(count)d values cannot be taken.") % {"count": len(faults)}
        return problem_response(request, 422, "invalid", said, faults)

    @api.exception_handler(OperationalError)
    def away(request: HttpRequest, error: OperationalError) -> HttpResponse:
        log.error("%s %s: the database is away: %s", request.method, request.path, error)
        return come_again(problem_response(request, 503, "unavailable"))

    @api.exception_handler(Exception)
    def failed(request: HttpRequest, error: Exception) -> HttpResponse:
        log.error("%s %s failed", request.method, request.path, exc_info=error)
        return problem_response(request, 500, "server-error")


def _said(error: HttpError) -> str:
    """The sentence of an error that says more than its status does."""
    return "" if error.message in ("Unauthorized", "Forbidden") else error.message


def _fault(error: dict[str, Any]) -> Fault:
    """pydantic's location ("body", "item", "name") as the pointer /name, or the parameter's name."""
    place, *rest = [str(part) for part in error.get("loc", ())] or [""]
    if place == "body":
        return Fault(where="/" + "/".join(rest[1:] or rest), detail=str(error.get("msg", "")))
    return Fault(where=" ".join([place, *rest]), detail=str(error.get("msg", "")))


class ProblemMiddleware:
    """Whatever under /api/ fails outside the API itself answers as a problem too: 405, 403 of CSRF."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = _refused_text(request) or self.get_response(request)
        kind = response.headers.get("Content-Type", "")
        if response.status_code < 400 or "json" in kind or not request.path.startswith("/api/v"):
            return response
        made = problem_response(request, response.status_code)
        for name in ("Allow", "Retry-After"):
            if name in response.headers:
                made[name] = response.headers[name]
        return made


def _refused_text(request: HttpRequest) -> HttpResponse | None:
    """The answer to a request whose text cannot be kept, in its query or in a body of JSON."""
    where = _unkeepable_in_query(request) or _unkeepable_in_body(request)
    if not where:
        return None
    said = _("The text holds the letter NUL, or half of a pair of characters.")
    if not request.path.startswith("/api/v"):
        raise BadRequest(said)
    return problem_response(request, 422, faults=[Fault(where=where, detail=said)])


def _unkeepable_in_query(request: HttpRequest) -> str:
    if "%00" not in request.META.get("QUERY_STRING", ""):
        return ""
    names = [name for name, texts in request.GET.lists() if "\0" in "".join([name, *texts])]
    return f"query {names[0]}" if names else ""


def _unkeepable_in_body(request: HttpRequest) -> str:
    """Its place; one that is too long is left to its reader."""
    if request.content_type != "application/json":
        return ""
    try:
        return unkeepable(request.body) or ""
    except RequestDataTooBig:
        return ""
