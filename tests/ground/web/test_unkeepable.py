"""What PostgreSQL cannot keep is refused before it is tried, with its place."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madang.ground.web.unkeepable import unkeepable

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXT,
    lambda inner: st.lists(inner) | st.dictionaries(TEXT, inner),
)


@given(VALUES)
def test_what_can_be_kept_passes(value: Any) -> None:
    assert unkeepable(json.dumps(value).encode()) is None


@pytest.mark.parametrize(
    ("value", "place"),
    [
        ({"views": [{"name": "a\0"}]}, "/views/0/name"),
        ({"panes": {"8\0": 1}}, "/panes"),
        ("\ud800", "/"),
        ({"a": "😀", "b": ["\udc00"]}, "/b/0"),
    ],
)
def test_what_cannot_is_named(value: Any, place: str) -> None:
    assert unkeepable(json.dumps(value).encode()) == place


def test_an_escaped_backslash_is_no_letter() -> None:
    assert unkeepable(rb'{"path": "C:\\u0000"}') is None


def test_what_is_no_json_is_left_to_its_reader() -> None:
    assert unkeepable(rb'{"a": "\u0000') is None
