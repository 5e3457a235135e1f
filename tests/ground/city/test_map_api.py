"""Layers as tiles, GeoJSON, CSV and OGC features: what is public, how it is cut, and whose it is."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import mapbox_vector_tile
import pytest
from django.test import Client
from shapely import LineString, Point, box

from madang.ground.city import layers
from madang.ground.city.layers import SIGNED_IN, Layer
from madang.ground.city.models import City, District, Place, RoadLink, Shape
from madang.ground.city.public import Record, Source, write
from madang.ground.people.models import Account

from .bringing import ACTOR, new_city

pytestmark = pytest.mark.django_db
OSM = Source("osm", {"ko": "지도"}, "OpenStreetMap", "ODbL 1.0", "© OpenStreetMap contributors")
MADE = Source("made", {"ko": "만든 것"}, attribution="Madang", simulated=True)


@pytest.fixture
def city(settings: Any, tmp_path: Path) -> City:
    settings.HOME = tmp_path
    city = new_city()
    link = {"from_node": "a", "to_node": "b", "rank": "national", "name": "정조로", "lanes": 3}
    write(
        city,
        OSM,
        [
            Record(RoadLink, "1", link, LineString([(127.0, 37.27), (127.01, 37.27)])),
            Record(Shape, "p", {"kind": "park", "name": "공원"}, box(127.0, 37.26, 127.01, 37.265)),
            Record(
                Shape, "w", {"kind": "water", "name": "호수"}, box(127.002, 37.262, 127.008, 37.264)
            ),
        ],
        ACTOR,
    )
    made = [
        Record(Place, str(i), {"kind": kind, "name": f"=곳 {i}"}, Point(127 + i / 1000, 37.27))
        for i, kind in enumerate(["school", "hospital", "bus-stop"])
    ]
    dong = Record(
        District, "4111156000", {"level": "dong", "names": {"ko": "가동", "en": "Ga-dong"}},
        box(126.99, 37.25, 127.02, 37.28),
    )  # fmt: skip
    write(city, MADE, [*made, dong], ACTOR)
    city.refresh_from_db()
    return city


@pytest.fixture
def secret(city: City) -> Any:
    """A layer that no table of access names, as a new system's would be."""
    place = layers.layer("places")
    layers.register(Layer("patrols", "Patrols", Place, "point", place.properties))
    yield layers.layer("patrols")
    del layers._layers["patrols"]


def get(address: str, **words: Any) -> Any:
    return Client().get(f"/api/v1/cities/yard/{address}", **words)


def body(response: Any) -> bytes:
    return b"".join(response.streaming_content) if response.streaming else response.content


def test_what_is_public_and_what_is_not(secret: Layer) -> None:
    access = {each["key"]: each["access"] for each in get("layers").json()}
    assert access["places"] == access["cameras"] == "public"
    assert access["patrols"] == SIGNED_IN
    for closed in ("layers/patrols.geojson", "layers/patrols.csv", "tiles/patrols.json",
                   "tiles/patrols/14/13972/6364.mvt", "near?lon=127&lat=37.2&layer=patrols"):  # fmt: skip
        assert get(closed).status_code == 401, closed
    assert get("ogc/collections/patrols").status_code == 404
    assert "patrols" not in str(get("ogc/collections").json())


def test_a_signed_in_account_sees_the_others(secret: Layer) -> None:
    client = Client()
    client.force_login(Account.objects.create_user("a@example.org", "password", name="A"))
    response = client.get("/api/v1/cities/yard/layers/patrols.geojson")
    assert len(json.loads(body(response))["features"]) == 3


def test_devices_vehicles_and_replay_are_never_public() -> None:
    assert {layers.ACCESS[key] for key in ("devices", "vehicles", "replay")} == {SIGNED_IN}


def test_geojson_carries_its_terms_and_the_mark_of_simulation(city: City) -> None:
    collection = json.loads(body(get("layers/places.geojson")))
    assert collection["attribution"] == ["Madang"]
    assert collection["simulated"] is True
    assert {each["properties"]["name"] for each in collection["features"]} == {
        "=곳 0", "=곳 1", "=곳 2",
    }  # fmt: skip
    assert all(each["properties"]["simulated"] for each in collection["features"])
    roads = json.loads(body(get("layers/roads.geojson")))
    assert roads["attribution"] == ["© OpenStreetMap contributors"]
    [road] = roads["features"]
    assert road["geometry"]["coordinates"] == [[127.0, 37.27], [127.01, 37.27]]
    assert road["properties"]["simulated"] is False
    assert road["properties"]["details"] == {}


def test_csv_guards_formulas_and_names_terms(city: City) -> None:
    lines = body(get("layers/places.csv?kind=school")).decode("utf-8-sig").splitlines()
    assert len(lines) == 2
    assert "'=곳 0" in lines[1]
    assert lines[1].endswith("made,,Madang,,true")


def test_a_window_and_a_kind_narrow_a_layer(city: City) -> None:
    def found(words: str) -> int:
        return len(json.loads(body(get(f"layers/places.geojson?{words}")))["features"])

    assert found("bbox=126.9995,37.2,127.0015,37.3") == 2
    assert found("kind=school,hospital") == 2
    assert found("kind=castle") == 0
    assert get("layers/places.geojson?bbox=1,2,x,4").status_code == 422
    assert get("layers/places.geojson?bbox=nan,0,1,1").status_code == 422
    assert get("layers/nothing.geojson").status_code == 404


