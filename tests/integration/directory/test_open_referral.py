"""Open Referral UK 3.0 as we publish it: endpoints, filters, pages, the profile's schemas."""

import json
from typing import Any

import jsonschema_rs
import pytest
from starlette.testclient import TestClient

from tests.integration.directory.conftest import ListedWorld
from tests.support.open_referral import PROFILE, WHY_NOT, schema

pytestmark = pytest.mark.postgres

_API = "/open-referral/v3"


def ask(listed: ListedWorld, path: str, **query: Any) -> Any:
    response = TestClient(listed.app).get(_API + path, params=query)
    assert response.headers["access-control-allow-origin"] == "*"
    assert "set-cookie" not in response.headers
    assert response.status_code == 200, response.text
    return response.json()


def test_it_says_what_it_is(listed: ListedWorld) -> None:
    """The version of the profile, and where its endpoints are described."""
    about = ask(listed, "/")

    assert about["version"] == "HSDS-UK-3.0"
    assert about["openapi_url"].startswith("https://services.exbury.example/open-referral/v3/")
    described = ask(listed, "/openapi.json")["paths"]
    for path in ("/services", "/service_at_locations", "/taxonomies", "/taxonomy_terms"):
        assert {f"{_API}{path}"} <= described.keys()
        assert any(one.startswith(f"{_API}{path}/{{") for one in described)


@pytest.mark.parametrize(
    "path", ["/services", "/service_at_locations", "/taxonomies", "/taxonomy_terms"]
)
def test_lists_come_in_pages_that_hold_each_once(listed: ListedWorld, path: str) -> None:
    """First and last are said, one after the last is empty, and each has an address of its own."""
    first = ask(listed, path, per_page=7)
    pages = [
        first,
        *(ask(listed, path, per_page=7, page=n) for n in range(2, first["total_pages"] + 1)),
    ]
    ids = [one["id"] for page in pages for one in page["contents"]]
    after = ask(listed, path, per_page=7, page=99)

    assert len(ids) == len(set(ids)) == first["total_items"]
    assert [page["first_page"] for page in pages] == [True, *[False] * (len(pages) - 1)]
    assert [page["last_page"] for page in pages] == [*[False] * (len(pages) - 1), True]
    assert (after["empty"], after["size"], after["total_items"]) == (True, 0, len(ids))
    assert ask(listed, f"{path}/{ids[-1]}")["id"] == ids[-1]


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ({"search": "nappies washed"}, "Baby bank"),
        ({"minimum_age": 11}, "Youth evening"),
        ({"maximum_age": 2}, "Feeding friends drop-in"),
        ({"day": "SA", "start_time": "09:00", "end_time": "12:00"}, "Dads on Saturday"),
        ({"day": "friday", "start_time": "18:00"}, "Youth evening"),
    ],
)
def test_services_are_filtered(listed: ListedWorld, query: dict[str, Any], name: str) -> None:
    """By the parameters of the profile; each leaves some out."""
    found = ask(listed, "/services", per_page=100, **query)

    assert name in {one["name"] for one in found["contents"]}
    assert found["total_items"] < 40


def test_services_are_filtered_by_term_taxonomy_and_nearness(listed: ListedWorld) -> None:
    """Metres from the middle of a postcode; whose address is kept secret is at no location."""
    terms = ask(listed, "/taxonomy_terms", per_page=100)["contents"]
    sleep = next(one for one in terms if one["name"] == "Sleep")
    by_term = ask(listed, "/services", taxonomy_term_id=sleep["id"])
    by_taxonomy = ask(listed, "/services", taxonomy_id=sleep["taxonomy_id"])
    near = ask(listed, "/service_at_locations", postcode="ZZ99 6JK", proximity=500, full=True)
    everywhere = ask(listed, "/service_at_locations", per_page=100)

    assert {one["name"] for one in by_term["contents"]} == {
        "Sleep workshop",
        "Sleep advice by telephone",
    }
    assert by_taxonomy["total_items"] == 40
    assert {one["service"]["name"] for one in near["contents"]} == {
        "Swim and splash",
        "Bounce and rhyme, Quayside",
    }
    assert "Safe" not in json.dumps(everywhere)


@pytest.mark.parametrize(
    ("path", "query", "status", "named"),
    [
        ("/services", {"page": "0"}, 400, "page"),
        ("/services", {"per_page": "zebedee"}, 400, "per_page"),
        ("/services", {"day": "zebedee"}, 400, "day"),
        ("/services", {"start_time": "zebedee"}, 400, "start_time"),
        ("/services", {"taxonomy_id": "zebedee"}, 400, "taxonomy_id"),
        ("/services", {"search": "ze\0bedee"}, 400, None),
        ("/services", {"minimum_age": "nan"}, 400, "minimum_age"),
        ("/service_at_locations", {"postcode": "zebedee"}, 400, "postcode"),
        ("/services/zebedee", {}, 404, None),
        ("/services/00000000-0000-0000-0000-000000000000", {}, 404, None),
        ("/zebedee", {}, 404, None),
    ],
)
def test_what_is_wrong_is_named_and_never_repeated(
    listed: ListedWorld, path: str, query: dict[str, str], status: int, named: str | None
) -> None:
    """And a page of anybody's may read that too."""
    response = TestClient(listed.app).get(_API + path, params=query)

    assert response.status_code == status
    assert response.headers["access-control-allow-origin"] == "*"
    assert response.json().get("parameter") == named
    assert "zebedee" not in response.text


@pytest.mark.skipif(PROFILE is None, reason=WHY_NOT)
@pytest.mark.parametrize(
    ("path", "listed_by", "shown_by"),
    [
        ("/services", "compiled/service_list.json", "compiled/service.json"),
        (
            "/service_at_locations",
            "compiled/service_at_location_list.json",
            "compiled/service_at_location.json",
        ),
        ("/taxonomies", "taxonomy.json", "taxonomy.json"),
        ("/taxonomy_terms", "taxonomy_term.json", "taxonomy_term.json"),
    ],
)
def test_what_is_published_is_what_the_profile_s_schemas_say(
    listed: ListedWorld, path: str, listed_by: str, shown_by: str
) -> None:
    """Every service, place and term, in lists and by itself."""
    in_list = jsonschema_rs.validator_for(schema(listed_by), validate_formats=True)
    by_itself = jsonschema_rs.validator_for(schema(shown_by), validate_formats=True)

    contents = ask(listed, path, per_page=100)["contents"]

    assert contents
    for one in contents:
        in_list.validate(one)
        by_itself.validate(ask(listed, f"{path}/{one['id']}"))
