"""Pages for what went wrong: what it is and what to do. For the API the same as problem+json."""

from __future__ import annotations

import sys

from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.template import loader
from django.utils.translation import gettext as _

from madang.ground.web.problems import come_again, problem_response
from madang.ground.web.shell import shell

API = "/api/"


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _answer(request, 400, "bad-request")


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _answer(request, 403, "forbidden", str(exception or ""))


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    said = exception.args[0] if exception and exception.args else ""
    return _answer(request, 404, "not-found", said if isinstance(said, str) else "")


def server_error(request: HttpRequest) -> HttpResponse:
    """500, or 503 while the database is away: drawn without what may have failed."""
    if isinstance(sys.exc_info()[1], OperationalError):
        return come_again(_answer(request, 503, "unavailable"))
    return _answer(request, 500, "server-error")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form without its token: cookies are off, the page is old, or another site sent it."""
    return _answer(request, 403, "csrf", _("The form's key did not fit."))


def _answer(request: HttpRequest, status: int, kind: str, detail: str = "") -> HttpResponse:
    if request.path.startswith(API):
        return problem_response(request, status, kind, detail)
    context = {"detail": detail, "status": status, "path": request.path, **shell(request)}
    page = loader.get_template(f"web/errors/{kind}.html")
    # Without the request: no context processor runs, so nothing asks the database.
    return HttpResponse(page.render(context), status=status)
