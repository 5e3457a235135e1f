from __future__ import annotations

import pytest
from django.contrib.auth import authenticate

from madang.ground.city.models import City
from madang.ground.people.models import Account, CameraScope
from madang.ground.people.public import PeopleError, demo_accounts, may, read_rights
from madang.ground.people.roles import roles

pytestmark = pytest.mark.django_db


def test_there_is_one_for_each_ready_role_and_it_can_sign_in() -> None:
    city = City.objects.create(key="play", simulated=True)
    made = demo_accounts(city, "seed")
    assert [one.role for one in made] == list(roles())
    operator = next(one for one in made if one.role.key == "operator")
    account = authenticate(None, email=operator.email, password=operator.password)
    assert isinstance(account, Account)
    assert account.demo
    administrator = Account.objects.get(email="administrator@play.example")
    assert may(administrator, "people.manage", city)
    assert not may(account, "people.manage", city)


def test_asking_again_makes_nothing_new_and_gives_the_same_words() -> None:
    city = City.objects.create(key="play", simulated=True)
    assert demo_accounts(city, "seed") == demo_accounts(city, "seed")
    assert Account.objects.count() == len(list(roles()))
    assert demo_accounts(city, "seed")[0].password != demo_accounts(city, "other")[0].password


def test_the_control_room_sees_cameras_and_who_is_seconded_waits_for_a_grant() -> None:
    demo_accounts(City.objects.create(key="play", simulated=True), "seed")
    seeing = CameraScope.objects.filter(acts__contains=["view"])
    assert set(seeing.values_list("membership__role", flat=True)) == {"operator", "shift_leader"}


def test_a_real_city_has_none() -> None:
    with pytest.raises(PeopleError):
        demo_accounts(City.objects.create(key="real"), "seed")


def test_the_administrator_of_a_demo_keeps_the_platform_until_a_real_city_comes() -> None:
    demo_accounts(City.objects.create(key="play", simulated=True), "seed")
    administrator = Account.objects.get(email="administrator@play.example")
    operator = Account.objects.get(email="operator@play.example")
    assert may(read_rights(administrator.pk), "platform.operate", None)
    assert not may(read_rights(operator.pk), "platform.operate", None)
    City.objects.create(key="real")
    assert not may(read_rights(administrator.pk), "platform.operate", None)
