"""Jobs of telling."""

from __future__ import annotations

from datetime import UTC, datetime

from django.utils.translation import gettext_lazy as _

from madang.ground.jobs.public import task
from madang.ground.notify.domain import telling


@task("notify", _("End notices that are older than a year"), every="53 17 * * *", lock="notify.end")
def end_old(timestamp: int) -> None:
    telling.end_old(datetime.fromtimestamp(timestamp, UTC))
