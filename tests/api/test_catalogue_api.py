"""The catalogue over HTTP, on the embedded default: lists, stored guides, self-check, bad input."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest
from flask.testing import FlaskClient

from backend.app import create_app
from backend.catalogue import files, service, stored
from backend.catalogue.regions import import_regions
from backend.runtime import Runtime, build_runtime
from config.settings import ROOT, Settings
from tests.catalogue_samples import NOW

API = "/api/v1"
CONFIG = ROOT / "config"


@pytest.fixture
def client(sqlite_settings: Settings) -> FlaskClient:
    """The app with the demo district and every shipped item."""
    runtime = build_runtime(sqlite_settings)
    purposes = frozenset(tomllib.loads((CONFIG / "consents.toml").read_text(encoding="utf-8")))
    items = files.load(CONFIG / "catalogue", purposes=purposes, now=NOW)
    regions = (CONFIG / "regions" / "370402.csv").read_bytes()
    runtime.db.transact(import_regions, content=regions, phone="0632-12345")
    runtime.db.transact(service.publish, definitions=items, phone="0632-12345", now=NOW)
    return create_app(sqlite_settings, runtime).test_client()


def items(client: FlaskClient, query: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.get(f"{API}/{query}").get_json()["items"]
    return found


@pytest.mark.parametrize("parent", ["370402", "370402000", "370402000000"])
def test_regions_lists_the_eleven_towns(client: FlaskClient, parent: str) -> None:
    towns = items(client, f"regions?parent={parent}")
    assert len(towns) == 11
    assert towns[0] == {"code": "370402001000", "name": "中心街街道", "level": "town", "parent": "370402000000"}


def test_regions_are_paged_to_the_end_without_gap_or_repeat(client: FlaskClient) -> None:
    codes: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        after = f"&cursor={cursor}" if cursor else ""
        page = client.get(f"{API}/regions?parent=370402103&limit=10{after}").get_json()
        codes += [region["code"] for region in page["items"]]
        cursor = page["next_cursor"]
    assert (len(codes), len(set(codes))) == (26, 26)


def test_offices_of_a_village_have_telephone_numbers(client: FlaskClient) -> None:
    offices = items(client, "offices?region=370402001013")
    assert [office["level"] for office in offices] == ["county", "town", "village"]
    assert {office["phone"] for office in offices} == {"0632-12345"}


def test_service_items_are_all_listed_in_order(client: FlaskClient) -> None:
    found = [item["code"] for item in items(client, "service-items?region=370402")]
    assert (len(found), found[:3]) == (10, ["migrant-proof", "checkup", "birth-registration"])


@pytest.mark.parametrize(
    ("words", "first"),
    [("婚育证明", "migrant-proof"), ("三孩登记", "birth-registration"), ("Proof of marriage", "migrant-proof")],
)
def test_service_items_are_found_by_what_people_call_them(client: FlaskClient, words: str, first: str) -> None:
    assert items(client, f"service-items?q={words}")[0]["code"] == first


@pytest.mark.parametrize("words", ["%25", "_", "%5C"])
def test_signs_of_a_query_language_are_taken_literally(client: FlaskClient, words: str) -> None:
    assert items(client, f"service-items?q={words}") == []


@pytest.mark.parametrize(
    "query",
    [
        "regions?parent=370499",
        "regions?parent=3704020",
        "regions?parent=３７０４０２",
        "regions?limit=0",
        "regions?limit=101",
        "regions?cursor=x",
        "regions?limit=1&limit=2",
        "offices?region=999999",
        "service-items?region=370499",
        "service-items?cursor=Z29uZQ",
        "service-items?q=%20%20",
        "service-items?q=" + "x" * 61,
    ],
)
def test_bad_query_is_422(client: FlaskClient, query: str) -> None:
    answer = client.get(f"{API}/{query}")
    assert (answer.status_code, answer.mimetype) == (422, "application/problem+json")


def test_guide_has_everything_an_applicant_needs(client: FlaskClient) -> None:
    guide = client.get(f"{API}/service-items/migrant-proof").get_json()
    assert guide["workflow"] == ["village", "town"]
    assert guide["deadline"] == {"promised": 3, "legal": 15}
    assert guide["materials"][0]["code"] == "id_card"
    assert guide["materials"][0]["accept"][-1] == "application/pdf"
    assert {"name", "type", "label", "hint", "required"} <= set(guide["form"]["fields"][0])
    assert guide["guide"]["local_phone"] == "0632-12345"


def test_guide_is_sent_once_and_then_confirmed(client: FlaskClient) -> None:
    first = client.get(f"{API}/service-items/checkup")
    again = client.get(f"{API}/service-items/checkup", headers={"If-None-Match": first.headers["ETag"]})
    assert (first.headers["ETag"], again.status_code, again.data) == ('"1"', 304, b"")


def test_english_guide_is_another_representation(client: FlaskClient) -> None:
    english = {"Accept-Language": "en", "If-None-Match": '"1"'}
    answer = client.get(f"{API}/service-items/migrant-proof", headers=english)
    assert (answer.status_code, answer.get_json()["name"]) == (200, "Proof of marriage and children")
    assert "Accept-Language" in answer.headers["Vary"]


def test_replayed_guide_is_the_framework_s_own_answer(client: FlaskClient) -> None:
    first, again = (client.get(f"{API}/service-items/migrant-proof") for _ in range(2))
    assert (again.status, again.headers, again.data) == (first.status, first.headers, first.data)
    assert again.headers["X-Content-Type-Options"] == "nosniff"


def test_replayed_guide_is_renewed_by_publishing(client: FlaskClient) -> None:
    at: Runtime = client.application.extensions["yangguang"]
    tags = [client.get(f"{API}/service-items/migrant-proof").headers["ETag"]]
    renewed = [item for item in stored.items(at.db, at.db.reading) if item.code == "migrant-proof"]
    at.db.transact(service.publish, definitions=renewed, phone="0632-54321", now=NOW)
    tags.append(client.get(f"{API}/service-items/migrant-proof").headers["ETag"])
    assert tags == ['"1"', '"2"']


def test_replay_keeps_languages_and_methods_apart(client: FlaskClient) -> None:
    url = f"{API}/service-items/checkup"
    names = [client.get(url, headers={"Accept-Language": lang}).get_json()["name"] for lang in ("en", "zh", "en")]
    assert names[0] == names[2] != names[1]
    assert client.post(url).status_code == 405
    assert client.head(url).data == b""


@pytest.mark.parametrize("code", ["gone", "MIGRANT-PROOF", "%00", "１"])
def test_unknown_item_is_404(client: FlaskClient, code: str) -> None:
    assert client.get(f"{API}/service-items/{code}").status_code == 404
    assert client.post(f"{API}/service-items/{code}/eligibility", json={"answers": {}}).status_code == 404


def test_sample_answers_are_eligible(client: FlaskClient) -> None:
    for item in items(client, "service-items"):
        example = client.get(f"{API}/service-items/{item['code']}").get_json()["example"]
        answer = client.post(f"{API}/service-items/{item['code']}/eligibility", json={"answers": example})
        assert (answer.status_code, answer.get_json()["eligible"]) == (200, True), item["code"]


def test_self_check_gives_reasons_in_the_language_of_the_reader(client: FlaskClient) -> None:
    body = {"answers": {"born_on": "2015-01-01", "registered_here": True}}
    url = f"{API}/service-items/migrant-proof/eligibility"
    chinese, english = client.post(url, json=body), client.post(url, json=body, headers={"Accept-Language": "en"})
    assert chinese.get_json()["eligible"] is False
    assert "18 周岁" in chinese.get_json()["reasons"][0]
    assert "18 or older" in english.get_json()["reasons"][0]


BAD = [{}, {"answers": []}, {"answers": None}, {"answers": {"x": 1}}, {"answers": {}, "y": 1}]


@pytest.mark.parametrize("body", BAD)
def test_bad_self_check_is_422(client: FlaskClient, body: Any) -> None:
    answer = client.post(f"{API}/service-items/migrant-proof/eligibility", json=body)
    assert (answer.status_code, answer.mimetype) == (422, "application/problem+json")
