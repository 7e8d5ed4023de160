from dataclasses import replace
from datetime import date

import pytest

from schemas.identifiers import PersonId
from tests.support.portal.pages import Form, PageClient
from tests.support.portal.portal_builders import CHILD
from tests.support.portal.portal_forms import A_CHILD, a_permit_for
from tests.unit.services.portal.conftest import Fake


def test_a_family_without_a_decision_has_no_name_on_the_list(priya: PageClient) -> None:
    """The link says so, with a reference one can read over the telephone."""
    page = priya.get("/")

    assert page.links["Name not shared with you (record WREN01)"] == f"/families/{CHILD}"
    assert "Date of birth not shared with you" in page.text


def test_a_family_that_shares_has_its_name_and_age(priya: PageClient, world: Fake) -> None:
    """And the reason why it is on the list."""
    world.record(a_permit_for(CHILD))

    page = priya.get("/")

    assert "Ava Rose Wren" in page.links
    assert "Born 3 May 2024, 2 years old" in page.text
    assert "On the agency's case-load" in page.text


def test_no_family_is_said_in_words(client: PageClient) -> None:
    """An empty list is not a blank page."""
    client.sign_in("tom-ellis")

    assert "No family is recorded as yours" in client.get("/").text


def test_finding_leads_to_the_family_and_nothing_typed_to_an_address(priya: PageClient) -> None:
    """The number and the date stay out of addresses, where logs would keep them."""
    response = priya.send_raw("/find-a-family", "/find-a-family", A_CHILD)

    assert response.status_code == 303
    assert response.headers["location"] == f"/families/{CHILD}"


def test_protected_and_unknown_people_are_not_found_alike(priya: PageClient, world: Fake) -> None:
    """The page is the same to the letter, but for what makes each answer unique."""
    texts = [
        priya.send(
            "/find-a-family", "/find-a-family", {**A_CHILD, "identifier": entry.value}, 403
        ).whole_text
        for entry in (world.protected_entry, world.unknown_entry)
    ]

    assert texts[0] == texts[1]
    assert "You cannot see this page" in texts[0]


def test_not_found_says_whom_to_ask(priya: PageClient, world: Fake) -> None:
    """And leads to nothing that would be refused too."""
    form = {**A_CHILD, "identifier": world.unknown_entry.value}

    page = priya.send("/find-a-family", "/find-a-family", form, 403)

    assert "duty line" in page.text
    main = page.tree.get_element_by_id("main-content")
    assert main.xpath(".//a/@href") == ["/here", "/ask-to-work-with", "/emergency"]


def test_mistakes_come_back_beside_their_fields(priya: PageClient) -> None:
    """What was typed is still there, and the summary leads to each field."""
    form = {**A_CHILD, "identifier": "999 000 0019", "date-of-birth-year": ""}

    page = priya.send("/find-a-family", "/find-a-family", form)

    assert page.errors == [
        "Enter a real NHS number: 10 digits, such as 999 123 4567",
        "Enter a date of birth with a day, month and year",
    ]
    assert page.tree.get_element_by_id("identifier").get("value") == "999 000 0019"


def test_a_search_needs_the_right_date_of_birth(priya: PageClient, world: Fake) -> None:
    """A number alone opens nothing."""
    assert world.child_entry.date_of_birth == date(2024, 5, 3)

    page = priya.send(
        "/find-a-family", "/find-a-family", {**A_CHILD, "date-of-birth-day": "4"}, 403
    )

    assert page.heading == "You cannot see this page"


def test_every_search_reaches_the_services(priya: PageClient, world: Fake) -> None:
    """They record it, whether it finds somebody or not."""
    form = {**A_CHILD, "identifier": world.unknown_entry.value}

    priya.send("/find-a-family", "/find-a-family", form, 403)

    assert world.services.searches == [(world.practitioner.id, world.unknown_entry)]


BY_NAME: Form = {**A_CHILD, "scheme": "surname", "identifier": "wren"}


@pytest.mark.parametrize("typed", ["wren", "WREN", "Ava Wren", "Wren, Ava", "Wren-Doyle Ava"])
def test_a_surname_and_a_date_of_birth_find_a_family_of_ones_own(
    priya: PageClient, world: Fake, typed: str
) -> None:
    """In whatever order it is typed; nothing of it stands in an address."""
    world.record(a_permit_for(CHILD))
    page = priya.send_and_follow(
        "/find-a-family", "/find-a-family", {**BY_NAME, "identifier": typed}
    )

    assert page.heading == "Overview"
    assert "wren" not in str(page.response.url).replace("person-wren-01", "").lower()
    assert [sought.name for _, sought in world.services.names_sought] == [typed]


@pytest.mark.parametrize(
    "other", [{"identifier": "Ava"}, {"identifier": "Moss"}, {"date-of-birth-day": "4"}]
)
def test_whoever_is_not_called_so_or_is_not_ones_own_is_one_answer(
    priya: PageClient, other: Form
) -> None:
    """A first name alone finds nobody either."""
    page = priya.send("/find-a-family", "/find-a-family", {**BY_NAME, **other}, 403)

    assert page.heading == "You cannot see this page"


def test_a_surname_that_is_left_out_comes_back(priya: PageClient) -> None:
    """Beside its field."""
    page = priya.send("/find-a-family", "/find-a-family", {**BY_NAME, "identifier": " "})

    assert page.errors == ["Enter their surname; a first name may stand with it"]


def test_twins_are_listed(priya: PageClient, world: Fake) -> None:
    """With name, age and reference."""
    twin = PersonId("person-wren-09")
    world.services.profiles[twin] = replace(world.services.profiles[CHILD], child=twin)
    world.services.relationships.add((world.practitioner.id, twin))

    page = priya.send("/find-a-family", "/find-a-family", BY_NAME, 200)

    assert page.heading == "2 children found"
    assert "WREN09" in page.text


def test_a_child_not_born_yet_is_said_to_be_so_and_not_to_be_kept_from_anybody(
    priya: PageClient, world: Fake
) -> None:
    """On the list and in the header: "not shared" would be false."""
    child = world.services.profiles[CHILD].people[0]
    unborn = replace(child, date_of_birth=None, expected_date_of_birth="2027-02-01")
    profile = replace(world.services.profiles[CHILD], people=(unborn,))
    world.services.profiles[CHILD] = profile
    world.record(a_permit_for(CHILD))

    listed, consent = priya.get("/"), priya.get(f"/families/{CHILD}/consent")

    assert "Not born yet, expected 1 February 2027" in listed.text
    assert "not shared" not in listed.text
    (header,) = consent.tree.find_class("app-record")
    assert "Not born yet, expected 1 February 2027" in header.text_content()
