"""Pages for everybody under /<city>/footage/."""

from __future__ import annotations

from django.urls import path

from madang.ground.privacy.web import asking

app_name = "footage"
urlpatterns = [
    path("", asking.ask, name="ask"),
    path("status/", asking.status, name="status"),
    path("status/leave/", asking.leave, name="leave"),
]
