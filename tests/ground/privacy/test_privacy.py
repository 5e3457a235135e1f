"""The privacy officer's room: the trail searched, what asks for a second look, and the law's terms."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
import pytest
from django.test import Client
from django.utils import timezone

from fixtures.database import TestDatabase
from fixtures.people import MakePerson
from madang.ground.city.models import City
from madang.ground.people.models import Account, Membership, Organisation
from madang.ground.people.public import create_organisation
from madang.ground.privacy import ledger
from madang.ground.privacy.anomalies import anomalies
from madang.ground.privacy.domain.duties import (
    PrivacyError,
    add_contract,
    open_breach,
    review_month,
    step_breach,
)
from madang.ground.privacy.domain.footage import Answer, decide_request, open_request
from madang.ground.privacy.domain.keeping import destroy_older, end_personal_data
from madang.ground.privacy.models import Breach, FootageRequest, MonthReview, ProcessorContract
from madang.ground.privacy.queries import month_report, month_span
from madang.ground.trail import actions
from madang.ground.trail.models import Entry, Personal
from madang.ground.trail.personal import opened
from madang.ground.trail.public import Act, Actor, declare, record

ACTOR = Actor(name="test")
KNOWN = {action.name for action in actions.actions()}
if "test.viewed" not in KNOWN:
    declare("test.viewed", "Camera viewed", "view")
if "test.exported" not in KNOWN:
    declare("test.exported", "Footage exported", "export")
NOON = datetime(2026, 3, 10, 12, tzinfo=ZoneInfo("Asia/Seoul"))
NIGHT = NOON.replace(hour=3)


def acts(
    city: City, account: Account, action: str, at: datetime, count: int, thing: str = "7"
) -> None:
    """Entries of the past, as only the database's owner could backdate them: by plain rows."""
    Entry.objects.bulk_create(
        Entry(
            city=city.pk,
            actor=account.pk,
            action=action,
            thing_kind="camera",
            thing_id=f"{thing}{number if thing == 'any' else ''}",
            time=at + timedelta(seconds=number),
            commitment=b"",
        )
        for number in range(count)
    )


def found(city: City) -> set[tuple[str, object]]:
    span = month_span(city, date(2026, 3, 1))
    return {(one.kind, one.actor) for one in anomalies(city, *span)}


@pytest.mark.django_db
def test_what_asks_for_a_second_look(city: City, person: MakePerson) -> None:
    night, same, exporter, quiet = (person("operator") for _ in range(4))
    acts(city, night, "test.viewed", NIGHT, 10, "any")
    acts(city, same, "test.viewed", NOON, 20)
    acts(city, exporter, "test.exported", NOON, 5, "any")
    acts(city, quiet, "test.viewed", NIGHT, 9, "any")
    acts(city, quiet, "test.viewed", NOON, 19)
    acts(city, quiet, "test.exported", NOON, 4, "any")
    assert found(city) == {("night", night.pk), ("same", same.pk), ("exports", exporter.pk)}


@pytest.mark.django_db
def test_a_night_on_duty_is_nothing_strange(city: City, person: MakePerson) -> None:
    from madang.ground.people.models import DutyShift

    operator = person("operator")
    member = Membership.objects.get(account=operator)
    DutyShift.objects.create(
        city=city,
        membership=member,
        begins=NIGHT - timedelta(hours=4),
        ends=NIGHT + timedelta(hours=4),
    )
    acts(city, operator, "test.viewed", NIGHT, 30, "any")
    assert found(city) == set()


@pytest.mark.django_db
def test_another_citys_acts_are_not_this_ones(city: City, person: MakePerson) -> None:
    other = City.objects.create(key="elsewhere")
    acts(other, person("operator"), "test.exported", NOON, 50, "any")
    assert found(city) == set()


