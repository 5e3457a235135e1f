"""Figures of people's pages with a city's worth of accounts: signing in, and the lists."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg

from bench.installation import installation
from bench.report import figure, heading, percentile

ACCOUNTS = int(os.environ.get("BENCH_ACCOUNTS", 100_000))
ASKED = 60
PASSWORD = "보리차 한 잔 더 주세요"
LISTS = {
    "first": "",
    "far_on": "?after={far}",  # the 50,000th of 100,000
    "last_page": "?before=last",
    "search": "?asked={asked}",
    "role": "?role=operator",
    "by_end": "?sort=-until",
}

# Everybody has the same password's hash: what is measured is one sign-in, and each checks it anew.
FILL = """
WITH made AS (
    INSERT INTO people_account (id, password, email, name, language, is_active, steward, demo, joined)
    SELECT gen_random_uuid(), %(hash)s, 'person' || n || '@bench.example', '사람 ' || n, 'ko',
           true, false, false, now()
    FROM generate_series(1, %(count)s) AS n RETURNING id, email
), verified AS (
    INSERT INTO account_emailaddress (email, verified, "primary", user_id)
    SELECT email, true, true, id FROM made
)
INSERT INTO people_membership (id, city_id, account_id, organisation_id, role, begins, created)
SELECT gen_random_uuid(), %(city)s, id, %(hall)s,
       (ARRAY['operator', 'planner', 'agent', 'shift_leader'])[1 + ascii(right(id::text, 1)) %% 4],
       now(), now()
FROM made
"""


def main() -> None:
    heading("people's pages", accounts=ACCOUNTS, asked=ASKED)
    with installation() as home:
        administrator = _fill(home)
        bench_sign_in()
        bench_lists(administrator)


def bench_sign_in() -> None:
    """The form sent with the right password, until the answer is there, the password's hash with it."""
    from django.test import Client

    def sign_in(number: int) -> None:
        words = {"login": f"person{number + 1}@bench.example", "password": PASSWORD}
        client = Client(REMOTE_ADDR=f"10.1.0.{number + 1}")  # attempts of one address are limited
        assert client.post("/account/login/", words).status_code == 302

    spans = _spans(sign_in)
    figure("people.sign_in_p95", percentile(spans, 0.95) * 1e3, "ms", *_against_hash(spans))


def _against_hash(spans: list[float]) -> tuple[str, float]:
    """How much of it is the password's own hash, which is slow on purpose."""
    from django.contrib.auth.hashers import check_password, make_password

    hashed = make_password(PASSWORD)
    alone = _spans(lambda number: check_password(PASSWORD, hashed))
    return "checking the password's hash alone", percentile(spans, 0.95) / percentile(alone, 0.95)


def bench_lists(administrator: Any) -> None:
    """Pages of the list of people, as an administrator opens them."""
    from django.test import Client

    client = Client()
    client.force_login(administrator)
    # A name is asked for in a form's body and kept in the session: the address says only where.
    told = client.post("/bench/people/", {"q": "person12"}).headers["Location"]
    asked = told.partition("asked=")[2]
    far = _membership(ACCOUNTS // 2)
    for name, query in LISTS.items():
        path = "/bench/people/" + query.format(far=far, asked=asked)

        def ask(number: int, path: str = path) -> None:
            assert client.get(path).status_code == 200

        figure(f"people.list_{name}_p95", percentile(_spans(ask), 0.95) * 1e3, "ms")


def _membership(number: int) -> Any:
    """The membership that stands at number in the list by name."""
    from madang.ground.people.models import Membership

    rows = Membership.objects.order_by("account__name", "pk").values_list("pk", flat=True)
    return rows[number]


def _spans(act: Callable[[int], Any]) -> list[float]:
    spans = []
    act(ASKED)  # once to warm up
    for number in range(ASKED):
        began = time.perf_counter()
        act(number)
        spans.append(time.perf_counter() - began)
    return spans


def _fill(home: Path) -> Any:
    """A city with ACCOUNTS people in it; its administrator."""
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
    from django.contrib.auth.hashers import make_password

    from madang.ground.city.models import City
    from madang.ground.people.public import create_account, create_organisation, give_role
    from madang.ground.trail.public import Actor
    from madang.run import postgres

    actor = Actor(name="bench")
    city = City.objects.create(key="bench", simulated=True)
    hall = create_organisation(actor, city, "hall", "city", {"ko": "시청"})
    words = {"hash": make_password(PASSWORD), "count": ACCOUNTS, "city": city.pk, "hall": hall.pk}
    with psycopg.connect(postgres.url(home, postgres.SUPERUSER), autocommit=True) as connection:
        connection.execute(FILL, words)
        connection.execute("VACUUM ANALYZE")
    administrator = create_account(actor, "boss@bench.example", "책임자", PASSWORD)
    TOTP.activate(administrator, generate_totp_secret())
    give_role(actor, administrator, hall, "administrator")
    return administrator


if __name__ == "__main__":
    main()
