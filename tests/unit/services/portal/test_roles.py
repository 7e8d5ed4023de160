import pytest

from schemas.vocabulary import OPENS_FAMILY_RECORDS, Role
from services.people.practitioners.permissions import Permission, allows
from tests.support.each_case import each_case
from tests.support.portal.pages import PageClient
from tests.support.portal.portal_builders import CHILD

RECORD_PAGES = [
    "/find-a-family",
    "/record-a-decision",
    f"/families/{CHILD}",
    f"/families/{CHILD}/story",
    f"/families/{CHILD}/story/new",
    f"/families/{CHILD}/story/confirm",
    f"/families/{CHILD}/story/s2/confirm",
    f"/families/{CHILD}/story/s2/correct",
    f"/families/{CHILD}/story/s2/keep",
    f"/families/{CHILD}/timeline",
    f"/families/{CHILD}/support/help/new",
    f"/families/{CHILD}/support/step/new",
    f"/families/{CHILD}/support/involved",
    f"/families/{CHILD}/consent",
    f"/families/{CHILD}/consent/new",
    f"/families/{CHILD}/consent/decision-0001",
    f"/families/{CHILD}/consent/decision-0001/invalidate",
    f"/families/{CHILD}/who-has-looked",
    f"/families/{CHILD}/who-has-looked/for-parents",
    "/due-for-review",
]


@pytest.mark.parametrize("role", list(Role))
def test_only_those_who_work_with_families_open_records(role: Role) -> None:
    """Auditors, administrators, stewards and managers have pages of their own."""
    works_with_families = role in {Role.PRACTITIONER, Role.LEAD_PRACTITIONER}

    assert allows(Permission.FAMILY_RECORDS, role) == works_with_families
    assert (role in OPENS_FAMILY_RECORDS) == works_with_families


@pytest.mark.parametrize("role", list(Role))
def test_only_data_stewards_say_who_is_who(role: Role) -> None:
    """Who works with families does not: whose records they are is decided apart from them."""
    assert allows(Permission.WHO_IS_WHO, role) == (role is Role.DATA_STEWARD)


@pytest.mark.parametrize("person", ["iris-vane", "ada-orr"])
def test_auditors_and_administrators_see_no_records(client: PageClient, person: str) -> None:
    """Every page of a family is closed to them."""
    client.sign_in(person)

    with each_case() as case:
        for address in RECORD_PAGES:
            with case(address):
                page = client.get(address, 403)

                assert page.heading == "Your role does not open this page"


@pytest.mark.parametrize("role", list(Role))
def test_only_administrators_and_leads_see_who_works_where(role: Role) -> None:
    """A lead in their own agency; to add or change somebody is an administrator's."""
    sees = {Role.LEAD_PRACTITIONER, Role.ADMINISTRATOR}

    assert allows(Permission.STAFF, role) == (role in sees)
    assert allows(Permission.ACCOUNTS, role) == (role is Role.ADMINISTRATOR)


@pytest.mark.parametrize("role", list(Role))
def test_only_second_hands_answer_orders(role: Role) -> None:
    """Leads, for staff; officers, for erasures and reports, and for families' own pages."""
    hands = {
        *(Role.LEAD_PRACTITIONER, Role.INFORMATION_GOVERNANCE, Role.ADMINISTRATOR),
        Role.CONFIRMING_OFFICER,
    }

    assert allows(Permission.SECOND_HAND, role) == (role in hands)


@pytest.mark.parametrize("role", list(Role))
def test_only_information_governance_asks_what_auditors_ask(role: Role) -> None:
    """Whoever is asked about does not."""
    assert allows(Permission.AUDIT, role) == (role is Role.INFORMATION_GOVERNANCE)


@pytest.mark.parametrize(("person", "home"), [("iris-vane", "/audit"), ("ada-orr", "/orders")])
def test_they_can_come_in_and_go_out(client: PageClient, person: str, home: str) -> None:
    """What waits for them says that their role opens no records; auditors come to their own."""
    client.sign_in(person)

    assert client.http.get("/").headers["location"] == home
    page = client.get("/orders")

    assert page.heading == "What waits for you"
    assert "does not open family records" in page.text
    assert "Find a family" not in page.links
    assert client.send_and_follow("/orders", "/sign-out", {}).heading == "Sign in"
