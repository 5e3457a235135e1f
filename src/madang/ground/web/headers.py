"""Headers of every page that the content security policy does not say."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed

HEADERS = {
    "Permissions-Policy": "camera=(), geolocation=(self), microphone=(self), payment=(), usb=()",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",  # for browsers that do not know frame-ancestors
}


# What somebody who signed in was shown is kept nowhere; what a visitor saw is asked again.
SIGNED_IN, VISITOR = "no-store", "private, no-cache"
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}


class HeadersMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        known = request.method in METHODS  # TRACE would show a page what its own request carried
        response = self.get_response(request) if known else HttpResponseNotAllowed(sorted(METHODS))
        signed_in = settings.SESSION_COOKIE_NAME in request.COOKIES
        response.headers.setdefault("Cache-Control", SIGNED_IN if signed_in else VISITOR)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        return response
