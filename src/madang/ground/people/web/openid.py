"""The way to the city's own sign-in and back, with its tokens checked as if anybody had handed them over.

allauth trusts the connection it fetched a token by. Here the provider must also be the one whose address
was set, and the token must carry its signature, by a key of its own.
"""

from __future__ import annotations

from typing import Any

import jwt
from allauth.account.internal.decorators import login_not_required
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView, OAuth2LoginView
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.http import Http404, HttpRequest, HttpResponseBase
from requests import RequestException

from madang.ground.people.gates import public_page

PUBLISHED = "/.well-known/openid-configuration"
SIGNED_BY = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA"]


class CheckedAdapter(OpenIDConnectOAuth2Adapter):  # type: ignore[misc]
    @property
    def openid_config(self) -> dict[str, Any]:
        """What the provider publishes; an error if it says to be another one (RFC 8414 §3.3)."""
        config: dict[str, Any] = super().openid_config
        wanted = self.get_provider().server_url.removesuffix(PUBLISHED).rstrip("/")
        if str(config.get("issuer", "")).rstrip("/") != wanted:
            raise RequestException(f"{wanted} says that it is {config.get('issuer')!r}")
        return config

    def _decode_id_token(self, app: Any, id_token: str) -> dict[str, Any]:
        try:
            found: dict[str, Any] = jwt.decode(
                id_token,
                self._key_of(id_token),
                algorithms=SIGNED_BY,
                audience=app.client_id,
                issuer=self.openid_config["issuer"],
                options={"require": ["exp", "iat", "iss", "aud", "sub"]},
            )
        except jwt.PyJWTError as error:
            raise OAuth2Error(f"the token of the sign-in proves nothing: {error}") from error
        return found

    def _key_of(self, id_token: str) -> jwt.PyJWK:
        """The provider's key that a token names; a provider with one key need not name it."""
        with get_adapter().get_requests_session() as session:
            answer = session.get(self.openid_config["jwks_uri"])
            answer.raise_for_status()
        keys = jwt.PyJWKSet.from_dict(answer.json()).keys
        name = jwt.get_unverified_header(id_token).get("kid")
        fitting = [key for key in keys if name is None or key.key_id == name]
        if len(fitting) != 1:
            raise jwt.InvalidKeyError(f"{len(fitting)} of {len(keys)} keys are called {name!r}")
        return fitting[0]


@public_page
@login_not_required  # type: ignore[untyped-decorator]
def login(request: HttpRequest, provider_id: str) -> HttpResponseBase:
    """To the provider."""
    return _go(OAuth2LoginView, request, provider_id)


@public_page
@login_not_required  # type: ignore[untyped-decorator]
def callback(request: HttpRequest, provider_id: str) -> HttpResponseBase:
    """Back from it."""
    return _go(OAuth2CallbackView, request, provider_id)


def _go(kind: Any, request: HttpRequest, provider_id: str) -> HttpResponseBase:
    adapter = CheckedAdapter(request, provider_id)
    try:
        _ = adapter.openid_config  # before anybody is sent to where it says
        answer: HttpResponseBase = kind.adapter_view(adapter)(request)
    except SocialApp.DoesNotExist as error:
        raise Http404 from error
    return answer
