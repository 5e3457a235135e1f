"""Rights for everything that asks as Django does (user.has_perm), visitors included."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.backends import BaseBackend

from madang.ground.people.rights import city_of, may


class RightsBackend(BaseBackend):
    """Signs nobody in; answers has_perm by the declared rights. thing is the city or of a city."""

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        return may(user_obj, perm, city_of(obj), obj)
