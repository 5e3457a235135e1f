"""Jobs of the privacy officer's room."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from madang.ground.city.models import City
from madang.ground.jobs.public import task
from madang.ground.privacy import letters, telling
from madang.ground.privacy.domain import keeping


@task("privacy", _("Tell the privacy officer of an emergency access"))
def tell_of_glass(glass: str) -> None:
    telling.tell_of_glass(UUID(glass))


@task("privacy", _("Write to who asked for footage what was answered"))
def write_answer(city: str, answer: str) -> None:
    letters.send_answer(UUID(city), UUID(answer))


@task("privacy", _("Tell of terms of the law that end"), every="7 * * * *", lock="privacy.terms")
def tell_of_terms(timestamp: int) -> None:
    """Every hour, in every city."""
    telling.tell_of_terms(datetime.fromtimestamp(timestamp, UTC))


@task("privacy", _("End personal data whose time is over"), every="41 17 * * *", lock="privacy.end")
def end_personal_data(timestamp: int) -> None:
    """Every night, in every city."""
    for city in City.objects.all():
        keeping.end_personal_data(city, datetime.fromtimestamp(timestamp, UTC))