def tile_at(zoom: int, lon: float = 127.005, lat: float = 37.263) -> str:
    import math

    size = 2**zoom
    x = int((lon + 180) / 360 * size)
    y = int((0.5 - math.atanh(math.sin(math.radians(lat))) / 2 / math.pi) * size)
    return f"{zoom}/{x}/{y}.mvt"


def decoded(response: Any) -> dict[str, Any]:
    assert response.status_code == 200
    tile: dict[str, Any] = mapbox_vector_tile.decode(response.content)
    return tile


def test_a_tile_has_its_layers_with_names(city: City) -> None:
    tile = decoded(get(f"tiles/base/{tile_at(12)}"))
    assert {"roads", "parks", "water", "districts"} <= set(tile)
    [road] = tile["roads"]["features"]
    assert road["properties"] == {
        "rank": "national", "structure": "ground", "lanes": 3, "name": "정조로",
        "name_en": "Jeongjo-ro", "name_ja": "チョンジョ路",
    }  # fmt: skip
    [district] = tile["districts"]["features"]
    assert district["properties"]["name_en"] == "Ga-dong"
    assert tile["parks"]["features"][0]["geometry"]["type"] == "Polygon"


def test_zoom_decides_what_a_tile_has(city: City) -> None:
    assert set(decoded(get(f"tiles/base/{tile_at(9)}"))) == {"roads", "water"}
    places = decoded(get(f"tiles/places/{tile_at(11)}"))["places"]["features"]
    assert [each["properties"]["kind"] for each in places] == ["hospital"]


def test_tiles_are_kept_until_a_row_changes(city: City) -> None:
    address = f"tiles/base/{tile_at(13)}"
    first = get(address)
    assert get(address, headers={"If-None-Match": first["ETag"]}).status_code == 304
    at = get("tiles/base.json").json()["tiles"][0].partition("?v=")[2]
    assert "immutable" in get(f"{address}?v={at}")["Cache-Control"]
    assert "no-cache" in first["Cache-Control"]
    write(
        city, MADE, [Record(Place, "9", {"kind": "school", "name": "새"}, Point(127, 37.2))], ACTOR
    )
    assert get(address)["ETag"] != first["ETag"]


def test_a_tile_is_gzipped_for_who_takes_it(city: City) -> None:
    address = f"tiles/base/{tile_at(13)}"
    packed = get(address, headers={"Accept-Encoding": "gzip, br"})
    assert packed["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.content) == get(address).content


def test_tiles_that_are_empty_or_do_not_exist(city: City) -> None:
    assert get("tiles/base/10/0/0.mvt").status_code == 204
    assert get("tiles/base/3/9/0.mvt").status_code == 404
    assert get("tiles/nothing/3/1/1.mvt").status_code == 404


def test_ogc_features_page_by_page(city: City) -> None:
    landing = get("ogc/").json()
    assert {"self", "conformance", "data", "service-desc"} <= {x["rel"] for x in landing["links"]}
    assert any(each.endswith("/geojson") for each in get("ogc/conformance").json()["conformsTo"])
    collections = {each["id"]: each for each in get("ogc/collections").json()["collections"]}
    assert collections["roads"]["attribution"] == "© OpenStreetMap contributors"
    assert collections["places"]["extent"]["spatial"]["bbox"] == [[126.99, 37.25, 127.02, 37.28]]

    first = get("ogc/collections/places/items?limit=2").json()
    assert (first["numberMatched"], first["numberReturned"], first["type"]) == (
        3, 2, "FeatureCollection",
    )  # fmt: skip
    [after] = [link["href"] for link in first["links"] if link["rel"] == "next"]
    second = Client().get(after).json()
    seen = [each["id"] for each in first["features"] + second["features"]]
    assert len(set(seen)) == 3
    assert not [link for link in second["links"] if link["rel"] == "next"]

    one = get(f"ogc/collections/places/items/{seen[0]}").json()
    assert one["id"] == seen[0]
    assert one["links"][0]["rel"] == "self"
    assert get("ogc/collections/places/items?bbox=0,0,1,1").json()["numberMatched"] == 0


def test_near_and_whereabouts(city: City) -> None:
    near = get("near?lon=127.0004&lat=37.27&k=2").json()
    assert [each["key"] for each in near] == ["0", "1"]
    assert near[0]["metres"] == pytest.approx(35.5, abs=1)
    assert len(get("near?lon=127&lat=37.27&metres=100").json()) == 2
    assert [each["key"] for each in get("whereabouts?lon=127&lat=37.27").json()] == ["4111156000"]
    assert get("whereabouts?lon=120&lat=37").json() == []
    assert get("near?lon=127&lat=37&layer=roads").status_code == 422


def test_data_sets_and_districts(city: City) -> None:
    found = {each["key"]: each for each in get("data-sets").json()}
    assert found["osm"]["licence"] == "ODbL 1.0"
    assert found["made"]["provenance"] == "simulated"
    assert found["made"]["as_of"] is None
    assert found["osm"]["rows"] == {"city.roadlink": 1, "city.shape": 2}
    [dong] = get("districts").json()
    assert (dong["residents"], dong["names"]["ko"]) == (None, "가동")
