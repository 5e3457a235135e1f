"""Telling somebody something: a notice on their pages, and a letter whose fate is kept."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.mail import send_mail
from django.utils import timezone

from madang.ground.city.models import City
from madang.ground.notify import kinds
from madang.ground.notify.models import Notice
from madang.ground.people.models import Account

KEPT = timedelta(days=366)


def tell(
    account: Account, city: City, kind: str, once: str, path: str, detail: dict[str, Any]
) -> Notice:
    """Tell account of something in city, once however often it is asked. path: the page to look at."""
    if not kinds.is_declared(kind):
        raise LookupError(f"No room declares the notice {kind!r}; add declare({kind!r}, …) to one.")
    words = {"city": city, "detail": detail, "path": path}
    return Notice.objects.get_or_create(account=account, kind=kind, once=once, defaults=words)[0]


def send_letter(notice: Notice, subject: str, text: str) -> bool:
    """Send the letter of notice, unless it went out before; whether it is out. Not in a transaction:
    what became of a try is kept whatever comes after it."""
    if notice.letter == Notice.Letter.SENT:
        return True
    notice.tries, notice.tried = notice.tries + 1, timezone.now()
    try:
        send_mail(subject, text, settings.DEFAULT_FROM_EMAIL, [notice.account.email])
        notice.letter, notice.failure = Notice.Letter.SENT, ""
    except OSError as error:  # the mail server is away, or refuses
        notice.letter, notice.failure = Notice.Letter.FAILED, f"{type(error).__name__}: {error}"
    notice.save(update_fields=["tries", "tried", "letter", "failure"])
    return notice.letter == Notice.Letter.SENT


def mark_read(account: Account, city: City) -> int:
    """All that account was told in city is read; how many were not."""
    unread = Notice.objects.filter(account=account, city=city, read=None)
    return unread.update(read=timezone.now())


def end_old(now: datetime) -> int:
    """Notices older than a year go: they name people, and the trail has what was done."""
    return Notice.objects.filter(made__lt=now - KEPT).delete()[0]
