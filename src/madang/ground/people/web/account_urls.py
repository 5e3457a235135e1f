"""Addresses under /account/: signing in, and looking after one's own account."""

from __future__ import annotations

from django.urls import include, path

from madang.ground.people.web import account, invitations

urlpatterns = [
    path("", account.account, name="account"),
    path("invitation/<str:word>/", invitations.accept, name="invitation"),
    path("", include("allauth.urls")),
]
