"""The pages on which a family names a worker who must not see it."""

from datetime import date

import pytest

from schemas.vocabulary import IdentifierScheme, Source
from services.people.practitioners.people import SubjectEntry
from tests.support.portal.pages import Form, PageClient
from tests.support.portal.portal_builders import CHILD
from tests.unit.services.portal.conftest import Fake

FIRST = "/who-must-not-see"
OF_A_FAMILY = f"/families/{CHILD}/consent/who-must-not-see"
STRANGERS = f"/families/{'9c' * 16}/consent/who-must-not-see"
NAMED: Form = {"worker": "Ruth Vane", "works-in": "social-care"}
TYPED: Form = {
    "scheme": "nhs-number",
    "identifier": "999 000 0018",
    "date-of-birth-day": "3",
    "date-of-birth-month": "5",
    "date-of-birth-year": "2024",
}


def test_the_page_of_consent_leads_there(priya: PageClient):
    """With what it does and does not do, before anything is written."""
    page = priya.get(f"/families/{CHILD}/consent")

    assert page.links["Somebody who must not see this family"] == OF_A_FAMILY
    assert "also in an emergency" in priya.get(OF_A_FAMILY).text


def test_what_is_written_is_taken_without_a_word_on_whom_it_meant(priya: PageClient, world: Fake):
    """About the person on the page, with where the worker works where that is known."""
    page = priya.send_and_follow(OF_A_FAMILY, OF_A_FAMILY, NAMED)

    assert page.heading == "Written down"
    assert world.services.named_excluded == [(CHILD, "Ruth Vane", Source.SOCIAL_CARE)]


def test_by_number_it_is_taken_from_whoever_the_family_turned_to(priya: PageClient, world: Fake):
    """Whether or not they have anything to do with it."""
    page = priya.send_and_follow(FIRST, FIRST, {**TYPED, "worker": "Ruth Vane"})

    ((about, name, works_in),) = world.services.named_excluded
    assert page.heading == "Written down"
    assert about == SubjectEntry(IdentifierScheme.NHS_NUMBER, "9990000018", date(2024, 5, 3))
    assert (name, works_in) == ("Ruth Vane", None)


@pytest.mark.parametrize(
    "said",
    [
        ("  ", "Enter the worker’s full name"),
        ("x" * 201, "The worker’s name must be 200 characters or fewer"),
    ],
)
@pytest.mark.parametrize(("path", "subject"), [(OF_A_FAMILY, {}), (FIRST, TYPED)])
def test_what_is_no_name_is_said(
    priya: PageClient, world: Fake, path: str, subject: Form, said: tuple[str, str]
):
    """And nothing is written down."""
    page = priya.send(path, path, {**subject, "worker": said[0]})

    assert page.errors == [said[1]]
    assert world.services.named_excluded == []


def test_a_number_that_is_none_is_said_before_anything_is_looked_up(priya: PageClient, world: Fake):
    """As everywhere."""
    page = priya.send(FIRST, FIRST, {**TYPED, **NAMED, "identifier": "9990000019"})

    assert page.errors
    assert world.services.named_excluded == []
