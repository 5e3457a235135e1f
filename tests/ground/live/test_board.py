"""Moving things: the newest counts, cells are kept apart, and every screen ends with the same picture."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from fixtures.screens import Map, Seen, frames
from madang.ground.live import cells
from madang.ground.live.board import Board
from madang.ground.live.kinds import Moving
from madang.ground.live.topic import Topic
from madang.ground.live.topics import BadTopic, Cell, TopicName, parse

VEHICLES = Moving("vehicles")
NOON = 1_782_874_800_000


class Screen:
    """Follows topics of a board and takes in what they say."""

    def __init__(self, board: Board, *topics: Topic) -> None:
        self.maps = {topic: Map() for topic in topics}
        self.heard: list[Seen] = []
        for topic in topics:
            board.follow(topic)
            topic.followers[self] = None
            self._take(topic, board.full(topic, NOON))

    def offer(self, topic: Topic, frame: bytes) -> None:
        self._take(topic, frame)

    def _take(self, topic: Topic, frame: bytes) -> None:
        [seen] = frames(frame)
        self.heard.append(seen)
        self.maps[topic].take(seen)


def whole() -> Topic:
    return Topic(TopicName("demo", "vehicles"), 1)


def cell(column: int, row: int, size: int = 512) -> Topic:
    return Topic(TopicName("demo", "vehicles", Cell(size, column, row)), 2 + column)


def put(board: Board, *rows: tuple[int, float, float], time: int = NOON) -> None:
    numbers = np.array([row[0] for row in rows], dtype=np.int32)
    x, y = (np.array([row[place] for row in rows], dtype=np.float64) for place in (1, 2))
    nothing = np.full(len(rows), np.nan, dtype=np.float32)
    times = np.full(len(rows), time, dtype=np.int64)
    board.put(numbers, times, [x, y, nothing, nothing])


def test_a_frame_says_where_how_old_and_what_else() -> None:
    board = Board(VEHICLES)
    screen = Screen(board, whole())
    board.put(
        np.array([7], dtype=np.int32),
        np.array([NOON - 1500], dtype=np.int64),
        [np.array([value]) for value in (10.0, -20.5, 90.0, 8.25)],
    )
    board.flush(NOON)
    seen = screen.heard[-1]
    assert seen.head == {"t": "change", "topic": 1, "seq": 1, "time": NOON, "rows": 1, "gone": 0}
    assert seen.ids == [7]
    assert [seen.column(place)[0] for place in range(1, 6)] == [10.0, -20.5, 1.5, 90.0, 8.25]


def test_a_state_is_said_beside_the_place_whichever_came_first() -> None:
    board = Board(VEHICLES)
    screen = Screen(board, whole())
    mark(board, 7, 2.0, NOON)
    put(board, (7, 1.0, 1.0), (8, 1.0, 1.0))
    board.flush(NOON)
    assert screen.heard[-1].column(6).tolist()[0] == 2.0
    assert np.isnan(screen.heard[-1].column(6)[1])
    mark(board, 8, 1.0, NOON + 5)
    mark(board, 8, 0.0, NOON + 4)
    board.flush(NOON)
    assert (screen.heard[-1].ids, screen.heard[-1].column(6).tolist()) == ([8], [1.0])


def mark(board: Board, number: int, state: float, time: int) -> None:
    board.mark(
        np.array([number], dtype=np.int32),
        np.array([time], dtype=np.int64),
        np.array([state], dtype=np.float32),
    )


def test_the_newest_fact_counts_whatever_the_order() -> None:
    board = Board(VEHICLES)
    screen = Screen(board, topic := whole())
    put(board, (7, 1.0, 1.0), (7, 2.0, 2.0), time=NOON)
    put(board, (7, 9.0, 9.0), time=NOON - 1)
    board.flush(NOON)
    assert screen.maps[topic].places == {7: (2.0, 2.0)}


def test_what_has_no_place_or_no_number_is_passed_over() -> None:
    board = Board(VEHICLES)
    nan, inf = float("nan"), float("inf")
    put(board, (1, nan, 0.0), (2, 0.0, inf), (0, 0.0, 0.0), (-5, 0.0, 0.0), (1 << 25, 0.0, 0.0))
    board.flush(NOON)
    assert len(board.things) == 0


def test_a_thing_leaves_one_cell_and_enters_the_next_in_the_same_flush() -> None:
    board = Board(VEHICLES)
    west, east = cell(0, 0), cell(1, 0)
    screen = Screen(board, west, east)
    put(board, (7, 500.0, 10.0))
    board.flush(NOON)
    assert (screen.maps[west].places, screen.maps[east].places) == ({7: (500.0, 10.0)}, {})
    put(board, (7, 520.0, 10.0), time=NOON + 1)
    board.flush(NOON)
    assert (screen.maps[west].places, screen.maps[east].places) == ({}, {7: (520.0, 10.0)})


def test_nothing_is_said_where_nothing_changed() -> None:
    board = Board(VEHICLES)
    screen = Screen(board, whole(), cell(0, 0), cell(5, 5))
    put(board, (7, 10.0, 10.0))
    board.flush(NOON)
    board.flush(NOON)
    assert len([seen for seen in screen.heard if seen["t"] == "change"]) == 2


def test_who_was_long_silent_is_gone_everywhere() -> None:
    board = Board(VEHICLES)
    everywhere, here = whole(), cell(0, 0)
    screen = Screen(board, everywhere, here)
    put(board, (7, 10.0, 10.0), (8, 20.0, 20.0))
    put(board, (8, 20.0, 20.0), time=NOON + 60_000)
    board.flush(NOON + 60_000)
    board.forget(NOON + 1)
    board.flush(NOON + 60_000)
    assert screen.maps[everywhere].places == screen.maps[here].places == {8: (20.0, 20.0)}
    put(board, (9, 30.0, 30.0), time=NOON + 60_000)
    board.flush(NOON + 60_000)
    assert set(screen.maps[here].places) == {8, 9}, "its room goes to another"


def test_a_full_frame_is_made_once_however_many_ask() -> None:
    board = Board(VEHICLES)
    topic = whole()
    board.follow(topic)
    put(board, (7, 10.0, 10.0))
    board.flush(NOON)
    assert board.full(topic, NOON) is board.full(topic, NOON + 5)


def test_a_missing_age_of_the_future_is_no_age() -> None:
    board = Board(VEHICLES)
    screen = Screen(board, whole())
    put(board, (7, 10.0, 10.0), time=NOON + 90_000)
    board.flush(NOON)
    assert screen.heard[-1].column(3)[0] == 0


moves = st.lists(
    st.lists(
        st.tuples(
            st.integers(1, 40),
            st.floats(-3000, 3000, width=32),
            st.floats(-3000, 3000, width=32),
        ),
        max_size=20,
    ),
    max_size=12,
)


@given(moves=moves, forget_at=st.integers(0, 12), size=st.sampled_from(cells.SIZES))
@settings(deadline=None, max_examples=60)
def test_cells_together_show_what_the_whole_shows(
    moves: list[list[tuple[int, float, float]]], forget_at: int, size: int
) -> None:
    board = Board(VEHICLES)
    everywhere = whole()
    reach = range(-3000 // size, 3000 // size + 1)
    parts = [
        Topic(TopicName("demo", "vehicles", Cell(size, column, row)), 5)
        for column in reach
        for row in reach
    ]
    screen = Screen(board, everywhere, *parts)
    for step, rows in enumerate(moves):
        put(board, *rows, time=NOON + step)
        if step == forget_at:
            board.forget(NOON + step)
        board.flush(NOON + step)
    shown: dict[int, tuple[float, float]] = {}
    for part in parts:
        assert not shown.keys() & screen.maps[part].places.keys(), "in one cell at a time"
        shown |= screen.maps[part].places
    assert shown == screen.maps[everywhere].places
    late = Screen(board, whole())
    assert next(iter(late.maps.values())).places == shown, "who comes late sees the same"


@given(
    x=st.floats(-(10**6), 10**6, width=32),
    y=st.floats(-(10**6), 10**6, width=32),
    size=st.sampled_from(cells.SIZES),
)
@example(x=0.0, y=-1e-45, size=512)
def test_a_point_lies_in_the_cell_that_the_page_says(x: float, y: float, size: int) -> None:
    found = cells.codes(np.array([x], np.float32), np.array([y], np.float32), size)
    assert found[0] == cells.code(int(np.floor(x / size)), int(np.floor(y / size)))


def test_a_name_is_what_it_was_made_of() -> None:
    for name in (TopicName("suwon", "alarms"), TopicName("demo", "buses", Cell(2048, -3, 5))):
        assert parse(str(name)) == name


@pytest.mark.parametrize(
    "text",
    [
        "",
        "suwon",
        "suwon/",
        "/alarms",
        "Suwon/alarms",
        "suwon/alarms/512",
        "suwon/alarms/512/0",
        "suwon/alarms/512/0/0/0",
        "suwon/alarms/511/0/0",
        "suwon/alarms/512/99999/0",
        "suwon/alarms/512/0/--1",
        "suwon/alarms\n",
        "s" * 10_000,
    ],
)
def test_what_is_no_topic_is_said_to_be_none(text: str) -> None:
    with pytest.raises(BadTopic):
        parse(text)
