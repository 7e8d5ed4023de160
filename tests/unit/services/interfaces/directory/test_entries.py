"""What an entry may hold, what is found of it, and what is left out of it."""

from datetime import date
from typing import Any

import pytest

from services.interfaces.directory.entries.checking import EntryFault, check, check_service
from services.interfaces.directory.entries.facts import Entry, entry_of
from services.interfaces.directory.entries.needs import access_in
from services.interfaces.directory.feeds.version_1 import FromVersion1
from tests.support.directory import a_service, an_id, an_old_service
from tests.support.open_referral import MOCKS, WHY_NOT, mock

CANARY = "Zebedee"


def entry(**more: Any) -> Entry:
    checked = check_service(a_service(**more))
    assert checked.faults == ()
    return entry_of(checked.document)


@pytest.mark.parametrize(
    ("more", "field", "fault"),
    [
        ({"id": None}, "id", EntryFault.MISSING),
        ({"id": CANARY}, "id", EntryFault.NOT_A_UUID),
        ({"name": "  "}, "name", EntryFault.MISSING),
        ({"name": 7}, "name", EntryFault.NOT_TEXT),
        ({"name": "a\0b"}, "name", EntryFault.NOT_TEXT),
        ({"description": "x" * 20_001}, "description", EntryFault.TOO_LONG),
        ({"status": CANARY}, "status", EntryFault.NOT_IN_LIST),
        ({"url": "javascript:alert(1)"}, "url", EntryFault.NOT_A_LINK),
        ({"url": "example/path"}, "url", EntryFault.NOT_A_LINK),
        ({"url": "http://[::1"}, "url", EntryFault.NOT_A_LINK),
        ({"email": "email-example_com"}, "email", EntryFault.NOT_AN_EMAIL),
        ({"minimum_age": "2"}, "minimum_age", EntryFault.NOT_A_NUMBER),
        ({"minimum_age": True}, "minimum_age", EntryFault.NOT_A_NUMBER),
        ({"minimum_age": float("nan")}, "minimum_age", EntryFault.NOT_A_NUMBER),
        ({"last_modified": CANARY}, "last_modified", EntryFault.NOT_A_MOMENT),
        ({"schedules": {}}, "schedules", EntryFault.NOT_A_LIST),
        ({"schedules": [CANARY]}, "schedules[0]", EntryFault.NOT_AN_OBJECT),
        ({"languages": [{"id": an_id("g")}] * 501}, "languages", EntryFault.TOO_LONG),
        ({"organization": {"id": an_id("o"), "name": "A"}}, "organization.description", "missing"),
    ],
)
def test_what_is_wrong_is_told_by_field(more: dict[str, Any], field: str, fault: str) -> None:
    """And never by what stood there."""
    faults = check_service(a_service(**more)).faults

    assert [(one.field, one.fault) for one in faults] == [(field, fault)]
    assert CANARY not in repr(faults)


def test_what_is_not_known_is_not_kept() -> None:
    """Nor what is empty."""
    found = check_service(a_service(zebedee=1, fees=None) | {"alert": None}).document

    assert not {"zebedee", "fees", "alert"} & found.keys()


def test_what_english_addresses_leave_out_is_filled_in() -> None:
    """A county that nobody writes any more is no reason to list nothing."""
    address = entry().document["service_at_locations"][0]["location"]["addresses"][0]

    assert (address["country"], address["state_province"]) == ("GB", "")


def test_everything_that_it_is_searched_by_follows_from_it() -> None:
    """Need by the words of others' terms, days by rules, access by what is said of the place."""
    found = entry()

    assert found.needs == ("talking-and-play",)
    assert found.days == (1, 3)
    assert found.access == ("step-free",)
    assert found.languages == ("pl",)
    assert found.assured_on == date(2026, 2, 1)
    assert (found.minimum_age, found.maximum_age) == (0, 3)
    assert len(found.places) == len(found.terms) == len(found.taxonomies) == 1


@pytest.mark.parametrize(
    "more",
    [
        {"name": "Northfield refuge"},
        {"description": "For women who live with domestic abuse."},
        {
            "attributes": [
                {"id": an_id("t"), "taxonomy_term": {"id": an_id("d"), "name": "IDVA"}} | {}
            ]
        },
    ],
)
def test_where_people_hide_is_listed_without_a_place(more: dict[str, Any]) -> None:
    """Whoever published it: no location, no area, no days on which somebody may wait there."""
    for attribute in more.get("attributes", ()):
        attribute["taxonomy_term"]["description"] = "IDVA"
    found = entry(**more, url="https://x.example/where", service_areas=[{"id": an_id("r")}])

    assert found.is_withheld
    assert found.places == found.slots == ()
    assert not {"service_at_locations", "service_areas", "schedules", "url"} & found.document.keys()


def test_a_point_outside_the_country_is_a_slip() -> None:
    """The entry is listed all the same, without a point."""
    service = a_service()
    service["service_at_locations"][0]["location"]["latitude"] = 100
    checked = check_service(service)

    found = entry_of(checked.document)

    assert checked.faults == found.places == ()
    assert [(one.field, one.fault) for one in found.slips] == [
        ("service_at_locations[0].location.latitude", EntryFault.NO_SUCH_PLACE)
    ]


@pytest.mark.parametrize(
    ("said", "access"),
    [
        ("Step-free, hearing loop", ("step-free", "hearing-loop")),
        ("Not wheelchair accessible; hearing loop", ("hearing-loop",)),
        ("There is no lift.", ()),
        ("Accessible toilet and Blue Badge parking", ("accessible-toilet", "blue-badge-parking")),
    ],
)
def test_what_a_place_has_not_is_not_counted(said: str, access: tuple[str, ...]) -> None:
    """Words about what is missing are no promise."""
    assert access_in(said) == access


@pytest.mark.parametrize(
    "damaged",
    [
        {"eligibilitys": [{"minimum_age": "many"}]},
        {"service_at_locations": "none"},
        {"regular_schedules": [None, {"opens_at": 5}]},
        {"organization": []},
        {"service_taxonomys": [{"taxonomy": "x"}]},
        {"languages": [{"language": 5}]},
        {"id": {"a": 1}},
    ],
)
def test_a_damaged_service_of_version_1_is_an_entry_or_has_a_fault(
    damaged: dict[str, Any],
) -> None:
    """Nothing else comes of it, and its parts keep their ids from night to night."""
    one, again = (
        check_service(FromVersion1("exbury").service(an_old_service(**damaged))) for _ in range(2)
    )

    assert one == again
    if not one.faults:
        entry_of(one.document)


@pytest.mark.skipif(MOCKS is None, reason=WHY_NOT)
@pytest.mark.parametrize(
    ("name", "shape", "faults"),
    [
        ("service_full.json", "service", {"url", "email"}),
        ("service_list.json", "service", {"name", "url", "email"}),
        ("service_at_location_full.json", "service_at_location", set()),
        ("taxonomy.json", "taxonomy", set()),
        ("taxonomy_term.json", "taxonomy_term", {"description", "term_uri"}),
    ],
)
def test_the_validator_s_mock_responses_pass_and_fail_as_theirs_do(
    name: str, shape: str, faults: set[str]
) -> None:
    """*Default* passes; of *Fail* each field that is wrong by itself is named."""
    passes, fails = mock("V3.0-UK-Default", name), mock("V3.0-UK-Fail", name)
    passes, fails = ((one.get("contents") or [one])[0] for one in (passes, fails))

    assert check(passes, shape).faults == ()
    assert {one.field for one in check(fails, shape).faults} == faults
