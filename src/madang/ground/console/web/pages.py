"""The console's pages: one for the desk, one to show to guests, one for the wall."""

from __future__ import annotations

from typing import cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from madang.ground.city.web.middleware import CityRequest
from madang.ground.console.boot import boot
from madang.ground.people.public import requires


@requires("console.see")
def desk(request: HttpRequest, city: str) -> HttpResponse:
    """The console with all that this account may see; visitors see the public map."""
    return _console(request, guest=not request.user.is_authenticated, screen="desk")


@requires("console.see")
def guests(request: HttpRequest, city: str) -> HttpResponse:
    """The map as visitors see it, whoever is signed in: nothing about people is on it."""
    return _console(request, guest=True, screen="desk")


@requires("console.follow")
def board(request: HttpRequest, city: str) -> HttpResponse:
    """The situation board: a screen without controls that shows what a desk pushes to it."""
    return _console(request, guest=False, screen="board")


def _console(request: HttpRequest, guest: bool, screen: str) -> HttpResponse:
    context = {"boot": {**boot(cast(CityRequest, request), guest), "screen": screen}}
    return render(request, "console/console.html", context)