@pytest.mark.django_db
def test_a_month_is_reviewed_once_when_it_is_over(city: City, person: MakePerson) -> None:
    officer = person("privacy_officer")
    acts(city, officer, "test.exported", NOON, 3, "any")
    made = review_month(ACTOR, officer, city, date(2026, 3, 1), "특이사항 없음")
    assert made.figures["exports"] == 3
    with pytest.raises(PrivacyError):
        review_month(ACTOR, officer, city, date(2026, 3, 15), "다시 한 번")
    with pytest.raises(PrivacyError):
        review_month(ACTOR, officer, city, timezone.localdate(), "아직 끝나지 않음")
    assert MonthReview.objects.count() == 1


@pytest.mark.django_db
def test_a_breach_has_72_hours_and_is_closed_when_all_is_done(
    city: City, person: MakePerson
) -> None:
    officer = person("privacy_officer")
    learned = timezone.now() - timedelta(hours=73)
    words = {"kind": "leak", "what": "명단 유출", "persons": 1200, "sensitive": False}
    breach = open_breach(ACTOR, officer, city, learned=learned, measures="", **words)
    assert breach.late
    assert breach.must_report
    with pytest.raises(PrivacyError):
        step_breach(ACTOR, breach, told=learned - timedelta(hours=1))
    step_breach(ACTOR, breach, told=timezone.now())
    assert Breach.objects.get().closed is None
    step_breach(ACTOR, breach, reported=timezone.now())
    assert Breach.objects.get().closed is not None
    with pytest.raises(PrivacyError):
        step_breach(ACTOR, breach, measures="늦은 조치")


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ({"persons": 999}, False),
        ({"persons": 1000}, True),
        ({"persons": None}, True),
        ({"persons": 3, "sensitive": True}, True),
        ({"persons": 3, "kind": "hacking"}, True),
    ],
)
def test_when_the_authority_must_hear_of_a_breach(words: dict[str, Any], expected: bool) -> None:
    assert Breach(learned=NOON, **{"kind": "leak", **words}).must_report is expected


@pytest.mark.django_db
def test_a_contract_needs_its_five_items(
    city: City, hall: Organisation, person: MakePerson
) -> None:
    firm = create_organisation(ACTOR, city, "firm", "contractor", {"ko": "용역사"})
    officer = person("privacy_officer")
    words: dict[str, Any] = {
        "organisation": firm,
        "scope": "관제 운영",
        "subcontracting": "금지",
        "access": "센터 안에서만",
        "inspection": "분기별 점검",
        "liability": "손해배상",
        "begins": date(2026, 1, 1),
        "ends": date(2026, 12, 31),
    }
    for wrong in ({"access": ""}, {"ends": date(2025, 1, 1)}, {"organisation": hall}):
        with pytest.raises(PrivacyError):
            add_contract(ACTOR, officer, city, **{**words, **wrong})
    add_contract(ACTOR, officer, city, **words)
    assert ProcessorContract.objects.count() == 1


def test_personal_data_ends_and_the_proofs_stay(django_database: TestDatabase) -> None:
    from madang.ground.trail.audit import check
    from madang.ground.trail.domain.sequencing import place_pending
    from madang.ground.trail.models import SignedHead
    from madang.ground.trail.notes import Ed25519Signer, key_of
    from madang.ground.trail.reading import database_rows

    city = City.objects.create(key="quiet")
    signer = Ed25519Signer("secret")
    for _ in range(5):
        record(Actor(name="홍길동", address="10.0.0.9"), Act("test.viewed", city=city.pk))
    place_pending("trail.test", signer)
    assert destroy_older(ACTOR, city, timezone.now(), "보관 기간 만료") == 5
    place_pending("trail.test", signer)
    assert names_in_the_trail().isdisjoint({"홍길동"})
    notes = list(SignedHead.objects.order_by("size").values_list("note", flat=True))
    with psycopg.connect(django_database.app_url) as connection:
        report = check(database_rows(connection), notes, [key_of("trail.test", signer)])
    assert report.sound
    assert report.destroyed == 5


def names_in_the_trail() -> set[str]:
    with opened(None):
        return set(Personal.objects.values_list("name", flat=True))


def ask(account: Account, path: str, **words: Any) -> Any:
    client = Client()
    client.force_login(account)
    return client.post(f"/quiet/{path}", words) if words else client.get(f"/quiet/{path}")


