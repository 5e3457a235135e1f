"""Lists that are longer than is counted are leafed through: every row once, forward and back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.test import RequestFactory

from madang.ground.city.models import City
from madang.ground.people.models import Account, Membership, Organisation
from madang.ground.web import tables
from madang.ground.web.tables import Column, Listing, Table

ROWS, PAGE = 23, 5
SORTS = {"name": "account__name", "role": "role", "until": "ends"}
PEOPLE: Listing[Membership] = Listing(
    "people",
    "People",
    columns=tuple(
        Column(key, key, lambda one: str(one.pk), sort=sort) for key, sort in SORTS.items()
    ),
    order="name",
    per_page=PAGE,
)


@pytest.fixture
def long(hall: Organisation, city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    """More rows than are counted; names and roles repeat, some ends are unknown."""
    monkeypatch.setattr(tables, "COUNTED", 10)
    now = datetime(2026, 3, 10, tzinfo=UTC)
    for number in range(ROWS):
        account = Account.objects.create(email=f"a{number}@example.org", name=f"이 {number % 4}")
        Membership.objects.create(
            city=city,
            account=account,
            organisation=hall,
            role="operator" if number % 3 else "planner",
            begins=now,
            ends=now + timedelta(days=number % 5) if number % 2 else None,
        )


def page(address: str) -> Table[Membership]:
    request = RequestFactory().get(address or "/")
    request.session = SessionStore()
    return PEOPLE.read(request, Membership.objects.all())


def keys(table: Table[Membership]) -> list[str]:
    return [str(line[0][1]) for line in table.lines]


def leafed(address: str, way: str) -> Iterator[Table[Membership]]:
    while address:
        shown = page(address)
        yield shown
        address = getattr(shown, way)


@pytest.mark.django_db
@pytest.mark.usefixtures("long")
@pytest.mark.parametrize("order", [f"{sign}{key}" for key in SORTS for sign in ("", "-")])
def test_every_row_is_seen_once_forward_and_back(order: str) -> None:
    column = f"{'-' if order.startswith('-') else ''}{SORTS[order.lstrip('-')]}"
    pk = "-pk" if order.startswith("-") else "pk"
    expected = [str(one.pk) for one in Membership.objects.order_by(column, pk)]
    forward = list(leafed(f"?sort={order}", "after"))
    assert [key for one in forward for key in keys(one)] == expected
    assert forward[0].before == ""
    backward = list(leafed(page(f"?sort={order}").end, "before"))
    assert [key for one in reversed(backward) for key in keys(one)] == expected
    assert backward[0].after == ""
    again = page(backward[-1].after)  # from the first page on, once one has come back to it
    assert keys(again) == expected[len(keys(backward[-1])) :][:PAGE]


@pytest.mark.django_db
@pytest.mark.usefixtures("long")
def test_no_address_says_what_the_list_is_sorted_by() -> None:
    assert "이" not in page("?sort=name").after
    assert "%EC%9D%B4" not in page("?sort=name").after


@pytest.mark.django_db
@pytest.mark.usefixtures("long")
@pytest.mark.parametrize(
    "where",
    ["after=nonsense", "before=%00", "after=00000000-0000-7000-8000-000000000000", "page=999"],
)
def test_a_row_that_is_not_there_leads_to_the_beginning(where: str) -> None:
    shown: Any = page(f"?{where}")
    assert keys(shown) == keys(page(""))
    assert shown.before == ""
