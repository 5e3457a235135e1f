from __future__ import annotations

from pathlib import Path
from typing import ClassVar

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from madang.ground.bus.columns import Float32, Int32, Words, words
from madang.ground.bus.messages import Batch, Body, MessageError, Reader, encode

SAMPLES = Path(__file__).parent / "samples"


class Depths(Batch, frozen=True, kw_only=True, tag="test-depths"):
    """Version 2: version 1 called the depth `level` and had it in centimetres."""

    VERSION: ClassVar[int] = 2

    device: Int32
    depth: Float32
    place: Words


def from_centimetres(body: Body) -> Body:
    level = np.frombuffer(body.pop("level"), dtype="<f4") / 100
    return {**body, "depth": level.astype("<f4").tobytes()}


Depths.UPGRADES = {1: from_centimetres}


def depths(devices: list[int], values: list[float], places: list[str]) -> Depths:
    return Depths(
        city="yard",
        source="test",
        device=np.array(devices, dtype=np.int32),
        depth=np.array(values, dtype=np.float32),
        place=words(places),
    )


rows = st.lists(
    st.tuples(
        st.integers(-(2**31), 2**31 - 1),
        st.floats(width=32, allow_nan=True, allow_infinity=True),
        st.text(max_size=8),
    ),
    max_size=20,
)


@given(rows)
def test_a_batch_comes_back_as_it_was_said(rows: list[tuple[int, float, str]]) -> None:
    said = depths([r[0] for r in rows], [r[1] for r in rows], [r[2] for r in rows])
    heard = Reader(Depths).decode(encode(said))
    assert isinstance(heard, Depths)
    assert (heard.id, heard.city, heard.made, heard.version) == (said.id, "yard", said.made, 2)
    np.testing.assert_array_equal(heard.device, said.device)
    np.testing.assert_array_equal(heard.depth, said.depth)
    assert heard.place.rows() == [r[2] for r in rows]


@given(rows, st.data())
def test_taking_rows_takes_them_of_every_column(
    rows: list[tuple[int, float, str]], data: st.DataObject
) -> None:
    said = depths([r[0] for r in rows], [r[1] for r in rows], [r[2] for r in rows])
    mask = np.array(data.draw(st.lists(st.booleans(), min_size=len(rows), max_size=len(rows))))
    chosen = said.take(mask.astype(bool))
    kept = [row for row, keep in zip(rows, mask, strict=True) if keep]
    assert chosen.device.tolist() == [row[0] for row in kept]
    assert chosen.place.rows() == [row[2] for row in kept]


def test_columns_of_different_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="differ in length"):
        depths([1, 2], [0.5], ["a", "b"])


def test_a_message_of_the_version_before_is_read() -> None:
    old = {
        "kind": "test-depths",
        "version": 1,
        "id": "one",
        "city": "yard",
        "source": "test",
        "made": 1,
        "device": np.array([7], dtype="<i4").tobytes(),
        "level": np.array([150.0], dtype="<f4").tobytes(),
        "place": {"words": ["bridge"], "codes": np.array([0], dtype="<i4").tobytes()},
    }
    read = Reader(Depths).decode(msgspec.msgpack.encode(old))
    assert isinstance(read, Depths)
    assert read.depth.tolist() == [1.5]
    assert read.version == 2


def test_a_message_of_a_version_to_come_says_what_to_do() -> None:
    data = msgspec.msgpack.encode({"kind": "test-depths", "version": 9})
    with pytest.raises(MessageError, match="up to version 2"):
        Reader(Depths).decode(data)


def test_another_kind_is_not_taken_for_this_one() -> None:
    with pytest.raises(MessageError, match="'heights'"):
        Reader(Depths).decode(msgspec.msgpack.encode({"kind": "heights", "version": 1}))


@given(st.binary(max_size=200))
def test_no_bytes_do_worse_than_an_error_that_says_so(data: bytes) -> None:
    with pytest.raises(MessageError):
        Reader(Depths).decode(data)


@given(rows, st.data())
def test_a_damaged_message_is_an_error_or_a_message(
    rows: list[tuple[int, float, str]], data: st.DataObject
) -> None:
    wire = bytearray(
        encode(depths([r[0] for r in rows], [r[1] for r in rows], [r[2] for r in rows]))
    )
    place = data.draw(st.integers(0, len(wire) - 1))
    wire[place] = data.draw(st.integers(0, 255))
    try:
        Reader(Depths).decode(bytes(wire))
    except MessageError:
        return
