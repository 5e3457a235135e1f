"""What this room says inside the process; the log tells the other processes the same."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.dispatch import Signal

rights_changed = Signal()  # account: UUID; sent after the change is committed
# glass: BreakGlass; sent in its own transaction, so that whoever must be told is told or nothing opens
glass_broken = Signal()


def announce_rights(account: UUID) -> None:
    """Say, once the running transaction is committed, that the rights of account are others now."""
    transaction.on_commit(lambda: rights_changed.send_robust(sender=None, account=account))
