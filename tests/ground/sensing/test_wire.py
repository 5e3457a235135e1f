"""What docs/systems/sensing.md promises to devices is what is parsed."""

from __future__ import annotations

import contextlib
import re
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from madang.ground.sensing import wire

PAGE = (Path(__file__).parents[3] / "docs" / "systems" / "sensing.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```(json|msgpack) (\w+)\n(.*?)```", PAGE, re.DOTALL)

times = st.integers(0, 2**53) | st.datetimes(timezones=st.just(UTC))
numbers = st.floats(allow_nan=False, allow_infinity=False)
text = st.text(min_size=1, max_size=40)
FACTS: dict[str, st.SearchStrategy[wire.Fact]] = {
    "positions": st.builds(
        wire.Position,
        t=times,
        lon=numbers,
        lat=numbers,
        speed=st.none() | numbers,
        heading=st.none() | numbers,
        accuracy=st.none() | numbers,
    ),
    "readings": st.builds(wire.Reading, t=times, channel=text, value=numbers),
    "states": st.builds(wire.State, t=times, name=text, value=text, about=st.text(max_size=9)),
    "counts": st.builds(
        wire.Count,
        t=times,
        channel=text,
        seconds=st.floats(0.1, 86_400),
        count=st.integers(0, 1_000_000),
    ),
}


def test_the_page_has_an_example_of_everything() -> None:
    assert {what for _, what, _ in EXAMPLES} == set(wire.WHATS)
    assert {form for form, _, _ in EXAMPLES} == {"json", "msgpack"}


@pytest.mark.parametrize(("form", "what", "example"), EXAMPLES)
def test_every_example_of_the_page_is_read(form: str, what: str, example: str) -> None:
    payload = example.encode() if form == "json" else bytes.fromhex(example)
    facts = wire.parse(what, payload)
    assert facts
    assert all(wire.milliseconds(fact.t) > 1_790_000_000_000 for fact in facts)


def test_the_page_names_every_limit_and_topic() -> None:
    assert f"{wire.MOST_ROWS:,} facts" in PAGE
    assert f"{wire.MOST_BYTES // 1024} KiB" in PAGE
    assert wire.topic("{city}", "{device}", "positions") in PAGE
    assert wire.client_id("{city}", "{device}") in PAGE


@given(st.sampled_from(wire.WHATS), st.data(), st.booleans())
def test_what_is_said_is_read_in_both_forms(what: str, data: st.DataObject, many: bool) -> None:
    fact = data.draw(FACTS[what])
    said = [fact, fact] if many else fact
    for encode in (msgspec.json.encode, msgspec.msgpack.encode):
        read = wire.parse(what, encode(said))
        assert len(read) == (2 if many else 1)
        assert wire.milliseconds(read[0].t) == wire.milliseconds(fact.t)


@given(st.sampled_from([*wire.WHATS, "thoughts"]), st.binary(max_size=300))
def test_no_payload_does_worse_than_unreadable(what: str, payload: bytes) -> None:
    with contextlib.suppress(wire.Unreadable):
        assert isinstance(wire.parse(what, payload), list)


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b"", "malformed"),
        (b"null", "malformed"),
        (b'{"t": 1, "lon": 127.0}', "malformed"),
        (b'{"t": 1, "lon": "127.0", "lat": 37.2}', "malformed"),
        (b'{"t": 1, "lon": NaN, "lat": 37.2}', "malformed"),
        (b"[" * 5000, "malformed"),
        (b"[" + b",".join([b'{"t":1,"lon":127,"lat":37}'] * 1001) + b"]", "too_large"),
        (b" " * (wire.MOST_BYTES + 1), "too_large"),
    ],
)
def test_bad_payloads_are_refused_with_a_reason(payload: bytes, reason: str) -> None:
    with pytest.raises(wire.Unreadable) as caught:
        wire.parse("positions", payload)
    assert caught.value.reason == reason


def test_a_time_must_say_its_zone() -> None:
    with pytest.raises(wire.Unreadable, match="zone"):
        wire.milliseconds(datetime(2026, 11, 20, 9, 0))


def test_a_fact_may_have_fields_that_are_not_known_yet() -> None:
    assert wire.parse("positions", b'{"t": 1, "lon": 127, "lat": 37, "moon": "full"}')
