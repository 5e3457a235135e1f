"""A bare Django page, served as the platform's pages are or by Django's own ASGI handler."""

from __future__ import annotations

import sys
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import path


def page(request: HttpRequest) -> HttpResponse:
    return HttpResponse("here")


urlpatterns = [path("", page)]


def application(name: str) -> Any:
    settings.configure(
        ROOT_URLCONF=__name__, MIDDLEWARE=[], ALLOWED_HOSTS=["*"], SECRET_KEY="bare", USE_I18N=False
    )
    import django

    django.setup()
    if name == "bare_by_django":
        from django.core.asgi import get_asgi_application

        return get_asgi_application()
    from madang.run.threaded_django import ThreadedDjango

    return ThreadedDjango(threads=8, longest_queue=200)


def main() -> None:
    import uvloop

    from madang.ground.duty import Duty
    from madang.run.web import Server, configuration, web_socket

    config = configuration(application(sys.argv[1]))
    config.lifespan = "off"
    server = Server(config, Duty())
    import signal

    signal.signal(signal.SIGTERM, lambda *_: setattr(server, "should_exit", True))
    uvloop.run(server.serve([web_socket()]))


if __name__ == "__main__":
    main()