@pytest.mark.django_db
def test_the_trail_is_searched_and_the_search_is_written_down(
    city: City, person: MakePerson
) -> None:
    officer, operator = person("privacy_officer"), person("operator")
    actor = Actor(account=operator.pk, name=str(operator), address="10.1.2.3")
    entry = record(
        actor, Act("test.viewed", city=city.pk, thing=("camera", "77"), reason="112 요청")
    )
    for path in (
        "",
        "?thing=77",
        "?action=test.viewed",
        "?since=2026-01-01",
    ):
        text = ask(officer, f"privacy/{path}").content.decode()
        assert "112 요청" in text, path
    client = Client()
    client.force_login(officer)
    by_name = client.post("/quiet/privacy/", {"who": operator.name}, follow=True)
    assert "112 요청" in by_name.content.decode()
    file = ask(officer, "privacy/?thing=77&export=csv")
    assert "112 요청" in b"".join(file.streaming_content).decode()
    assert "112 요청" not in ask(officer, "privacy/?thing=78").content.decode()
    assert ask(officer, "privacy/?since=nonsense&until=9999-12-31").status_code == 200
    assert Entry.objects.filter(action="privacy.trail.searched", actor=officer.pk).count() == 7
    page = ask(officer, f"privacy/entries/{entry}/")
    assert page.status_code == 200
    assert ask(operator, "privacy/").status_code == 403


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path", ["anomalies/", "months/", "months/2026-3/", "breaches/", "requests/", "contracts/"]
)
def test_every_page_opens_to_the_officer(person: MakePerson, path: str) -> None:
    answer = ask(person("privacy_officer"), f"privacy/{path}")
    assert answer.status_code == 200
    assert "style=" not in answer.content.decode()


@pytest.mark.django_db
def test_the_forms_do_what_they_say(city: City, person: MakePerson) -> None:
    officer = person("privacy_officer")
    words = {"kind": "leak", "learned": "2026-03-01T09:00", "what": "명단", "persons": "5"}
    assert ask(officer, "privacy/breaches/", **words).status_code == 302
    breach = Breach.objects.get()
    words = {"persons": "6", "measures": "회수", "told": "2026-03-01T10:00"}
    assert ask(officer, f"privacy/breaches/{breach.pk}/", **words).status_code == 302
    assert ask(officer, "privacy/months/2026-3/", finding="이상 없음").status_code == 302
    assert month_report(city, date(2026, 3, 1)).entries == 0


@pytest.mark.django_db
def test_no_review_is_asked_for_before_the_city_was_here(city: City, person: MakePerson) -> None:
    officer = person("privacy_officer")

    def months() -> list[Any]:
        return list(ask(officer, "privacy/months/").context["months"])

    assert len(months()) == 1
    City.objects.filter(pk=city.pk).update(created=timezone.now() - timedelta(days=75))
    assert len(months()) in (3, 4)
    City.objects.filter(pk=city.pk).update(created=timezone.now() - timedelta(days=5000))
    assert len(months()) == 24


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["months/1999-1/", "months/2026-13/", "months/9999-1/"])
def test_a_month_that_cannot_be_is_not_found(person: MakePerson, path: str) -> None:
    assert ask(person("privacy_officer"), f"privacy/{path}").status_code == 404


@pytest.mark.django_db
def test_the_privacy_officer_is_told_of_an_emergency_access(
    city: City, person: MakePerson, settings: Any
) -> None:
    from django.core import mail
    from procrastinate.contrib.django.models import ProcrastinateJob

    from madang.ground.people.domain.grants import break_glass, review_glass
    from madang.ground.privacy import tasks

    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    operator, officer, other = person("operator"), person("privacy_officer"), person("planner")
    glass = break_glass(ACTOR, operator, city, "실종 아동을 찾고 있음")
    job = ProcrastinateJob.objects.get(task_name="privacy.tell_of_glass")
    tasks.tell_of_glass(**job.args)
    assert [letter.to for letter in mail.outbox] == [[officer.email]]
    assert "/quiet/people/emergency/" in mail.outbox[0].body
    assert "실종" not in mail.outbox[0].body + mail.outbox[0].subject
    assert Entry.objects.get(action="privacy.glass.told").detail == {"officers": 1}
    notice = 'class="note warning page-note"'
    assert notice in ask(officer, "privacy/").content.decode()
    assert notice not in ask(other, "").content.decode()
    assert notice not in ask(operator, "").content.decode()
    review_glass(Actor(account=officer.pk), glass, "아동을 찾음", True)
    assert notice not in ask(officer, "privacy/").content.decode()


