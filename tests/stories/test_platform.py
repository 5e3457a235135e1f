"""What those who look after the platform see: its jobs, and the reference of its API."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from fixtures.browser import Serve, Site, Visitor, barriers, sign_in
from fixtures.people import add_factor

if TYPE_CHECKING:
    from playwright.sync_api import Page

SITE = Serve(modules=("ground.jobs.sample_tasks",))
pytestmark = [pytest.mark.browser, pytest.mark.story]


@pytest.fixture(scope="module")
def steward(site: Site) -> dict[str, str]:
    """The cookies of somebody who looks after the platform, with jobs to look at."""
    with site.django():
        from ground.jobs.sample_tasks import fail, write_line
        from madang.ground.jobs.models import Failure
        from madang.ground.people.public import create_account
        from madang.ground.trail.public import Actor

        for n in range(30):
            write_line.defer(path="/nowhere", text=f"{n}")
        job = fail.defer(path="/nowhere")
        Failure.objects.create(
            job=job, attempt=1, error="ValueError: no name", traceback="Traceback …\n  line 3"
        )
        account = create_account(Actor(), "steward@city.example", "김관리", steward=True)
        add_factor(account)
        return sign_in(account)


@pytest.mark.parametrize(
    ("theme", "width", "name"),
    [("light", 1280, "desk"), ("dark", 1280, "desk-dark"), ("light", 360, "phone")],
)
def test_jobs(
    visit: Visitor,
    shoot: Callable[[Page, str], Path],
    steward: dict[str, str],
    theme: str,
    width: int,
    name: str,
) -> None:
    page = visit("/platform/jobs/", cookies=steward, theme=theme, width=width)
    shoot(page, f"jobs-{name}")
    assert barriers(page) == []
    page.locator("tbody th a").first.click()
    page.wait_for_load_state()
    assert "no name" in page.content()
    shoot(page, f"job-{name}")
    assert barriers(page) == []
    if name == "phone":
        page.locator("form[action*=cancel] button").click()
        page.locator(".toast.success").wait_for()


@pytest.mark.parametrize("width", [1280, 360])
def test_the_reference_of_the_api(
    visit: Visitor, shoot: Callable[[Page, str], Path], width: int
) -> None:
    page = visit("/api/docs", width=width, language="en")
    page.locator("details.operation summary").first.click()
    shoot(page, f"api-{width}")
    assert barriers(page) == []
