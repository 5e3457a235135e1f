"""A leaf must come out of the database as the bytes it went in as, whatever a system put in detail."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from madang.ground.trail import actions
from madang.ground.trail.domain.sequencing import leaf_of
from madang.ground.trail.leaf import plain, text
from madang.ground.trail.models import Entry
from madang.ground.trail.personal import opened
from madang.ground.trail.public import Act, Actor, declare, record

if "test.happened" not in {action.name for action in actions.actions()}:
    declare("test.happened", "Something happened")

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(JSON)
def test_plain_changes_nothing_the_second_time(value: Any) -> None:
    assert json.dumps(plain(plain(value))) == json.dumps(plain(value))


@given(st.text(alphabet=st.characters()))
def test_text_is_always_storable(value: str) -> None:
    assert "\x00" not in text(value).encode().decode()


@pytest.mark.django_db
@given(detail=st.dictionaries(st.text(), JSON, max_size=4), reason=st.text())
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_an_entry_makes_the_same_leaf_when_it_is_read_again(
    detail: dict[str, Any], reason: str
) -> None:
    from madang.ground.trail.audit import check
    from madang.ground.trail.leaf import leaf_data
    from madang.ground.trail.merkle import leaf_hash

    entry = record(Actor(name="테스트"), Act("test.happened", detail=detail, reason=reason))
    with opened(None), connection.cursor() as cursor:
        cursor.execute(
            "SELECT e.id::text, (extract(epoch FROM time) * 1000000)::bigint, city::text,"
            ' actor::text, organisation::text, action, thing_kind, thing_id, "right",'
            " e.detail::text, commitment, salt, name, address, reason, p.detail::text"
            " FROM trail_entry e JOIN trail_personal p ON p.entry_id = e.id WHERE e.id = %s",
            [entry],
        )
        row = cursor.fetchone()
    assert row is not None
    leaf = leaf_hash(leaf_of(row[:11]))
    read = [*row[:10], bytes(row[10])]
    report = check([(0, leaf, read, bytes(row[11]), row[12:])], [], [])
    assert report.findings == []
    stored = Entry.objects.get(pk=entry)
    assert leaf_data(read[:9], stored.detail, read[10]) == leaf_of(row[:11])


@pytest.mark.django_db
def test_an_unknown_action_is_refused_and_says_what_to_do() -> None:
    with pytest.raises(actions.UnknownActionError, match=r"actions\.py"):
        record(Actor(), Act("test.never_declared"))


def test_no_number_that_json_lacks_is_kept() -> None:
    with pytest.raises(ValueError, match="nan"):
        plain({"a": float("nan")})
