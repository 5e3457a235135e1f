"""Requests for one's own footage (개인정보 보호법 §35-38): asked, answered in ten days, appealed once."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import Any

from django.contrib.auth.hashers import check_password, make_password
from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from madang.ground.city.models import City
from madang.ground.privacy import ledger, wanted
from madang.ground.privacy.domain.duties import PrivacyError, act_on
from madang.ground.privacy.models import ANSWER_WITHIN, FootageAnswer, FootageRequest
from madang.ground.privacy.telling import tell_of_request, write_later
from madang.ground.trail.public import Actor, record

FINAL = ("given", "partly", "refused")
# No letter of it is taken for another when it is copied by hand or read out on the telephone.
LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
SECRET = 12  # letters: 59 random bits, kept as a password is


@dataclass(frozen=True)
class Answer:
    """What an officer answers. when and where: to see it; of a delay when is until when it is answered."""

    decision: str
    reason: str = ""
    masked: bool = False
    where: str = ""
    when: datetime | None = None


def open_request(actor: Actor, city: City, **words: Any) -> FootageRequest:
    """Enter somebody's request for footage of themselves, under the next number."""
    _check(words)
    words.setdefault("asked", timezone.now())
    with transaction.atomic():
        City.objects.select_for_update().get(pk=city.pk)
        with ledger.opened(city.pk):
            made = _create(city, words)
        act = act_on("privacy.request.opened", made, detail={"number": made.number})
        record(actor, replace(act, personal={"who": made.name, "contact": made.contact}))
        wanted.tell(city.pk)
    return made


def send_request(actor: Actor, city: City, sheet: str, **words: Any) -> tuple[FootageRequest, str]:
    """A citizen's own request; the secret by which they see the answer is returned, and kept nowhere.

    sheet names the form that was sent: the same one sent again makes no second request.
    """
    secret = "".join(secrets.choice(LETTERS) for _letter in range(SECRET))
    try:
        with transaction.atomic():
            made = open_request(actor, city, sheet=sheet, secret=make_password(secret), **words)
            tell_of_request(made, "privacy.request.new")
    except IntegrityError as error:
        if "request_sheet_once" not in str(error):
            raise
        raise PrivacyError(_("This form was sent already, and has its number.")) from error
    return made, "-".join(secret[start : start + 4] for start in range(0, SECRET, 4))


def find_request(city: City, number: int, secret: str) -> FootageRequest | None:
    """The request that number and secret open; None for either wrong, after the same time."""
    with ledger.opened(city.pk):
        found = FootageRequest.objects.filter(city=city, number=number).exclude(secret="").first()
    plain = "".join(letter for letter in secret.upper() if letter.isalnum())
    right = check_password(plain, found.secret if found else _nobodys())
    return found if right else None


def decide_request(actor: Actor, request: FootageRequest, answer: Answer) -> None:
    """Answer it. What is not simply granted needs a reason that the person is told."""
    with transaction.atomic(), ledger.opened(request.city_id):
        locked = FootageRequest.objects.select_for_update().get(pk=request.pk)
        _check_answer(actor, locked, answer)
        made = FootageAnswer.objects.create(
            city_id=locked.city_id, request=locked, by_id=actor.account, **vars(answer)
        )
        write_later(made)
        _decide(actor, locked, answer)
        detail = {"number": locked.number, "decision": answer.decision, "masked": answer.masked}
        record(
            actor, act_on("privacy.request.decided", locked, reason=answer.reason, detail=detail)
        )
        wanted.tell(locked.city_id)


def appeal_request(actor: Actor, request: FootageRequest, words: str) -> None:
    """The person does not accept the answer (§38⑤): it is looked at again, by another officer."""
    with transaction.atomic(), ledger.opened(request.city_id):
        locked = FootageRequest.objects.select_for_update().get(pk=request.pk)
        if not locked.may_be_appealed:
            raise PrivacyError(_("There is no answer to appeal against, or you have appealed."))
        if not words.strip():
            raise PrivacyError(_("Say why you do not accept the answer."))
        locked.appeal, locked.appealed = words.strip(), timezone.now()
        locked.decision, locked.due = "appealed", locked.appealed + ANSWER_WITHIN
        locked.save()
        record(actor, act_on("privacy.request.appealed", locked, reason=locked.appeal))
        tell_of_request(locked, "privacy.request.appealed")
        wanted.tell(locked.city_id)


def _check(words: dict[str, Any]) -> None:
    if words["ends"] <= words["begins"]:
        raise PrivacyError(_("The end must come after the beginning."))
    if words["begins"] > timezone.now():
        raise PrivacyError(_("There is no footage of what has not happened yet."))


def _create(city: City, words: dict[str, Any]) -> FootageRequest:
    last = FootageRequest.objects.filter(city=city).aggregate(last=Max("number"))["last"] or 0
    due = words["asked"] + ANSWER_WITHIN
    return FootageRequest.objects.create(city=city, number=last + 1, due=due, **words)


def _check_answer(actor: Actor, locked: FootageRequest, answer: Answer) -> None:
    if locked.decision in FINAL:
        raise PrivacyError(_("This request was decided already."))
    if answer.decision not in (*FINAL, "delayed"):
        raise PrivacyError(_("Choose a decision."))
    if answer.decision != "given" and not answer.reason.strip():
        raise PrivacyError(_("Say why; the person is told so and may appeal."))
    if locked.appealed and _answered_first(actor, locked):
        raise PrivacyError(_("An appeal is decided by somebody else than who answered first."))
    _check_when(locked, answer)


def _answered_first(actor: Actor, locked: FootageRequest) -> bool:
    """Whether the answer that was appealed against is theirs; a delay since then changes nothing of that."""
    return FootageAnswer.objects.filter(
        request=locked, by_id=actor.account, decision__in=FINAL
    ).exists()


def _check_when(locked: FootageRequest, answer: Answer) -> None:
    now = timezone.now()
    if answer.decision == "delayed" and (answer.when is None or answer.when <= now):
        raise PrivacyError(_("Say until when it is delayed."))
    shown = locked.asks == FootageRequest.Asks.VIEW and answer.decision in ("given", "partly")
    if shown and (answer.when is None or not answer.where.strip()):
        raise PrivacyError(_("Say where and when the footage can be seen."))
    told = locked.asks == FootageRequest.Asks.EXISTS and answer.decision == "given"
    if told and not answer.reason.strip():
        raise PrivacyError(_("Say in the answer whether there is footage."))


def _decide(actor: Actor, locked: FootageRequest, answer: Answer) -> None:
    locked.decision, locked.reason = answer.decision, answer.reason.strip()
    locked.masked = answer.masked
    locked.due = answer.when if answer.decision == "delayed" else None
    locked.decided, locked.decided_by_id = timezone.now(), actor.account
    locked.save()


@cache
def _nobodys() -> str:
    """A hash that no secret fits, as slow to try as a real one."""
    return make_password(secrets.token_urlsafe(16))
