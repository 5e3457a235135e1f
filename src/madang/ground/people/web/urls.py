"""Pages of people under /<city>/people/."""

from __future__ import annotations

from django.urls import path

from madang.ground.people.web import (
    glass,
    grants,
    invitations,
    organisations,
    people,
    roles,
    shifts,
)

app_name = "people"
urlpatterns = [
    path("", people.index, name="people"),
    path("invitations/", invitations.index, name="invitations"),
    path("invitations/new/", invitations.new, name="invite"),
    path("invitations/<uuid:pk>/withdraw/", invitations.withdraw, name="withdraw"),
    path("organisations/", organisations.index, name="organisations"),
    path("roles/", roles.index, name="roles"),
    path("shifts/", shifts.index, name="shifts"),
    path("shifts/<uuid:pk>/cancel/", shifts.cancel, name="cancel_shift"),
    path("grants/", grants.index, name="grants"),
    path("grants/new/", grants.new, name="grant"),
    path("grants/mine/", grants.mine, name="granted"),
    path("grants/<uuid:pk>/revoke/", grants.revoke, name="revoke"),
    path("emergency/", glass.index, name="glass"),
    path("emergency/<uuid:pk>/review/", glass.review, name="review_glass"),
    path("<uuid:pk>/", people.person, name="person"),
    path("<uuid:pk>/sessions/end/", people.end_all_sessions, name="end_sessions"),
    path("<uuid:pk>/factors/end/", people.take_factors, name="take_factors"),
    path("<uuid:pk>/roles/<uuid:membership>/end/", people.end, name="end_role"),
    path("<uuid:pk>/scopes/<uuid:scope>/end/", people.end_one_scope, name="end_scope"),
]
