"""A letter to whoever asked for footage, when they are answered: by e-mail, if they gave an address."""

from __future__ import annotations

import re
from smtplib import SMTPRecipientsRefused, SMTPResponseException
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import send_mail
from django.core.validators import validate_email
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation

from madang.ground.privacy import ledger
from madang.ground.privacy.models import FootageAnswer, FootageLetter

WORD_WITH_AT = re.compile(r"[^\s,;/<>()\[\]]+@[^\s,;/<>()\[\]]+")


def address_in(contact: str) -> str:
    """The first e-mail address among the words of how somebody can be reached, "" for none."""
    for found in WORD_WITH_AT.findall(contact):
        try:
            validate_email(found)
        except ValidationError:
            continue
        return str(found)
    return ""


def send_answer(city: UUID, answer: UUID) -> bool:
    """Write to who asked what was answered, once; whether a letter is out now.

    OSError when the mail server did not take it: what became of the try is kept, and the job is done again.
    """
    with ledger.opened(city):
        found = FootageAnswer.objects.select_related("request", "city").get(pk=answer)
        letter = FootageLetter.objects.filter(answer=found).first() or FootageLetter(
            city_id=city, answer=found
        )
    address = address_in(found.request.contact)
    if letter.sent or not address:  # the address is gone a year after the answer
        return letter.sent is not None
    letter.tries, letter.tried = letter.tries + 1, timezone.now()
    try:
        send_mail(*_words(found), settings.DEFAULT_FROM_EMAIL, [address])
        letter.sent, letter.failure = timezone.now(), ""
    except OSError as error:
        letter.failure = _failure(error)
        raise
    finally:
        with ledger.opened(city):
            letter.save()
    return True


def _words(answer: FootageAnswer) -> tuple[str, str]:
    """Subject and text, in the language of the form that was sent and by the city's clock."""
    asked = answer.request
    path = reverse("footage:status", kwargs={"city": answer.city.key})
    with translation.override(asked.language), timezone.override(ZoneInfo(answer.city.time_zone)):
        words = {
            "answer": answer,
            "asked": asked,
            "city": answer.city.name(asked.language),
            "page": settings.PUBLIC_URL.rstrip("/") + path if asked.secret else "",
        }
        text = render_to_string("privacy/answer_letter.txt", words)
    subject, _gap, rest = text.partition("\n\n")
    return " ".join(subject.split()), rest


def _failure(error: OSError) -> str:
    """What went wrong, without the address: a mail server's own words repeat it."""
    codes: list[object] = []
    if isinstance(error, SMTPResponseException):
        codes = [error.smtp_code]
    if isinstance(error, SMTPRecipientsRefused):
        codes = [code for code, _said in error.recipients.values()]
    return " ".join([type(error).__name__, *map(str, codes)])
