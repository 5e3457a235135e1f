"""Accounts to try the demo city with: one for each ready role, marked as such."""

from __future__ import annotations

import hashlib
import hmac
from base64 import b32encode
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import override

from madang.ground.city.models import City
from madang.ground.people import roles as ready
from madang.ground.people.domain.accounts import create_account
from madang.ground.people.domain.grants import give_scope
from madang.ground.people.domain.memberships import give_role
from madang.ground.people.errors import PeopleError
from madang.ground.people.models import (
    Account,
    CameraAct,
    Membership,
    Organisation,
    OrganisationKind,
)
from madang.ground.people.roles import Role
from madang.ground.trail.public import Actor

BODIES: dict[str, tuple[str, dict[str, str], str | None]] = {
    "city-hall": ("city", {"ko": "시청", "en": "City hall", "ja": "市役所"}, None),
    "safety-centre": (
        "department",
        {"ko": "도시안전통합센터", "en": "Urban safety centre", "ja": "都市安全統合センター"},
        "city-hall",
    ),
    "police": ("police", {"ko": "경찰서", "en": "Police", "ja": "警察署"}, None),
    "fire": ("fire", {"ko": "소방서", "en": "Fire service", "ja": "消防署"}, None),
    "institutions": (
        "institution",
        {"ko": "협업기관", "en": "Public institutions", "ja": "協力機関"},
        None,
    ),
    "citizens": ("public", {"ko": "시민", "en": "Citizens", "ja": "市民"}, None),
}
HOME_OF_KIND = {
    "department": "safety-centre",
    "police": "police",
    "fire": "fire",
    "institution": "institutions",
    "public": "citizens",
}
# A visitor who tries the centre finds its pictures; who is seconded waits for a grant, as in a real city.
CAMERAS = {
    "operator": (CameraAct.VIEW, CameraAct.STEER, CameraAct.PLAY),
    "shift_leader": (CameraAct.VIEW, CameraAct.STEER, CameraAct.PLAY),
}
ACTOR = Actor(name="demo")


@dataclass(frozen=True)
class DemoAccount:
    """How to sign in as one ready role of the demo city."""

    role: Role
    email: str
    password: str


@transaction.atomic
def demo_accounts(city: City, seed: str) -> list[DemoAccount]:
    """The demo accounts of city, made where they are missing; the same seed gives the same passwords.

    seed is a secret of the installation. Only a simulated city has demo accounts.
    """
    if not city.simulated:
        raise PeopleError(f"{city.key} is a real city: it has no demo accounts.")
    City.objects.select_for_update().get(pk=city.pk)
    bodies = _bodies(city)
    return [_account(city, role, bodies, seed) for role in ready.roles()]


def _bodies(city: City) -> dict[str, Organisation]:
    made: dict[str, Organisation] = {}
    for key, (kind, names, parent) in BODIES.items():
        made[key], _ = Organisation.objects.get_or_create(
            city=city,
            key=key,
            defaults={
                "kind": OrganisationKind(kind),
                "names": names,
                "parent": made[parent] if parent else None,
            },
        )
    return made


def _account(city: City, role: Role, bodies: dict[str, Organisation], seed: str) -> DemoAccount:
    email = f"{role.key.replace('_', '-')}@{city.key}.example"
    password = _password(seed, email)
    account = Account.objects.filter(email=email).first()
    if account is None:
        with override("ko"):
            account = create_account(ACTOR, email, str(role.title), password, demo=True)
    elif not account.check_password(password):
        account.set_password(password)
        account.save(update_fields=["password"])
    kind = next(kind for kind in HOME_OF_KIND if role.fits(kind))
    body = bodies[HOME_OF_KIND[kind]]
    if not Membership.objects.filter(account=account, role=role.key, ends=None).exists():
        membership = give_role(ACTOR, account, body, role.key)
        if role.key in CAMERAS:
            give_scope(ACTOR, membership, CAMERAS[role.key])
    return DemoAccount(role, email, password)


def _password(seed: str, email: str) -> str:
    """Twelve letters and digits that are easy to type: 60 bits."""
    digest = hmac.new(seed.encode(), email.encode(), hashlib.sha256).digest()
    letters = b32encode(digest).decode().lower()
    return "-".join(letters[start : start + 4] for start in (0, 4, 8))
