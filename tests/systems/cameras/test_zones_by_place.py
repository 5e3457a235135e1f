"""Zones of a camera that turns: painted where its head is known to stand, hidden whole everywhere else."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import uuid4

import av
import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from fixtures.people import MakePerson
from madang.ground.city.models import City
from madang.ground.trail.public import Actor
from madang.systems.cameras.domain.heads import (
    CLOCKS,
    SETTLES,
    UNTOLD,
    Gaze,
    Stood,
    Track,
    end_stands,
    is_near,
    keep_stands,
)
from madang.systems.cameras.domain.masks import (
    HIDDEN,
    Veil,
    View,
    clear_place,
    draw_zone,
    end_zone,
    hidden_of,
    turned_with_zones,
    veil_of,
)
from madang.systems.cameras.errors import CameraError
from madang.systems.cameras.live.door import open_playback
from madang.systems.cameras.live.playing import Asks, answer
from madang.systems.cameras.masking.hiding import hide
from madang.systems.cameras.masking.passing import PATIENCE, Passing, Slots
from madang.systems.cameras.models import Camera, MaskZone, Stand
from madang.systems.cameras.steering.edges import Position
from systems.cameras.test_masks import (
    ACTOR,
    LEFT,
    camera,
    decoded,
    is_hidden,
    one_connection,
    stripes,
    watcher,
)
from systems.cameras.test_pictures import Book, session_of
from systems.cameras.test_playback import BEGAN, ZERO, film

__all__ = ["camera", "one_connection"]  # fixtures
GATE, ROAD = Position(0.2, -0.1, 0.0), Position(-0.4, -0.1, 0.3)
VEIL = Veil(HIDDEN, views=(View(GATE, (LEFT,)),))


def seen(gaze: Gaze, at: Position | None, begins: float, ends: float, moving: bool = False) -> None:
    """Looks three times a second, each answered after a tenth."""
    moment = begins
    while moment < ends:
        gaze.look(moment, moment + 0.1, at, moving)
        moment += 0.3


def test_a_head_stands_where_looks_say_so_before_and_after() -> None:
    gaze = Gaze()
    assert gaze.at(5.0) is None
    seen(gaze, GATE, 0.0, 10.0)
    assert gaze.at(1.0) is None  # it may have turned until just now: what comes in is late
    assert gaze.at(5.0) == GATE
    assert gaze.at(9.95) is UNTOLD  # nobody has looked since
    gaze.look(10.0, 10.1, ROAD, False)
    assert gaze.at(9.95) is None
    assert gaze.at(5.0) == GATE
    gaze.lost()
    assert gaze.at(10.5) is None


@pytest.mark.parametrize(
    "between",
    [
        lambda gaze: gaze.look(3.0, 3.1, GATE, True),
        lambda gaze: gaze.look(3.0, 3.1, None, False),
        lambda gaze: gaze.look(3.0, 3.1, ROAD, False),
        lambda gaze: gaze.lost(),
        lambda gaze: None,  # nobody looked for more than a second
    ],
)
def test_what_is_between_two_stands_is_not_known(between: Any) -> None:
    gaze = Gaze()
    seen(gaze, GATE, 0.0, 3.0)
    between(gaze)
    seen(gaze, GATE, 4.5, 12.0)
    assert gaze.at(2.5) == GATE
    assert [gaze.at(moment) for moment in (3.0, 3.5, 4.6, 6.0)] == [None] * 4
    assert gaze.at(7.0) == GATE


def test_the_nearer_a_lens_brings_things_the_closer_a_head_must_have_come_back() -> None:
    beside = Position(GATE.pan + 0.0015, GATE.tilt, 0.0)
    assert is_near(GATE, beside)
    assert not is_near(GATE._replace(zoom=0.5), beside._replace(zoom=0.5))
    assert not is_near(GATE, GATE._replace(zoom=0.01))
    assert VEIL.seen_from(beside).zones == (LEFT,)
    for at in (None, ROAD):
        assert VEIL.seen_from(at).zones == HIDDEN


Look = st.tuples(
    st.floats(0.05, 1.6), st.floats(0.0, 0.4), st.sampled_from([GATE, ROAD, None]), st.booleans()
)


@given(st.lists(Look, max_size=40), st.floats(0.0, 30.0))
def test_no_picture_counts_as_taken_from_a_place_unless_every_look_around_it_says_so(
    looks: list[tuple[float, float, Position | None, bool]], moment: float
) -> None:
    gaze, now, said = Gaze(), 0.0, []
    for pause, late, at, moving in looks:
        asked = now + pause
        gaze.look(asked, asked + late, at, moving)
        said.append((asked, asked + late, None if moving else at))
        now = asked + late
    found = gaze.at(moment)
    if not isinstance(found, Position):
        return
    before = [one for one in said if one[1] <= moment - SETTLES]
    after = [one for one in said if one[0] >= moment]
    assert before
    assert after
    around = said[said.index(before[-1]) : said.index(after[0]) + 1]
    assert all(one[2] == found for one in around)
    assert all(b[0] - a[0] <= 1.0 + 0.4 for a, b in pairwise(around))


def film_of(gaze: Gaze, looks: Any) -> list[Any]:
    """The pictures that leave of a camera that sees stripes, at fifteen a second from second 10 on."""
    now = [10.0]
    with stripes(count=45) as source:
        stream = source.streams.video[0]
        passing = Passing(
            stream, VEIL, 7, still=False, slots=Slots(lambda: 1), gaze=gaze, clock=lambda: now[0]
        )
        pieces = []
        for packet in source.demux(stream):
            if packet.size:
                looks(now[0])
                pieces += list(passing.take(packet))
                now[0] += 1 / 15
        passing.close()
    return decoded(pieces) if pieces else []


def is_whole(picture: Any) -> bool:
    return bool(picture.std() < 2)


def test_a_live_picture_shows_what_lies_beside_a_zone_only_while_the_head_stands_there() -> None:
    standing = Gaze()
    seen(standing, GATE, 0.0, 10.0)
    pictures = film_of(standing, lambda now: standing.look(now - 0.02, now, GATE, False))
    assert len(pictures) > 35
    for picture in pictures:
        is_hidden(picture)

    leaves = Gaze()
    seen(leaves, GATE, 0.0, 10.0)
    pictures = film_of(
        leaves, lambda now: leaves.look(now - 0.02, now, GATE, now > 11.0)
    )  # it begins to move
    whole = [is_whole(one) for one in pictures]
    assert whole[:14] == [False] * 14
    assert all(whole[15:])
    assert len(pictures) == 45


def test_a_live_picture_is_hidden_whole_while_the_head_is_silent_or_elsewhere() -> None:
    elsewhere = Gaze()
    seen(elsewhere, ROAD, 0.0, 14.0)
    for gaze in (Gaze(), elsewhere):
        pictures = film_of(gaze, lambda now: None)
        assert len(pictures) == 45
        assert all(is_whole(one) for one in pictures)
    silent = Gaze()
    seen(silent, GATE, 0.0, 10.0)  # and then no answer: pictures wait, then go out hidden
    pictures = film_of(silent, lambda now: None)
    assert len(pictures) >= (45 - 15 * PATIENCE) - 2
    assert all(is_whole(one) for one in pictures)


@pytest.fixture
def turning(camera: Camera) -> Camera:
    Camera.objects.filter(pk=camera.pk).update(kind="turning", records=True)
    camera.refresh_from_db()
    return camera


@pytest.mark.django_db
def test_zones_lie_where_the_head_stood_and_one_without_a_place_hides_all(turning: Camera) -> None:
    draw_zone(turning, ACTOR, "창문", "주거 공간", LEFT, at=GATE, preset="정문")
    veil = hidden_of([turning.pk])[turning.pk]
    assert (veil, veil.count) == (VEIL, 1)
    assert veil_of(turning.pk, veil.digest) == VEIL
    assert turned_with_zones() == {turning.pk}
    zone = MaskZone.objects.get()
    assert (zone.preset, zone.pan, zone.zoom) == ("정문", 0.2, 0.0)
    with pytest.raises(IntegrityError), transaction.atomic():
        MaskZone.objects.update(pan=0.5)
    with pytest.raises(CameraError):
        draw_zone(turning, ACTOR, "창문", "주거 공간", LEFT, at=Position(2, 0, 0))
    Camera.objects.update(kind="fixed")  # nobody looks where its head is: still hidden whole
    assert hidden_of([turning.pk])[turning.pk].seen_from(None).zones == HIDDEN
    Camera.objects.update(kind="turning")
    draw_zone(turning, ACTOR, "학교", "어린이", LEFT)
    assert hidden_of([turning.pk])[turning.pk] == Veil(HIDDEN)


def stand(camera: Camera, at: Position, begins: float, ends: float) -> None:
    """Its head stood there between two seconds of the film."""
    zero = BEGAN.timestamp()
    keep_stands(camera.city_id, camera.pk, [(uuid4(), Stood(zero + begins, zero + ends, at))])


@pytest.mark.django_db
def test_playback_paints_zones_while_the_head_stood_there_and_hides_the_rest(
    city: City, person: MakePerson, turning: Camera
) -> None:
    film(turning, BEGAN, count=300)
    draw_zone(turning, ACTOR, "창문", "주거 공간", LEFT, at=GATE)
    stand(turning, GATE, -60, 6)
    stand(turning, ROAD, 6, 60)
    operator = watcher(city, person, "operator")
    playback = open_playback(session_of(operator), turning.pk, Book(), "127.0.0.1")  # type: ignore[arg-type]

    def shown(second: int) -> list[tuple[float, bool]]:
        taken = answer(playback, Asks(1, ZERO + second * 1000))
        assert taken.pictures == b""
        assert taken.hiding is not None
        hidden = hide(taken.hiding)
        assert hidden.why == ""
        opened: Any = av.open(io.BytesIO(hidden.pictures))
        with opened as file:
            return [
                (float(frame.time or 0), is_whole(frame.to_ndarray(format="gray")))
                for frame in file.decode(video=0)
            ]

    known = dict(shown(1))
    assert not any(whole for time, whole in known.items() if 1.5 < time < 6 - CLOCKS)
    later = dict(shown(8))
    assert later
    assert all(later.values())
    for second, hidden in ((2, False), (9, True)):
        small = answer(playback, Asks(3, ZERO + second * 1000, thumb=True)).pictures
        picture = Image.open(io.BytesIO(small)).convert("L")
        low, high = picture.getextrema()
        assert (high - low < 24) is hidden  # type: ignore[operator]


@pytest.fixture
def officer(person: MakePerson) -> Actor:
    account = person("footage_officer")
    return Actor(account.pk, str(account))


@pytest.mark.django_db
def test_a_place_at_which_there_is_nothing_to_hide_is_shown_until_that_is_ended(
    turning: Camera, officer: Actor
) -> None:
    cleared = clear_place(turning, officer, "도로만 보임", ROAD, "도로")
    assert hidden_of([turning.pk]) == {}  # without zones nothing is hidden anywhere
    assert turned_with_zones() == {turning.pk}  # where it stands is written down from now on
    zone = draw_zone(turning, ACTOR, "창문", "주거 공간", LEFT, at=GATE)
    veil = hidden_of([turning.pk])[turning.pk]
    assert not veil.seen_from(ROAD).hides
    assert veil.seen_from(GATE).zones == (LEFT,)
    for elsewhere in (None, Position(0.9, 0.0, 0.0)):
        assert veil.seen_from(elsewhere).zones == HIDDEN
    assert veil.count == 1
    began = cleared.begins - timedelta(days=1)
    assert not hidden_of([turning.pk], began)[turning.pk].seen_from(ROAD).hides
    end_zone(cleared, officer, "집이 지어짐")
    for since in (None, began):  # what was shown under it is hidden again, too
        assert hidden_of([turning.pk], since)[turning.pk].seen_from(ROAD).zones == HIDDEN
    end_zone(zone, officer, "철거")
    assert hidden_of([turning.pk]) == {}


@pytest.mark.django_db
def test_a_zone_goes_before_what_was_said_to_hide_nothing(turning: Camera, officer: Actor) -> None:
    clear_place(turning, officer, "도로만 보임", ROAD)
    draw_zone(turning, ACTOR, "창문", "주거 공간", LEFT, at=ROAD)
    assert hidden_of([turning.pk])[turning.pk].seen_from(ROAD).zones == (LEFT,)
    draw_zone(turning, ACTOR, "창문", "주거 공간", LEFT, at=GATE)
    for place, who in ((GATE, officer), (ROAD, officer), (Position(0.5), ACTOR)):
        with pytest.raises(CameraError):
            clear_place(turning, who, "까닭", place)
    Camera.objects.update(kind="fixed")
    turning.refresh_from_db()
    with pytest.raises(CameraError):
        clear_place(turning, officer, "까닭", Position(0.5))


@pytest.mark.django_db
def test_the_database_takes_no_place_that_nobody_said_is_clear(
    turning: Camera, officer: Actor
) -> None:
    words = {"city_id": turning.city_id, "camera": turning, "name": "없음", "why": "까닭"}
    place = {"pan": 0.1, "tilt": 0.1, "zoom": 0.0}
    for wrong in (
        {"points": [], "clear": True, "by_id": officer.account},  # nowhere
        {"points": [], "clear": True, **place},  # by nobody
        {"points": [], "clear": False, "by_id": officer.account, **place},
        {"points": [0, 0, 1, 0, 1, 1], "clear": True, "by_id": officer.account, **place},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            MaskZone.objects.create(**words, **wrong)
    made = clear_place(turning, officer, "도로만 보임", ROAD)
    with pytest.raises(IntegrityError), transaction.atomic():
        MaskZone.objects.filter(pk=made.pk).update(pan=0.7)


@pytest.mark.django_db
def test_the_officer_says_on_the_page_that_there_is_nothing_to_hide(
    person: MakePerson, turning: Camera
) -> None:
    path = f"/quiet/cameras/devices/{turning.pk}/masks/clear/"
    words = {"clear-why": "도로만 보임", "clear-preset": "도로", "clear-place": "-40 -10% 30.5"}
    client = Client()
    client.force_login(person("operator"))
    assert client.post(path, words).status_code == 403
    client.force_login(person("footage_officer"))
    assert client.post(path, {**words, "clear-place": ""}).status_code == 422
    assert client.post(path, {**words, "clear-place": "300 0 0"}).status_code == 422
    assert client.post(path, words).status_code == 302
    zone = MaskZone.objects.get()
    assert (zone.clear, zone.preset, zone.pan, zone.points) == (True, "도로", -0.4, [])
    page = client.get(f"/quiet/cameras/devices/{turning.pk}/masks/").content.decode()
    assert "도로만 보임" in page


@pytest.mark.django_db
def test_playback_shows_a_place_with_nothing_to_hide_also_from_before_the_first_zone(
    city: City, person: MakePerson, turning: Camera, officer: Actor
) -> None:
    film(turning, BEGAN, count=300)
    clear_place(turning, officer, "도로만 보임", ROAD)
    stand(turning, ROAD, -60, 10)
    stand(turning, GATE, 10, 60)
    draw_zone(turning, ACTOR, "창문", "주거 공간", LEFT, at=GATE)
    operator = watcher(city, person, "operator")
    playback = open_playback(session_of(operator), turning.pk, Book(), "127.0.0.1")  # type: ignore[arg-type]
    for second, whole in ((1, False), (9, True)):
        small = answer(playback, Asks(3, ZERO + second * 1000, thumb=True)).pictures
        _low, high = Image.open(io.BytesIO(small)).convert("L").getextrema()
        assert (high > 30) is whole  # type: ignore[operator]  # the film is nearly black, zones are grey


@given(st.lists(st.tuples(st.floats(0, 100), st.floats(0.1, 30)), max_size=6), st.floats(-10, 140))
def test_what_was_recorded_while_nobody_knows_where_it_looked_has_no_place(
    spans: list[tuple[float, float]], second: float
) -> None:
    zero = BEGAN.timestamp()
    begins, stands = 0.0, []
    for pause, length in spans:
        begins += pause
        stands.append(Stood(zero + begins, zero + begins + length, GATE))
        begins += length
    moment = BEGAN + timedelta(seconds=second)
    if Track(stands).at(moment) is None:
        return
    inside = [one for one in stands if one.begins <= zero + second <= one.ends]
    assert len(inside) == 1
    assert zero + second - inside[0].begins >= SETTLES + CLOCKS - 1e-6
    assert inside[0].ends - (zero + second) >= CLOCKS - 1e-6


@pytest.mark.django_db
def test_where_heads_stood_is_forgotten_with_what_was_recorded(turning: Camera) -> None:
    pk, now = uuid4(), timezone.now()
    one = Stood(now.timestamp() - 50, now.timestamp() - 40, GATE)
    keep_stands(turning.city_id, turning.pk, [(pk, one)])
    keep_stands(turning.city_id, turning.pk, [(pk, Stood(one.begins, one.ends + 20, GATE))])
    found = Stand.objects.get()
    assert (found.ends - found.begins).total_seconds() == pytest.approx(30)
    stand(turning, GATE, 0, 10)  # in 2025, of which nothing is recorded
    end_stands()
    assert Stand.objects.get().pk == pk
    film(turning, BEGAN)
    stand(turning, GATE, 0, 10)
    stand(turning, GATE, -100, -10)
    end_stands()
    begins = sorted(Stand.objects.values_list("begins", flat=True))
    assert begins[0] == datetime.fromtimestamp(BEGAN.timestamp(), UTC)
    assert len(begins) == 2


@pytest.mark.django_db
def test_the_officer_says_on_the_page_where_the_head_stood(
    person: MakePerson, turning: Camera, client: Client
) -> None:
    path = f"/quiet/cameras/devices/{turning.pk}/masks/"
    client.force_login(person("footage_officer"))
    words = {"name": "창문", "why": "주거 공간", "corners": "10 20, 40 20, 40 80", "preset": "정문"}
    for wrong in ("1 2", "a b c", "300 0 0"):
        assert client.post(path, {**words, "place": wrong}).status_code == 422
    assert client.post(path, {**words, "place": "20 · -10 · 0"}).status_code == 302
    zone = MaskZone.objects.get()
    assert (zone.pan, zone.tilt, zone.zoom, zone.preset) == (0.2, -0.1, 0.0, "정문")
    assert "정문 좌우 +20.0% · 상하 −10.0% · 줌 0.0%" in client.get(path).content.decode()
    assert client.post(path, {**words, "place": ""}).status_code == 302
    assert MaskZone.objects.exclude(pan=None).count() == 1
