"""The first people of a city, made from the terminal of whoever keeps the installation."""

from __future__ import annotations

from django.db import transaction

from madang.ground.city.models import City
from madang.ground.people.domain.accounts import create_account, make_steward, set_password
from madang.ground.people.domain.memberships import give_role
from madang.ground.people.errors import PeopleError
from madang.ground.people.models import Account, Membership, Organisation, OrganisationKind
from madang.ground.trail.public import Actor

TERMINAL = Actor(name="terminal")


def find_account(email: str) -> Account:
    try:
        return Account.objects.get(email=email.strip().lower())
    except Account.DoesNotExist:
        raise PeopleError(f"There is no account {email}; `madang people list` shows all.") from None


@transaction.atomic
def add_administrator(
    email: str, name: str, password: str, city_key: str | None, installation: bool
) -> Account:
    """Make or find the account and give it what was asked; a password it had is replaced."""
    account = Account.objects.filter(email=email.strip().lower()).first()
    if account is None:
        account = create_account(TERMINAL, email, name, password)
    else:
        set_password(TERMINAL, account, password)
    if installation and not account.steward:
        make_steward(TERMINAL, account)
    if city_key:
        _administer(account, _city(city_key))
    return account


def _city(key: str) -> City:
    try:
        return City.objects.get(key=key)
    except City.DoesNotExist:
        keys = ", ".join(City.objects.values_list("key", flat=True)) or "none"
        raise PeopleError(f"There is no city {key}. Cities here: {keys}.") from None


def _administer(account: Account, city: City) -> None:
    hall, _ = Organisation.objects.get_or_create(
        city=city,
        key="city-hall",
        defaults={"kind": OrganisationKind.CITY, "names": city.names or {"en": city.key}},
    )
    open_already = Membership.objects.filter(
        account=account, organisation=hall, role="administrator", ends=None
    )
    if not open_already.exists():
        give_role(TERMINAL, account, hall, "administrator")
