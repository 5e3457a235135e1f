"""Jobs of cameras."""

from __future__ import annotations

from datetime import UTC, datetime

from django.utils.translation import gettext_lazy as _

from madang.ground.jobs.public import task
from madang.systems.cameras.domain import footage


@task(
    "cameras", _("Destroy footage whose term is over"), every="13 * * * *", lock="cameras.footage"
)
def end_footage(timestamp: int) -> None:
    """Every hour, in every city."""
    footage.end_terms(datetime.fromtimestamp(timestamp, UTC))
