import pytest
from django.db import IntegrityError

from madang.ground.city.models import City


@pytest.mark.django_db
def test_a_city_may_not_take_an_address_of_the_platform() -> None:
    with pytest.raises(IntegrityError):
        City.objects.create(key="api")
