"""Which key signs the heads; a key never changes in silence."""

from __future__ import annotations

from django.db import transaction

from madang.ground.trail.models import Place, SigningKey
from madang.ground.trail.notes import Key, Signer, key_of
from madang.ground.trail.public import Act, Actor, record


class WrongKeyError(Exception):
    """The key at hand is not the one that signed the heads before."""

    def __init__(self, expected: str, found: str) -> None:
        super().__init__(
            f"The trail's heads were signed with the key {expected}, and this one is {found}. Bring "
            "the old secret back, or, if it is lost, run `madang trail change-key --reason …` and give "
            "the new key to those who keep heads. Nothing is signed until then; entries wait."
        )


def current_key(origin: str, signer: Signer) -> Key:
    """The key that signs now; the first time it is registered, another one than before is refused."""
    mine = key_of(origin, signer)
    last = SigningKey.objects.order_by("-since", "-time").first()
    if last is None:
        SigningKey.objects.create(vkey=mine.vkey, since=0)
    elif last.vkey != mine.vkey:
        raise WrongKeyError(_short(last.vkey), _short(mine.vkey))
    return mine


@transaction.atomic
def change_key(actor: Actor, origin: str, signer: Signer, reason: str) -> Key:
    """From now on heads are signed with signer's key; the change is itself an entry."""
    mine = key_of(origin, signer)
    last = SigningKey.objects.order_by("-since", "-time").first()
    if last is None or last.vkey != mine.vkey:
        since = Place.objects.count()
        SigningKey.objects.create(vkey=mine.vkey, since=since)
        detail = {"from": last.vkey if last else None, "to": mine.vkey}
        record(actor, Act("trail.key.changed", reason=reason, detail=detail))
    return mine


def _short(vkey: str) -> str:
    return "+".join(vkey.split("+")[:2])
