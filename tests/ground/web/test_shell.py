"""The frame of every page, through Django's test client."""

from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from madang.ground.city.models import City
from madang.ground.web import assets, registry
from madang.ground.web.registry import State, System


def test_without_a_city_the_first_page_says_how_to_begin(client: Client, db: None) -> None:
    page = client.get("/").content.decode()
    assert "madang city demo" in page
    assert '<html lang="ko"' in page


def test_one_city_is_the_first_page(client: Client, suwon: City) -> None:
    assert client.get("/")["Location"] == "/suwon/"


def test_several_cities_are_listed(client: Client, suwon: City, demo: City) -> None:
    page = client.get("/").content.decode()
    assert "/suwon/" in page
    assert "/demo/" in page


def test_a_city_shows_its_systems_and_their_state(
    client: Client, suwon: City, system: System
) -> None:
    page = client.get("/suwon/").content.decode()
    assert "수원시" in page
    assert "가로등 3개가 꺼져 있습니다." in page
    assert "12,345" in page
    assert "Simulated" not in page


def test_a_simulated_city_says_so_on_every_page(client: Client, demo: City) -> None:
    assert 'class="simulated"' in client.get("/demo/").content.decode()


def test_a_system_that_cannot_tell_its_state_does_not_take_the_page_with_it(
    client: Client, suwon: City, system: System
) -> None:
    def broken(city: object) -> State:
        raise RuntimeError("the sensor room is on fire")

    registry.register(System(**{**vars(system), "state": broken}))
    response = client.get("/suwon/")
    assert response.status_code == 200
    assert "on fire" not in response.content.decode()
    assert 'class="pill down"' in response.content.decode()


def test_an_unknown_city_is_not_found(client: Client, suwon: City) -> None:
    response = client.get("/seoul/")
    assert response.status_code == 404
    assert "seoul" in response.content.decode()


def test_the_language_is_kept(client: Client, suwon: City) -> None:
    response = client.post("/account/language/", {"language": "ja", "next": "/suwon/"})
    assert response["Location"] == "/suwon/"
    assert '<html lang="ja"' in client.get("/suwon/").content.decode()


def test_the_theme_is_kept(client: Client, suwon: City) -> None:
    client.post("/account/theme/", {"theme": "dark", "next": "/suwon/"})
    assert 'data-theme="dark"' in client.get("/suwon/").content.decode()


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example", "javascript:1"])
def test_a_form_sends_nobody_elsewhere(client: Client, db: None, elsewhere: str) -> None:
    response = client.post("/account/theme/", {"theme": "dark", "next": elsewhere})
    assert response["Location"] == "/"


def test_the_policy_allows_nothing_inline(client: Client, suwon: City) -> None:
    response = client.get("/suwon/")
    policy = response["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    page = response.content.decode()
    assert "style=" not in page
    assert "<style" not in page
    assert page.count("<script") == page.count('<script type="module" src="/static/')


def test_the_words_that_scripts_say_are_fetched_beside_them(client: Client, suwon: City) -> None:
    page = client.get("/suwon/").content.decode()
    (words,) = assets.words("ko")
    assert page.index(f'<link rel="modulepreload" href="{words}">') < page.index("<script")
    assert (Path(settings.STATIC_ROOT) / words.removeprefix(settings.STATIC_URL)).is_file()
    assert assets.words("en") == ()


def test_the_fonts_of_our_own_texts_are_fetched_before_styles_ask_for_them(
    client: Client, suwon: City
) -> None:
    page = client.get("/suwon/").content.decode()
    assert [one.split("-")[1] for one in assets.fonts()] == ["400", "600"]
    for font in assets.fonts():
        assert page.index(f'<link rel="preload" href="{font}" as="font"') < page.index("stylesheet")
        assert (Path(settings.STATIC_ROOT) / font.removeprefix(settings.STATIC_URL)).is_file()