@pytest.mark.django_db
def test_a_city_without_a_privacy_officer_tells_its_administrators(
    city: City, person: MakePerson
) -> None:
    from madang.ground.privacy.telling import officers

    administrator = person("administrator")
    assert officers(city.pk) == [administrator]
    officer = person("privacy_officer")
    assert officers(city.pk) == [officer]


@pytest.mark.django_db
def test_personal_data_ends_when_its_time_is_over(
    city: City, person: MakePerson, settings: Any
) -> None:
    now = timezone.now()
    record(Actor(name="홍길동"), Act("test.viewed", city=city.pk))
    words = {"name": "김철수", "contact": "010", "place": "x", "begins": NOON, "purpose": "파손"}
    words["born"] = date(1970, 1, 1)
    words["ends"] = NOON + timedelta(hours=1)
    answered, waiting = open_request(ACTOR, city, **words), open_request(ACTOR, city, **words)
    decide_request(ACTOR, answered, Answer("refused", "보관 기간이 지나 삭제됨"))
    assert end_personal_data(city, now + timedelta(days=365)) == (0, 0)
    entries, askers = end_personal_data(
        city, now + timedelta(days=settings.TRAIL_PERSONAL_DAYS + 1)
    )
    assert entries >= 4
    assert askers == 1
    assert names_in_the_trail().isdisjoint({"홍길동"})
    with ledger.opened(city.pk):
        ended = FootageRequest.objects.get(pk=answered.pk)
        assert (ended.name, ended.contact, ended.purpose, ended.born) == ("", "", "", None)
        assert ended.place == "x"
        assert FootageRequest.objects.get(pk=waiting.pk).name == "김철수"


def test_raw_sql_finds_no_personal_data_that_nobody_opened(django_database: TestDatabase) -> None:
    here, far = City.objects.create(key="here"), City.objects.create(key="far")
    for city in (here, far):
        record(Actor(name=f"사람 {city.key}"), Act("test.viewed", city=city.pk))
        words = {"name": "청구인", "place": "x", "begins": NOON, "ends": NOON + timedelta(hours=1)}
        open_request(ACTOR, city, **words)
    with psycopg.connect(django_database.app_url) as raw:
        assert raw.execute("SELECT name FROM trail_personal").fetchall() == []
        assert raw.execute("DELETE FROM trail_personal").rowcount == 0
        assert raw.execute("SELECT name FROM privacy_footagerequest").fetchall() == []
        assert raw.execute("UPDATE privacy_footagerequest SET name = 'x'").rowcount == 0
        raw.execute("SELECT set_config('madang.personal', %s, true)", [str(here.pk)])
        raw.execute("SELECT set_config('madang.ledger', %s, true)", [str(here.pk)])
        names = raw.execute("SELECT DISTINCT name FROM trail_personal ORDER BY 1").fetchall()
        assert names == [("test",), ("사람 here",)]
        assert raw.execute("SELECT count(*) FROM privacy_footagerequest").fetchone() == (1,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            raw.execute("UPDATE privacy_footagerequest SET city_id = %s", [far.pk])
    with psycopg.connect(
        django_database.app_url
    ) as raw:  # what was said ended with its transaction
        assert raw.execute("SELECT count(*) FROM trail_personal").fetchone() == (0,)
        with raw.transaction(force_rollback=True), pytest.raises(psycopg.Error):
            raw.execute("ALTER TABLE trail_personal DISABLE ROW LEVEL SECURITY")
        raw.execute("SET row_security = off")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            raw.execute("SELECT count(*) FROM trail_personal")
