"""What the law asks of whoever keeps personal data: breaches, contracts, reviews."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from madang.ground.city.models import City
from madang.ground.people.models import Account
from madang.ground.privacy.models import Breach, MonthReview, ProcessorContract
from madang.ground.privacy.queries import month_report
from madang.ground.trail.public import Act, Actor, record


class PrivacyError(Exception):
    """What was asked cannot be done; the message says why."""


@transaction.atomic
def open_breach(actor: Actor, account: Account, city: City, **words: Any) -> Breach:
    """Write a breach down; its 72 hours run from words["learned"]."""
    if words["learned"] > timezone.now():
        raise PrivacyError(_("Nobody learns of a breach in the future."))
    breach = Breach.objects.create(city=city, opened_by=account, **words)
    detail = {"kind": breach.kind, "learned": breach.learned, "persons": breach.persons}
    record(actor, act_on("privacy.breach.opened", breach, detail=detail))
    return breach


@transaction.atomic
def step_breach(actor: Actor, breach: Breach, **words: Any) -> None:
    """Add what was done: measures, persons told, authority told; closed when nothing is left."""
    locked = Breach.objects.select_for_update().get(pk=breach.pk)
    if locked.closed:
        raise PrivacyError(_("This breach is closed already."))
    for name in ("told", "reported"):
        moment: datetime | None = words.get(name)
        if moment is not None and not locked.learned <= moment <= timezone.now():
            raise PrivacyError(_("It was not told before we learned of it, nor in the future."))
    for name, value in words.items():
        setattr(locked, name, value)
    if not locked.waits_for:
        locked.closed = timezone.now()
    locked.save()
    detail = {"told": locked.told, "reported": locked.reported, "closed": locked.closed}
    record(actor, act_on("privacy.breach.step", locked, detail=detail))


@transaction.atomic
def add_contract(actor: Actor, account: Account, city: City, **words: Any) -> ProcessorContract:
    """Keep a contract with a firm that handles data for the city."""
    if words["organisation"].city_id != city.pk or words["organisation"].kind != "contractor":
        raise PrivacyError(_("Choose a contractor of this city."))
    try:
        with transaction.atomic():
            made = ProcessorContract.objects.create(city=city, added_by=account, **words)
    except IntegrityError as error:
        raise PrivacyError(
            _("A contract needs its five items, and ends after it begins.")
        ) from error
    detail = {"organisation": made.organisation_id, "ends": made.ends}
    record(actor, act_on("privacy.contract.added", made, detail=detail))
    return made


@transaction.atomic
def review_month(
    actor: Actor, account: Account, city: City, month: date, finding: str
) -> MonthReview:
    """Write down what a month's trail showed; a month is reviewed once, when it is over."""
    if month.replace(day=1) >= timezone.localdate().replace(day=1):
        raise PrivacyError(_("This month is not over yet."))
    figures = month_report(city, month).figures()
    try:
        with transaction.atomic():
            made = MonthReview.objects.create(
                city=city, month=month.replace(day=1), finding=finding, figures=figures, by=account
            )
    except IntegrityError as error:
        raise PrivacyError(_("This month was reviewed already.")) from error
    record(actor, act_on("privacy.month.reviewed", made, reason=finding, detail=figures))
    return made


def act_on(action: str, thing: Any, reason: str = "", detail: dict[str, Any] | None = None) -> Act:
    """An act on a row of this room."""
    kind = type(thing).__name__.lower()
    return Act(
        action, city=thing.city_id, thing=(kind, str(thing.pk)), reason=reason, detail=detail or {}
    )
