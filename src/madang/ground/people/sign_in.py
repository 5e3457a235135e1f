"""What the trail keeps of signing in and out, and of the keys to an account."""

from __future__ import annotations

from typing import Any

from allauth.account.signals import password_changed, password_reset
from allauth.core import context
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authentication_failed, authenticator_removed
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.db.models.signals import post_save
from django.dispatch import receiver
from django.http import HttpRequest

from madang.ground.people.gates import acting
from madang.ground.people.models import Account
from madang.ground.trail.public import Act, Actor, record


@receiver(user_logged_in)
def signed_in(request: HttpRequest, user: Account, **rest: Any) -> None:
    record(_as(request, user), Act("people.signed_in", thing=("account", str(user.pk))))


@receiver(user_logged_out)
def signed_out(request: HttpRequest, user: Account | None, **rest: Any) -> None:
    if user is not None:
        record(_as(request, user), Act("people.signed_out", thing=("account", str(user.pk))))


@receiver(user_login_failed)
def sign_in_failed(request: HttpRequest | None, credentials: dict[str, Any], **rest: Any) -> None:
    """Which account was tried is kept by its id; an address nobody has is not kept at all."""
    email = str(credentials.get("email") or credentials.get("username") or "").lower()
    found = Account.objects.filter(email=email).first()
    thing = ("account", str(found.pk) if found else "")
    actor = acting(request) if request is not None else Actor(name="visitor")
    record(actor, Act("people.sign_in_failed", thing=thing))


@receiver([password_changed, password_reset])
def password_is_new(request: HttpRequest, user: Account, **rest: Any) -> None:
    record(_as(request, user), Act("people.password.changed", thing=("account", str(user.pk))))


@receiver(post_save, sender=Authenticator)
def factor_added(instance: Authenticator, created: bool, **rest: Any) -> None:
    """In the transaction that adds it; allauth's own signal comes only after."""
    if created and context.request is not None:
        _tell_factor(context.request, instance.user, "people.factor.added", instance)


@receiver(authenticator_removed)
def factor_removed(
    request: HttpRequest, user: Account, authenticator: Authenticator, **rest: Any
) -> None:
    _tell_factor(request, user, "people.factor.removed", authenticator)


@receiver(authentication_failed)
def factor_failed(request: HttpRequest, user: Account, **rest: Any) -> None:
    """The password was right, what came second was not."""
    act = Act(
        "people.sign_in_failed", thing=("account", str(user.pk)), detail={"at": "second factor"}
    )
    record(_as(request, user), act)


def _tell_factor(
    request: HttpRequest, user: Account, action: str, authenticator: Authenticator
) -> None:
    detail = {"kind": str(authenticator.type)}
    record(_as(request, user), Act(action, thing=("account", str(user.pk)), detail=detail))


def _as(request: HttpRequest, user: Account) -> Actor:
    return Actor(
        account=user.pk, name=str(user), address=str(request.META.get("REMOTE_ADDR") or "")
    )
