"""A citizen asks for footage of themselves, without an account; officers answer; the citizen appeals."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from smtplib import SMTPRecipientsRefused
from typing import Any

import psycopg
import pytest
from django.test import Client
from django.utils import timezone

from fixtures.database import TestDatabase
from fixtures.people import MakePerson
from madang.ground.city.models import City
from madang.ground.notify.models import Notice
from madang.ground.people.models import Account
from madang.ground.privacy import ledger
from madang.ground.privacy.domain.duties import PrivacyError
from madang.ground.privacy.domain.footage import (
    Answer,
    appeal_request,
    decide_request,
    find_request,
    open_request,
    send_request,
)
from madang.ground.privacy.letters import address_in, send_answer
from madang.ground.privacy.models import FootageRequest
from madang.ground.privacy.queries import answers_of, late_requests
from madang.ground.privacy.telling import tell_of_terms
from madang.ground.trail.models import Entry, Personal
from madang.ground.trail.personal import opened
from madang.ground.trail.public import Actor

ACTOR = Actor(name="test")
NOON = datetime(2026, 3, 10, 3, tzinfo=UTC)
WORDS: dict[str, Any] = {
    "name": "홍길동",
    "place": "정조로",
    "begins": NOON,
    "ends": NOON + timedelta(hours=1),
}
FORM = {
    "name": "홍길동",
    "contact": "010-1234-5678",
    "born": "1970-01-31",
    "place": "정조로 825 앞",
    "begins": "2026-03-10T09:00",
    "ends": "2026-03-10T10:00",
    "asks": "view",
    "purpose": "세워 둔 차가 긁혔습니다. 흰색 승용차.",
}


def sheet(client: Client) -> str:
    """What the form hides: it tells one form that was opened from another."""
    page = client.get("/quiet/footage/").content.decode()
    found = re.search(r'name="sheet" value="([^"]+)"', page)
    assert found
    return found[1]


def sent(client: Client, **changes: str) -> Any:
    words = {**FORM, "sheet": sheet(client), **changes}
    return client.post("/quiet/footage/", {key: one for key, one in words.items() if one})


def receipt(answer: Any) -> tuple[str, str]:
    return str(answer.context["asked"].number), answer.context["secret"]


def asked() -> list[FootageRequest]:
    with ledger.opened(City.objects.get(key="quiet").pk):
        return list(FootageRequest.objects.order_by("number"))


def soon() -> datetime:
    return timezone.now() + timedelta(days=3)


def me(account: Account) -> Actor:
    return Actor(account=account.pk, name=account.name)


@pytest.mark.django_db
def test_a_citizen_asks_is_answered_appeals_and_is_answered_by_another(
    city: City, person: MakePerson
) -> None:
    first, second = person("footage_officer"), person("privacy_officer")
    citizen = Client()
    number, secret = receipt(sent(citizen))
    assert {one.account for one in Notice.objects.filter(kind="privacy.request.new")} == {
        first,
        second,
    }
    status = "/quiet/footage/status/"
    said = {"number": number, "secret": secret.replace("-", " ").lower()}
    page = citizen.post(status, said, follow=True).content.decode()
    assert "정조로 825 앞" in page
    assert "홍길동" not in page  # what the page need not say it does not

    desk = Client()
    desk.force_login(first)
    path = f"/quiet/privacy/requests/{asked()[0].pk}/"
    assert "홍길동" in desk.get(path).content.decode()
    desk.post(path, {"decision": "refused", "reason": "보관 기간이 지나 삭제됨"})
    assert "보관 기간이 지나 삭제됨" in citizen.get(status).content.decode()

    assert citizen.post(status, {"appeal": "아직 30일이 지나지 않았습니다"}).status_code == 302
    again = {"decision": "given", "where": "안전센터 2층", "when": f"{soon():%Y-%m-%dT%H:%M}"}
    assert desk.post(path, again).status_code == 200  # who refused does not judge the appeal
    desk.force_login(second)
    assert desk.post(path, again).status_code == 302
    page = citizen.get(status).content.decode()
    assert "안전센터 2층" in page
    assert "보관 기간이 지나 삭제됨" in page
    assert citizen.post(status, {"appeal": "다시"}).status_code == 200  # nothing to appeal against
    citizen.post("/quiet/footage/status/leave/")
    assert "안전센터" not in citizen.get(status).content.decode()
    acts = Entry.objects.filter(thing_kind="footagerequest").values_list("action", flat=True)
    assert sorted(acts) == [
        "privacy.request.appealed",
        *["privacy.request.decided"] * 2,
        "privacy.request.opened",
    ]
    with opened(city.pk):
        kept = Personal.objects.get(entry__action="privacy.request.opened").detail
    assert kept["who"] == "홍길동"  # committed to with a salt, and ended with the other names


@pytest.mark.django_db
def test_a_wrong_number_and_a_wrong_secret_are_answered_alike(city: City) -> None:
    client = Client()
    number, secret = receipt(sent(client))
    entered = open_request(ACTOR, city, **WORDS)  # has no secret: it came by letter
    wrong = [
        {"number": number, "secret": "2222-2222-2222"},
        {"number": "999", "secret": secret},
        {"number": str(entered.number), "secret": secret},
    ]
    pages = [client.post("/quiet/footage/status/", words) for words in wrong]
    assert [page.status_code for page in pages] == [200, 200, 200]
    blank = re.compile(r'value="[^"]*"')
    assert len({blank.sub("", page.content.decode()) for page in pages}) == 1
    assert find_request(City.objects.create(key="other"), int(number), secret) is None


@pytest.mark.django_db
def test_whoever_guesses_is_stopped(city: City) -> None:
    client = Client()
    number, secret = receipt(sent(client))
    path, wrong = "/quiet/footage/status/", {"number": number, "secret": "2222-2222-2222"}
    found = [client.post(path, wrong).status_code for _try in range(11)]
    assert found == [200] * 10 + [429]
    right = {"number": number, "secret": secret}
    assert client.post(path, right).status_code == 429
    assert Client(REMOTE_ADDR="10.9.9.9").post(path, right).status_code == 302


@pytest.mark.django_db
def test_one_address_sends_ten_an_hour_and_one_form_makes_one_request(city: City) -> None:
    client = Client()
    words = {**FORM, "sheet": sheet(client)}
    answers = [client.post("/quiet/footage/", words) for _again in range(2)]
    assert "secret" in answers[0].context
    assert "secret" not in answers[1].context
    assert len(asked()) == 1
    found = [sent(client).status_code for _more in range(9)]
    assert found == [200] * 8 + [429]
    assert len(asked()) == 9


@pytest.mark.django_db
@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"name": "가" * 81},
        {"contact": "문 두드려 주세요"},
        {"born": "2999-01-01"},
        {"born": "1799-01-01"},
        {"place": ""},
        {"begins": "2026-03-10T10:00", "ends": "2026-03-10T09:00"},
        {"begins": "2999-03-10T10:00", "ends": "2999-03-10T11:00"},
        {"begins": "어제"},
        {"asks": "everything"},
        {"purpose": ""},
        {"purpose": "가" * 2001},
        {"relation": "부모"},
        {"person": "홍아기"},
        {"website": "http://spam.example"},
        {"sheet": "made-up"},
        {"number": "1", "decision": "given", "name": ""},
    ],
    ids=str,
)
def test_a_form_with_a_mistake_makes_no_request_and_says_where(
    city: City, wrong: dict[str, str]
) -> None:
    answer = sent(Client(), **wrong)
    assert answer.status_code == 200
    assert "wrong-summary" in answer.content.decode()
    assert asked() == []


@pytest.mark.django_db
def test_a_citizen_fills_in_only_what_the_form_shows(city: City, person: MakePerson) -> None:
    sent(Client(), decision="given", number="77", masked="on", decided="2026-01-01", due="")
    (made,) = asked()
    assert (made.number, made.decision, made.masked) == (1, "open", False)
    assert made.secret != ""
    assert made.due is not None


@pytest.mark.django_db
def test_a_session_laid_ready_by_another_is_not_the_one_that_opens(city: City) -> None:
    client = Client()
    number, secret = receipt(sent(client))
    client.post("/quiet/footage/status/", {"number": number, "secret": "2222-2222-2222"})
    client.session.save()
    before = client.session.session_key
    client.post("/quiet/footage/status/", {"number": number, "secret": secret})
    assert client.session.session_key != before


@pytest.mark.django_db
def test_an_answer_says_what_the_person_needs(city: City, person: MakePerson) -> None:
    officer = me(person("footage_officer"))
    seen = open_request(ACTOR, city, **WORDS)
    exists = open_request(ACTOR, city, asks="exists", **WORDS)
    for request, wrong in (
        (seen, Answer("refused", " ")),
        (seen, Answer("given")),
        (seen, Answer("partly", "일부만", where="센터")),
        (seen, Answer("delayed", "확인 중")),
        (seen, Answer("delayed", "확인 중", when=timezone.now() - timedelta(days=1))),
        (seen, Answer("open", "?")),
        (exists, Answer("given")),
    ):
        with pytest.raises(PrivacyError):
            decide_request(officer, request, wrong)
    decide_request(officer, seen, Answer("delayed", "확인 중", when=soon()))
    decide_request(officer, seen, Answer("given", where="센터 2층", when=soon(), masked=True))
    with pytest.raises(PrivacyError):
        decide_request(officer, seen, Answer("refused", "늦은 마음"))
    decide_request(officer, exists, Answer("given", "그 시각의 영상이 있습니다."))
    assert [one.decision for one in asked()] == ["given", "given"]


@pytest.mark.django_db
def test_a_request_waits_ten_days_a_delay_until_its_day_and_an_appeal_ten_more(
    city: City, person: MakePerson
) -> None:
    officer, now = person("footage_officer"), timezone.now()
    late = open_request(ACTOR, city, asked=now - timedelta(days=11), **WORDS)
    assert late.late
    decide_request(me(officer), late, Answer("delayed", "현장 확인", when=soon()))
    made, _secret = send_request(ACTOR, city, "a sheet", contact="010", **WORDS)
    decide_request(me(officer), made, Answer("refused", "삭제됨"))
    appeal_request(ACTOR, made, "다시 보아 주세요")
    for again in ("두 번째", " "):
        with pytest.raises(PrivacyError):
            appeal_request(ACTOR, made, again)
    assert late_requests(city.pk) == 0
    assert tell_of_terms(now + timedelta(days=9.5)) == 2  # a delay that is over, an appeal soon
    kinds = Notice.objects.filter(account=officer).values_list("kind", flat=True)
    assert {"privacy.request.late", "privacy.request.soon", "privacy.request.appealed"} <= set(
        kinds
    )


@pytest.mark.django_db
def test_a_delay_does_not_give_an_appeal_back_to_who_refused(
    city: City, person: MakePerson
) -> None:
    first, second = person("footage_officer"), person("privacy_officer")
    made, _secret = send_request(ACTOR, city, "a sheet", contact="010", **WORDS)
    decide_request(me(first), made, Answer("refused", "삭제됨"))
    appeal_request(ACTOR, made, "다시 보아 주세요")
    decide_request(me(second), made, Answer("delayed", "현장 확인", when=soon()))
    with pytest.raises(PrivacyError):
        decide_request(me(first), made, Answer("refused", "삭제됨"))
    decide_request(me(second), made, Answer("refused", "삭제된 것을 확인함"))


def test_raw_sql_neither_reads_nor_rewrites_an_answer(django_database: TestDatabase) -> None:
    city = City.objects.create(key="quiet")
    made = open_request(ACTOR, city, **WORDS)
    decide_request(ACTOR, made, Answer("refused", "삭제됨"))
    with psycopg.connect(django_database.app_url) as raw:
        assert raw.execute("SELECT reason FROM privacy_footageanswer").fetchall() == []
        raw.execute("SELECT set_config('madang.ledger', %s, true)", [str(city.pk)])
        for statement in (
            "UPDATE privacy_footageanswer SET reason = 'x'",
            "DELETE FROM privacy_footageanswer",
        ):
            with raw.transaction(force_rollback=True), pytest.raises(psycopg.Error):
                raw.execute(statement)
        assert raw.execute("SELECT reason FROM privacy_footageanswer").fetchall() == [("삭제됨",)]


@pytest.mark.django_db
def test_an_answer_goes_out_as_a_letter_once_in_the_language_of_the_form(
    city: City, person: MakePerson, mailoutbox: list[Any]
) -> None:
    client = Client(headers={"Accept-Language": "en"})
    sent(client, contact="010-1234-5678, hong@citizen.example")
    (made,) = asked()
    desk = Client(headers={"Accept-Language": "en"})
    desk.force_login(person("footage_officer"))
    path = f"/quiet/privacy/requests/{made.pk}/"
    assert "by e-mail" in desk.get(path).content.decode()
    desk.post(path, {"decision": "refused", "reason": "보관 기간이 지남"})
    assert "on its way" in desk.get(path).content.decode()
    (answer,) = answers_of(made)
    for _again in range(2):  # a job may be done twice
        assert send_answer(city.pk, answer.pk)
    (letter,) = mailoutbox
    assert letter.to == ["hong@citizen.example"]
    assert letter.subject == "Quiet: your request 1 for footage was answered"
    assert "보관 기간이 지남" in letter.body
    assert "appeal once" in letter.body
    assert "/quiet/footage/status/" in letter.body
    assert "홍길동" not in letter.body
    assert (
        "정조로" not in letter.body
    )  # an address may be mistyped: the letter says no more than it must
    assert "on its way" not in desk.get(path).content.decode()


@pytest.mark.django_db
def test_a_letter_that_the_mail_server_refuses_is_tried_again_and_told_to_the_officer(
    city: City, person: MakePerson, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*words: Any) -> None:
        raise SMTPRecipientsRefused({words[-1][0]: (550, b"hong@citizen.example unknown")})

    made = open_request(ACTOR, city, contact="hong@citizen.example", **WORDS)
    decide_request(ACTOR, made, Answer("refused", "삭제됨"))
    (answer,) = answers_of(made)
    monkeypatch.setattr("madang.ground.privacy.letters.send_mail", refuse)
    for _try in range(2):
        with pytest.raises(SMTPRecipientsRefused):
            send_answer(city.pk, answer.pk)
    (answer,) = answers_of(made)
    assert (answer.letter.tries, answer.letter.failure) == (2, "SMTPRecipientsRefused 550")
    desk = Client(headers={"Accept-Language": "en"})
    desk.force_login(person("footage_officer"))
    page = desk.get(f"/quiet/privacy/requests/{made.pk}/").content.decode()
    assert "failed 2 times" in page


@pytest.mark.parametrize(
    ("contact", "address"),
    [
        ("010-1234-5678", ""),
        ("hong@citizen.example", "hong@citizen.example"),
        ("전화 010-1, 메일 <hong@citizen.example>", "hong@citizen.example"),
        ("hong@@x, kim@citizen.example", "kim@citizen.example"),
        ("a@b\nBcc: all@x.example", "all@x.example"),
    ],
)
def test_the_address_of_a_letter_is_found_among_how_somebody_is_reached(
    contact: str, address: str
) -> None:
    assert address_in(contact) == address
