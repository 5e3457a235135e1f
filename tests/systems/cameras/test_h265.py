"""H.265 for browsers that have none: live and in playback it is encoded anew as H.264, under a cap."""

from __future__ import annotations

import pytest

from madang.ground.city.models import City
from madang.systems.cameras.domain.masks import Veil, draw_zone
from madang.systems.cameras.intake.sources import read_source
from madang.systems.cameras.live.door import Playback
from madang.systems.cameras.live.playing import Asks, answer
from madang.systems.cameras.masking.hiding import hide
from madang.systems.cameras.messages import CODED, STILL_MIME
from madang.systems.cameras.models import Camera
from systems.cameras.test_masks import LEFT, one_connection, passed, stripes
from systems.cameras.test_playback import (
    ACTOR,
    BEGAN,
    ZERO,
    camera,
    film,
    frames,
    opened,
    operator,
)

__all__ = ["camera", "one_connection", "opened", "operator"]


def test_what_comes_as_h265_leaves_as_h264_and_beyond_the_cap_as_stills() -> None:
    coded = passed(stripes("libx265"), Veil())
    assert "avc1" in coded[0].mime
    assert passed(stripes("libx265"), Veil(), most=0)[0].mime == STILL_MIME


@pytest.mark.django_db
@pytest.mark.usefixtures("one_connection")
def test_the_stream_that_is_encoded_anew_is_the_smaller_one_with_nothing_hidden(
    city: City, camera: Camera
) -> None:
    camera.sub_address = "rtsp://10.0.0.1/b"
    camera.save()
    source, veil = read_source(camera.pk, CODED)
    assert (source.address, veil) == ("rtsp://10.0.0.1/b", Veil())
    assert read_source(camera.pk, "main")[1] is None


@pytest.mark.django_db
@pytest.mark.usefixtures("one_connection")
def test_a_recording_in_h265_is_played_as_h264_where_it_is_asked_for(
    camera: Camera, opened: Playback
) -> None:
    film(camera, BEGAN, seconds=6, library="libx265")
    plain = answer(opened, Asks(1, ZERO))
    assert "hvc1" in plain.word["mime"]
    asked = answer(opened, Asks(2, ZERO, coded=True))
    assert asked.hiding is not None
    assert asked.hiding.zones == []
    made = hide(asked.hiding)
    assert "avc1" in made.word["mime"]
    assert (made.word["begins"], made.word["ends"]) == (plain.word["begins"], plain.word["ends"])


@pytest.mark.django_db
def test_what_every_browser_plays_is_given_as_it_is(camera: Camera, opened: Playback) -> None:
    film(camera, BEGAN, seconds=6)
    taken = answer(opened, Asks(1, ZERO, coded=True))
    assert "avc1" in taken.word["mime"]
    assert len(frames(taken)) > 10


@pytest.mark.django_db
def test_what_is_hidden_stays_hidden_in_what_is_encoded_anew(
    camera: Camera, opened: Playback
) -> None:
    film(camera, BEGAN, seconds=6, library="libx265")
    draw_zone(camera, ACTOR, "창문", "사생활", LEFT)
    asked = answer(opened, Asks(1, ZERO, coded=True))
    assert asked.hiding is not None
    assert asked.hiding.zones == [list(LEFT)]
