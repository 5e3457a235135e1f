"""Headers of every page that the content security policy does not say."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed

HEADERS = {
    "Permissions-Policy": "camera=(), geolocation=(self), microphone=(self), payment=(), usb=()",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",  # for browsers that do not know frame-ancestors
    # What one person was shown is in no shared cache, and is asked again when they come back.
    "Cache-Control": "private, no-cache",
}


METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}


class HeadersMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        known = request.method in METHODS  # TRACE would show a page what its own request carried
        response = self.get_response(request) if known else HttpResponseNotAllowed(sorted(METHODS))
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        return response
