"""Who may do what: rights are names with a predicate over the roles somebody holds in a city.

Each system's rules.py says `allow("cases.acknowledge", _("Acknowledge an alarm"), role("operator"))`;
views, API and live topics ask `may(account, "cases.acknowledge", city)`. A right nobody declared is a
mistake of ours and raises, so that a misspelt name can never open or close a door in silence.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol
from uuid import UUID

from django.utils.functional import Promise
from rules.permissions import add_perm
from rules.predicates import Predicate

from madang.ground.city.models import City
from madang.ground.people import roles as ready
from madang.ground.people.models import Account, Membership

Text = str | Promise


class UnknownRightError(LookupError):
    """Code asked for a right that no rules.py declares."""

    def __init__(self, name: str) -> None:
        super().__init__(f"No rules.py declares the right {name!r}; add allow({name!r}, …) to one.")


class User(Protocol):
    """An Account, or Django's AnonymousUser."""

    @property
    def is_authenticated(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Held:
    """One role held in one city, from begins until ends (None: until further notice)."""

    city: UUID
    organisation: UUID
    role: str
    begins: datetime
    ends: datetime | None

    def at(self, now: datetime) -> bool:
        return self.begins <= now and (self.ends is None or now < self.ends)


@dataclass(frozen=True, slots=True)
class Rights:
    """What is known of one account when a question is asked; None as account is a visitor."""

    account: UUID | None = None
    steward: bool = False
    demo_keeper: bool = False
    second_factor: bool = False
    held: tuple[Held, ...] = ()

    def roles(self, city: UUID | None, now: datetime) -> frozenset[str]:
        """The roles that count in city now; those that need a second factor only with one."""
        found = {ready.VISITOR}
        if self.account is not None:
            found.add(ready.SIGNED_IN)
        if self.steward and self.second_factor:
            found.add(ready.STEWARD)
        if self.demo_keeper:
            found.add(ready.DEMO_KEEPER)
        found.update(
            held.role
            for held in self.held
            if held.city == city and held.at(now) and self._awake(held.role)
        )
        return frozenset(found)

    def sleeping(self, city: UUID | None, now: datetime) -> frozenset[str]:
        """The roles held in city, and above cities, that wait for a second factor."""
        waiting = {
            held.role
            for held in self.held
            if held.city == city and held.at(now) and not self._awake(held.role)
        }
        if self.steward and not self.second_factor:
            waiting.add(ready.STEWARD)
        return frozenset(waiting)

    def _awake(self, key: str) -> bool:
        role = ready.find(key)
        return role is not None and (self.second_factor or not role.second_factor)


VISITOR = Rights()


@dataclass(frozen=True, slots=True)
class Asked:
    """What a predicate is given beside the rights: where, about what, when, and the roles that count."""

    city: UUID | None
    thing: Any
    now: datetime
    roles: frozenset[str]


@dataclass(frozen=True)
class Right:
    """A declared right: its name, and what it lets somebody do in words for the roles page."""

    name: str
    title: Text
    predicate: Predicate = field(repr=False)


_rights: dict[str, Right] = {}


def allow(name: str, title: Text, predicate: Predicate) -> None:
    """Declare the right name, held by whomever predicate says; twice the same name is a mistake."""
    if name in _rights:
        raise ValueError(f"the right {name!r} is declared twice")
    add_perm(name, predicate)  # type: ignore[no-untyped-call]
    _rights[name] = Right(name, title, predicate)


def rights() -> Iterable[Right]:
    """Every declared right, by name."""
    return sorted(_rights.values(), key=lambda right: right.name)


def is_declared(name: str) -> bool:
    """Whether some rules.py declares the right name now; the trail remembers older ones."""
    return name in _rights


def title_of(name: str) -> str:
    """What the right name lets somebody do, in the active language."""
    return str(_rights[name].title)


def role(*keys: str) -> Predicate:
    """A predicate: holds one of these roles now, in the city that is asked about."""
    wanted = frozenset(keys)

    def holds(rights: Rights, asked: Asked) -> bool:
        return not wanted.isdisjoint(asked.roles)

    return Predicate(holds, name="role " + " or ".join(keys))


everybody = role(ready.VISITOR)
signed_in = role(ready.SIGNED_IN)
steward = role(ready.STEWARD)
demo_keeper = role(ready.DEMO_KEEPER)


def may(
    account: User | Rights | None, name: str, city: City | UUID | None, thing: Any = None
) -> bool:
    """Whether account may do name in city (None: above all cities), now, to thing if one is meant."""
    rights = account if isinstance(account, Rights) else rights_of(account)
    return allows(rights, name, city.pk if isinstance(city, City) else city, thing)


def allows(rights: Rights, name: str, city: UUID | None, thing: Any = None) -> bool:
    """The same question to rights already read: no database is touched."""
    right = _rights.get(name)
    if right is None:
        raise UnknownRightError(name)
    now = datetime.now(UTC)
    return bool(right.predicate.test(rights, Asked(city, thing, now, rights.roles(city, now))))


def rights_of(account: User | None) -> Rights:
    """The rights of account, read once an object: a request asks many times, its account is its own.

    The account's own row counts as it was read: a request reads it anew, from its session.
    """
    if not isinstance(account, Account):
        return VISITOR
    known: Rights | None = getattr(account, "_rights", None)
    if known is None:
        known = _rights_as_read(account)
        account._rights = known  # type: ignore[attr-defined]
    return known


def read_rights(account: UUID) -> Rights:
    """The rights of account as they are in the database now; none for one that is not active."""
    found = Account.objects.filter(pk=account).first()
    return VISITOR if found is None else _rights_as_read(found)


def _rights_as_read(account: Account) -> Rights:
    """The rights of an account that was read just now; its roles and factors are read here."""
    if not account.is_active:
        return VISITOR
    rows = Membership.objects.filter(account=account.pk).values_list(
        "city_id", "organisation_id", "role", "begins", "ends"
    )
    held = tuple(Held(*row) for row in rows)
    return Rights(
        account=account.pk,
        steward=account.steward,
        demo_keeper=account.demo and _keeps_a_demo(held),
        second_factor=account.demo or has_second_factor(account),
        held=held,
    )


def _keeps_a_demo(held: tuple[Held, ...]) -> bool:
    """Whether a demo account that holds this may keep the platform: only where no real city is."""
    now = datetime.now(UTC)
    administers = any(one.role == "administrator" and one.at(now) for one in held)
    return administers and not City.objects.filter(simulated=False).exists()


def has_second_factor(account: Account) -> bool:
    """Whether account set up a passkey or one-time codes."""
    from allauth.mfa.models import Authenticator

    kinds = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]
    return bool(Authenticator.objects.filter(user=account, type__in=kinds).exists())


def city_of(thing: Any) -> UUID | None:
    """The city a thing belongs to: itself, or what its city_id says."""
    if isinstance(thing, UUID):
        return thing
    return thing.pk if isinstance(thing, City) else getattr(thing, "city_id", None)


def visible_kinds(account: User | Rights | None, city: City | UUID) -> frozenset[str]:
    """The live kinds account may see in city: `vehicles` where `live.vehicles` is allowed."""
    return frozenset(
        name.removeprefix("live.")
        for name in _rights
        if name.startswith("live.") and may(account, name, city)
    )
