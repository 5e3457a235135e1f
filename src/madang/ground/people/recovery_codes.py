"""Recovery codes as hashes: whoever reads the database cannot sign in with what stands there.

allauth keeps a seed, from which the codes come again, or a list of codes that its adapter decrypts. Once
its owner saw the codes the seed has no use: each becomes a salted hash in that list, and "decrypting"
gives something that is equal to the code it was made of.
"""

from __future__ import annotations

from typing import Any

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.contrib.auth.hashers import check_password, identify_hasher, make_password
from django.db.models.signals import post_save, pre_save
from django.dispatch import receiver

SEED, SEEN, LIST = "seed", "viewed_at", "migrated_codes"


class HashedCode(str):
    """A hash that is equal to the code it was made of, and to nothing else, itself neither."""

    __slots__ = ()

    def __eq__(self, code: object) -> bool:
        return isinstance(code, str) and check_password(code, str(self))

    def __ne__(self, code: object) -> bool:
        return not self == code

    __hash__ = str.__hash__


class FactorsAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    def decrypt(self, encrypted_text: str) -> str:
        text = str(super().decrypt(encrypted_text))
        return HashedCode(text) if _is_hash(text) else text


@receiver(pre_save, sender=Authenticator)
def forget_the_seed(instance: Authenticator, **rest: Any) -> None:
    """What is stored from now on are hashes of the codes that were not used."""
    data = instance.data
    if instance.type == Authenticator.Type.RECOVERY_CODES and SEED in data and data.get(SEEN):
        hashes = [make_password(code) for code in instance.wrap().get_unused_codes()]
        instance.shown = data
        instance.data = {SEEN: data[SEEN], LIST: hashes}


@receiver(post_save, sender=Authenticator)
def still_show_them(instance: Authenticator, **rest: Any) -> None:
    """The page that is being made is the one that shows the codes."""
    if hasattr(instance, "shown"):
        instance.data = instance.__dict__.pop("shown")


def _is_hash(text: str) -> bool:
    try:
        identify_hasher(text)
    except ValueError:
        return False
    return True
