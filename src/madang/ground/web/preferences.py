"""Language and theme: kept in cookies, so that visitors have them too; plain forms set them."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import check_for_language
from django.views.decorators.http import require_POST

from madang.ground.web.shell import THEMES

A_YEAR = 365 * 24 * 60 * 60


@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    """Show pages in another language from now on; the account remembers it too."""
    response = _back(request)
    language = request.POST.get("language", "")
    if language in dict(settings.LANGUAGES) and check_for_language(language):
        _remember(response, settings.LANGUAGE_COOKIE_NAME, language)
        if request.user.is_authenticated:
            request.user.language = language
            request.user.save(update_fields=["language"])
    return response


@require_POST
def set_theme(request: HttpRequest) -> HttpResponse:
    """Show pages light, dark or as the system has it."""
    response = _back(request)
    theme = request.POST.get("theme", "")
    if theme in THEMES:
        _remember(response, settings.THEME_COOKIE_NAME, theme)
    return response


def _back(request: HttpRequest) -> HttpResponse:
    """Back to the page the form was on, if it is one of ours."""
    target = request.POST.get("next", "/")
    ours = url_has_allowed_host_and_scheme(target, {request.get_host()}, request.is_secure())
    return HttpResponseRedirect(target if ours else "/")


def _remember(response: HttpResponse, name: str, value: str) -> None:
    response.set_cookie(
        name,
        value,
        max_age=A_YEAR,
        samesite="Lax",
        httponly=True,
        secure=settings.SESSION_COOKIE_SECURE,
    )
