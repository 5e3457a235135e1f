"""Addresses under /account/: signing in, and looking after one's own account."""

from __future__ import annotations

from django.urls import include, path, re_path

from madang.ground.people.web import account, invitations, openid

urlpatterns = [
    path("", account.account, name="account"),
    path("invitation/<str:word>/", invitations.accept, name="invitation"),
    # Before allauth's own, at the same addresses: tokens are checked more strictly.
    path(
        "oidc/",
        include(
            [
                re_path(
                    r"^(?P<provider_id>[^/]+)/",
                    include(
                        [
                            path("login/", openid.login, name="openid_connect_login"),
                            path(
                                "login/callback/", openid.callback, name="openid_connect_callback"
                            ),
                        ]
                    ),
                )
            ]
        ),
    ),
    path("", include("allauth.urls")),
]
