"""Outside every city: there is one trail for the whole installation."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from django.views.decorators.http import require_safe

from madang.ground.trail import queries


@require_safe
def heads(request: HttpRequest) -> JsonResponse:
    """The latest thousand heads and all keys: what `madang trail verify --heads` takes as a file."""
    latest = queries.latest_head()
    after = request.GET.get("after", "")
    start = int(after) if after.isdecimal() and len(after) < 19 else _start()
    answer = queries.heads_answer(start, MOST)
    return JsonResponse({**answer, "latest": latest.size if latest else 0})


@require_safe
def latest(request: HttpRequest) -> HttpResponse:
    """The latest head as a signed note (C2SP checkpoint)."""
    head = queries.latest_head()
    if head is None:
        return HttpResponse("No head is signed yet.\n", status=404, content_type="text/plain")
    return HttpResponse(head.note, content_type="text/plain; charset=utf-8")


MOST = 1000


def _start() -> int:
    return queries.size_before_last(MOST)


urlpatterns = [
    path("heads", heads, name="trail_heads"),
    path("heads/latest", latest, name="trail_latest_head"),
]
