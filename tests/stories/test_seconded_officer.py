"""An administrator invites a seconded officer, who sets up a passkey and sees exactly what is granted,
until the grant ends while the page is open."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID, uuid4

import pytest

from fixtures.browser import Site, Visitor, barriers

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.story]
PASSWORD = "보리차 한 잔 더 주세요"
NOTHING = "없음: 담당 범위, 허가, 비상 열람 어느 것으로도 열려 있지 않습니다."
SHORT = 9  # seconds of a grant that is seen to run out, and to be there before
PASSKEY = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


Result = TypeVar("Result")


def beside(site: Site, act: Callable[[], Result]) -> Result:
    """Do something on the site's database, in a thread: Playwright's loop runs in this one."""

    def inside() -> Result:
        with site.django():
            return act()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(inside).result()


def make_quiet() -> str:
    """A city with a police station; the session of its administrator."""
    from django.test import Client

    from fixtures.people import make_person
    from fixtures.sites import make_sites
    from madang.ground.city.public import make_city
    from madang.ground.people.public import create_organisation
    from madang.ground.trail.public import Actor

    actor = Actor(name="test")
    city = make_city("quiet", {"ko": "고요시", "en": "Quiet"}, actor, simulated=True)
    make_sites(
        city,
        ("경기도 고요시 학교길 1", "school-zone", 127.002),
        ("경기도 고요시 시장길 2", "crime", 127.004),
        ("경기도 고요시 뒷길 3", "crime", 127.006),
    )
    hall = create_organisation(actor, city, "hall", "city", {"ko": "시청"})
    create_organisation(actor, city, "police", "police", {"ko": "경찰서"})
    client = Client()
    client.force_login(make_person("administrator", hall))
    return str(client.cookies["sessionid"].value)


def give_grant(sites: Sequence[UUID], incident: str, seconds: float) -> Any:
    from django.utils import timezone

    from madang.ground.people.domain.grants import Incident, give_grant
    from madang.ground.people.models import Organisation
    from madang.ground.trail.public import Actor

    police = Organisation.objects.get(key="police")
    until = timezone.now() + timedelta(seconds=seconds)
    return give_grant(
        Actor(name="조장"), police, Incident(uuid4(), incident), sites, until, "실종 아동 수색"
    )


def site_ids() -> list[UUID]:
    from madang.systems.cameras.models import Site

    return list(Site.objects.order_by("key").values_list("pk", flat=True))


def state_of(grant: Any) -> str:
    from madang.ground.people.models import Grant

    return Grant.objects.get(pk=grant.pk).state


def revoke(grant: Any) -> None:
    from madang.ground.people.domain.grants import revoke_grant
    from madang.ground.trail.public import Actor

    revoke_grant(Actor(name="조장"), grant, "아동을 찾음")


def test_a_seconded_officer_sees_what_is_granted_until_it_ends(
    site: Site, visit: Visitor, shoot: Callable[[Page, str], Path]
) -> None:
    address = _invite(visit, beside(site, make_quiet))
    page = visit(address)
    _authenticator(page)
    page.fill("input[name=password]", PASSWORD)
    page.click("form.form button.primary")
    page.wait_for_url("**/account/")

    page.goto(f"{site.url}/quiet/people/grants/mine/")
    assert "2차 인증" in page.inner_text("h1")
    page.click("a:has-text('2차 인증')")
    _set_up_passkey(page, site)

    page.goto(f"{site.url}/quiet/people/grants/mine/")
    page.wait_for_selector("text=지금 열려 있는 카메라가 없습니다")
    assert barriers(page) == []
    assert page.goto(f"{site.url}/quiet/people/").status == 403  # type: ignore[union-attr]
    visit.complaints.clear()  # Chromium calls the refusal an error

    _sees_what_is_granted(page, site, shoot)
    _sign_in_by_passkey_alone(page, site)


def _sees_what_is_granted(page: Page, site: Site, shoot: Callable[[Page, str], Path]) -> None:
    """One page, open all the time: what is granted comes, runs out by the clock, and is revoked."""
    school, market, hidden = beside(site, site_ids)
    page.goto(f"{site.url}/quiet/people/grants/mine/")
    assert [_may(page, site, one) for one in (school, market)] == [NOTHING, NOTHING]

    grant = beside(site, lambda: give_grant([school], "2026-000007 실종 아동", 3600))
    short = beside(site, lambda: give_grant([market], "2026-000008 화재", SHORT))
    page.wait_for_selector("text=2026-000007 실종 아동")
    page.wait_for_selector("text=시장길 2")
    assert page.locator("#granted li").all_inner_texts() == [
        "경기도 고요시 시장길 2 · 생활방범",
        "경기도 고요시 학교길 1 · 스쿨존",
    ]
    assert [_may(page, site, one) for one in (school, market, hidden)] == [
        "실시간 보기",
        "실시간 보기",
        NOTHING,
    ]
    shoot(page, "people-granted-ko")

    page.wait_for_selector("text=시장길 2", state="detached")  # nobody does anything: time runs out
    assert beside(site, lambda: state_of(short)) == "over"
    assert "학교길 1" in page.inner_text("#granted")
    assert [_may(page, site, one) for one in (school, market)] == ["실시간 보기", NOTHING]

    beside(site, lambda: revoke(grant))
    page.wait_for_selector("text=지금 열려 있는 카메라가 없습니다")
    assert _may(page, site, school) == NOTHING


def _may(page: Page, site: Site, camera: UUID) -> str:
    """What the console says that whoever is signed in on page may do with a camera."""
    answer = page.request.get(f"{site.url}/api/v1/cities/quiet/console/things/camera/{camera}")
    facts = {fact["title"]: fact["text"] for fact in answer.json()["facts"]}
    return str(facts["할 수 있는 것"])


def _invite(visit: Visitor, cookie: str) -> str:
    page = visit("/quiet/people/invitations/new/", cookies={"sessionid": cookie})
    page.fill("input[name=email]", "officer@example.org")
    page.fill("input[name=name]", "새 경찰관")
    page.select_option("select[name=organisation]", label="경찰서")
    page.select_option("select[name=role]", value="seconded_police")
    page.click("form.form button.primary")
    address = page.inner_text("code.secret")
    return "/account/" + address.split("/account/")[1]


def _authenticator(page: Page) -> None:
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    session.send("WebAuthn.addVirtualAuthenticator", {"options": PASSKEY})


def _set_up_passkey(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/account/2fa/webauthn/add/")
    page.fill("input[name=password]", PASSWORD)
    page.click("form.form button.primary")
    page.wait_for_url("**/2fa/webauthn/add/")
    page.fill("input[name=name]", "내 휴대전화")
    page.check("input[name=passwordless]")
    page.click("#mfa_webauthn_add")
    page.wait_for_url(lambda url: "webauthn/add" not in url)


def _sign_in_by_passkey_alone(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/account/logout/")
    page.click("form.form button.primary")
    page.goto(f"{site.url}/account/login/")
    page.click("#passkey_login")
    page.wait_for_url(lambda url: "login" not in url)
    page.goto(f"{site.url}/account/")
    assert "officer@example.org" in page.inner_text("main")
