"""The page of jobs: for those who look after the platform, and what they do there is in the trail."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from procrastinate.contrib.django.models import ProcrastinateJob

from fixtures.people import add_factor
from ground.jobs.sample_tasks import write_line
from madang.ground.city.models import City
from madang.ground.people.models import Account
from madang.ground.people.public import create_account
from madang.ground.trail.models import Entry
from madang.ground.trail.public import Actor

pytestmark = pytest.mark.django_db


@pytest.fixture
def steward() -> Account:
    account = create_account(Actor(), "steward@city.example", "김관리", steward=True)
    add_factor(account)
    return account


@pytest.fixture
def job() -> int:
    return int(write_line.defer(path="/tmp/비밀", text="a secret of the city"))


def test_a_visitor_signs_in_first(client: Client, job: int) -> None:
    response = client.get("/platform/jobs/")
    assert response.status_code == 302
    assert "/account/login/" in response["Location"]


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("path", ["", "{job}/", "{job}/retry/", "{job}/cancel/"])
def test_an_account_without_the_right_sees_and_does_nothing(
    client: Client, job: int, method: str, path: str
) -> None:
    client.force_login(create_account(Actor(), "citizen@city.example", "이시민"))
    response = getattr(client, method)(f"/platform/jobs/{path.format(job=job)}")
    assert response.status_code in (403, 405)
    assert "a secret of the city" not in response.content.decode()
    assert ProcrastinateJob.objects.get(pk=job).status == "todo"


def test_a_steward_sees_queues_and_jobs(client: Client, job: int, steward: Account) -> None:
    client.force_login(steward)
    page = client.get("/platform/jobs/?task=sample").content.decode()
    assert reverse("platform:job", args=[job]) in page
    assert "Write a line" in page
    detail = client.get(reverse("platform:job", args=[job])).content.decode()
    assert "a secret of the city" in detail


def test_times_are_those_of_the_real_city(client: Client, job: int, steward: Account) -> None:
    City.objects.create(key="demo", names={}, simulated=True, time_zone="Asia/Tokyo")
    City.objects.create(key="suwon", names={}, time_zone="Asia/Seoul")
    client.force_login(steward)
    page = client.get(reverse("platform:job", args=[job])).content.decode()
    assert " KST" in page
    assert " UTC" not in page
    assert " JST" not in page


def test_calling_a_job_off_leaves_a_trace(client: Client, job: int, steward: Account) -> None:
    client.force_login(steward)
    client.post(reverse("platform:cancel_job", args=[job]))
    assert ProcrastinateJob.objects.get(pk=job).status == "cancelled"
    assert Entry.objects.filter(action="platform.job.cancelled", thing_id=str(job)).count() == 1


def test_a_job_that_did_not_fail_is_not_begun_again(
    client: Client, job: int, steward: Account
) -> None:
    client.force_login(steward)
    page = client.post(reverse("platform:retry_job", args=[job]), follow=True)
    assert "toast error" in page.content.decode()
    assert not Entry.objects.filter(action="platform.job.retried").exists()


def test_a_job_that_is_not_there(client: Client, steward: Account) -> None:
    client.force_login(steward)
    assert client.get(reverse("platform:job", args=[10**12])).status_code == 404
