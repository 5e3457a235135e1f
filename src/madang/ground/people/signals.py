"""What this room says inside the process; the log tells the other processes the same."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.dispatch import Signal

rights_changed = Signal()  # account: UUID; sent after the change is committed
glass_broken = Signal()  # glass: BreakGlass; sent after it is committed


def announce_rights(account: UUID) -> None:
    """Say, once the running transaction is committed, that the rights of account are others now."""
    transaction.on_commit(lambda: rights_changed.send_robust(sender=None, account=account))
