"""The privacy officer's room when something waits, and a citizen who asks for footage of themselves."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from fixtures.browser import Site, Visitor, barriers, sign_in

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from madang.ground.city.models import City
    from madang.ground.people.models import Account

pytestmark = [pytest.mark.browser, pytest.mark.story]
# What each page must show of what make_room put there.
PAGES = {
    "trail": ("", "사람 0"),
    "anomalies": ("anomalies/", "하루에 많은 반출"),
    "months": ("months/", "미점검"),
    "breaches": ("breaches/", "남음"),
    "requests": ("requests/", "학교길 1"),
    "contracts": ("contracts/", "재위탁"),
    "notices": ("../notices/", "72시간이 지났으나"),
}


@pytest.fixture(scope="module")
def officer(site: Site) -> dict[str, str]:
    """The session of a privacy officer in whose city much waits."""
    with site.django():
        from fixtures.people import make_person
        from madang.ground.city.models import City
        from madang.ground.people.public import create_organisation
        from madang.ground.trail.public import Actor

        city = City.objects.create(key="quiet", names={"ko": "고요시"}, simulated=True)
        hall = create_organisation(Actor(name="test"), city, "hall", "city", {"ko": "시청"})
        account = make_person("privacy_officer", hall)
        make_room(city, account)
        return sign_in(account)


def make_room(city: City, officer: Account) -> None:
    """Breaches under way and late, requests, a contract, and looking that asks for a second look."""
    from django.utils import timezone

    from madang.ground.city.models import City
    from madang.ground.people.domain.accounts import create_account
    from madang.ground.people.public import create_organisation
    from madang.ground.privacy.domain import duties, footage
    from madang.ground.privacy.telling import tell_of_terms
    from madang.ground.trail.public import Act, Actor, record

    now = timezone.now()
    City.objects.filter(pk=city.pk).update(created=now - timedelta(days=75))  # months to review
    actor = Actor(account=officer.pk, name=officer.name, address="10.0.0.7")
    leak = {"what": "열람 대장이 잘못 발송됨", "persons": 12, "sensitive": False, "measures": ""}
    duties.open_breach(actor, officer, city, kind="leak", learned=now - timedelta(hours=20), **leak)
    duties.open_breach(
        actor, officer, city, kind="abuse", learned=now - timedelta(hours=80), **leak
    )
    tell_of_terms(now)
    footage.open_request(
        actor,
        city,
        name="김시민",
        contact="010-0000-0000",
        place="학교길 1",
        begins=now - timedelta(days=2),
        ends=now - timedelta(days=2, hours=-1),
        purpose="차량 파손",
    )
    firm = create_organisation(actor, city, "watchers", "contractor", {"ko": "가나관제(주)"})
    items = {
        "scope": "관제 인력 운영",
        "subcontracting": "재위탁은 사전 서면 동의를 받아야 함",
        "access": "접근권한 최소 부여, 접속기록 2년 보관",
        "inspection": "분기마다 현장 점검",
        "liability": "손해배상 및 계약 해지",
    }
    day = date(now.year, 1, 1)
    duties.add_contract(
        actor, officer, city, organisation=firm, begins=day, ends=date(now.year, 12, 31), **items
    )
    exporter = create_account(actor, "night@example.org", "한밤중")
    eyes = Actor(account=exporter.pk, name=exporter.name, address="10.0.0.9")
    for _ in range(6):
        for action in ("people.cameras.export", *["people.cameras.enlarge"] * 4):
            thing = ("camera", str(firm.pk))
            record(
                eyes,
                Act(action, city=city.pk, thing=thing, right="people.reason", reason="순찰관제"),
            )


@pytest.mark.parametrize(
    ("theme", "width"), [("dark", 1280), ("light", 360)], ids=["desk-dark", "phone"]
)
def test_what_waits_is_seen(
    visit: Visitor,
    shoot: Callable[[Page, str], Path],
    officer: dict[str, str],
    theme: str,
    width: int,
) -> None:
    page = visit("/quiet/privacy/", cookies=officer, theme=theme, width=width)
    for name, (path, words) in PAGES.items():
        page.goto(f"{visit.site.url}/quiet/privacy/{path}")
        shoot(page, f"privacy-{name}-{width}")
        assert words in page.inner_text("main"), name
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
        assert barriers(page) == [], name
    page.goto(f"{visit.site.url}/quiet/privacy/breaches/")
    page.locator("tbody th a").first.click()
    page.wait_for_selector("text=조치")
    shoot(page, f"privacy-breach-{width}")
    assert barriers(page) == []


def test_a_citizen_asks_on_the_phone_and_reads_the_answer(
    visit: Visitor, shoot: Callable[[Page, str], Path], officer: dict[str, str]
) -> None:
    """Without an account, and with scripts off: everybody must be able to ask."""
    page = visit("/quiet/footage/", width=360, script=False)
    words = {
        "name": "홍길동",
        "contact": "010-1234-5678",
        "born": "1970-01-31",
        "place": "장안사거리",
        "begins": "2026-03-10T09:00",
        "ends": "2026-03-10T10:00",
        "purpose": "자전거를 잃어버렸습니다. 파란 헬멧.",
    }
    for name, value in words.items():
        page.fill(f"[name={name}]", value)
    page.click("form button.primary >> text=청구서 보내기")
    number, secret = page.locator(".receipt strong").all_inner_texts()
    shoot(page, "footage-receipt-360")

    desk = visit("/quiet/privacy/requests/", cookies=officer)
    desk.click("tbody th a:text-is('" + number + "')")
    desk.select_option("[name=decision]", "given")
    desk.fill("[name=where]", "도시안전통합센터 2층 열람실")
    desk.fill("[name=when]", "2099-03-12T14:00")
    desk.check("[name=masked]")
    desk.click("form button.primary")
    desk.wait_for_selector("text=열람실")
    shoot(desk, "footage-desk-1280")
    assert barriers(desk) == []

    page.click("main a.button >> text=내 청구 조회")
    page.fill("[name=number]", number)
    page.fill("[name=secret]", secret)
    page.click("form button.primary")
    assert "도시안전통합센터 2층 열람실" in page.inner_text("main")
    shoot(page, "footage-status-360")
    for language, heading in (("en", "Footage of yourself"), ("ja", "自分の映像の閲覧請求")):
        other = visit("/quiet/footage/", language=language, theme="dark", width=360)
        shoot(other, f"footage-ask-{language}-360")
        assert heading in other.inner_text("h1")
        assert other.evaluate("document.documentElement.scrollWidth <= innerWidth"), language
    assert barriers(other) == []
