"""Passwords that everybody who knows the place would try."""

from __future__ import annotations

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from madang.ground.city.models import City

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "password", ["madang2026!", "고요시관제센터1234", "Quiet-Madang-1", "마당마당마당마당마당1!"]
)
def test_a_password_made_of_the_places_names_is_refused(city: City, password: str) -> None:
    with pytest.raises(ValidationError) as refused:
        validate_password(password)
    assert "password_of_the_place" in {error.code for error in refused.value.error_list}


@pytest.mark.parametrize("password", ["Password123!", "1q2w3e4r5t6y", "Iloveyou123456789"])
def test_a_password_that_leaked_elsewhere_is_refused(city: City, password: str) -> None:
    with pytest.raises(ValidationError) as refused:
        validate_password(password)
    assert "password_leaked" in {error.code for error in refused.value.error_list}


@pytest.mark.parametrize(
    "password", ["보리차 한 잔 더 주세요", "마당에서 김장하던 겨울 아침 일곱 시"]
)
def test_a_sentence_may_name_the_place(city: City, password: str) -> None:
    validate_password(password)
