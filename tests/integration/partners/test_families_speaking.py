"""For whom a partner may ask: practitioners of its agencies, named under its own signature."""

from collections.abc import Iterator

import pytest
from sqlalchemy import text

from consent.ledger.events import LedgerEvent
from schemas.identifiers import PractitionerId
from schemas.vocabulary import Purpose, Role, Source
from services.interfaces.partners.acting import PRACTITIONER_CLAIM, PURPOSE_CLAIM
from services.interfaces.partners.ports import Scope
from services.people.practitioners.postgres_directory import Agency, PractitionerEntry
from services.work import Outside, unit_of_work
from tests.support.builders import TEACHER, VISITOR
from tests.support.fakes.in_process import AGENCY, InProcess
from tests.support.partners import NORTHFIELD, OTHER
from tests.support.partners_database import THEIR_KEYS
from tests.support.people.families import FamiliesOnDatabase, a_known_family, families_on
from tests.support.people.relating import works_as

pytestmark = pytest.mark.postgres

MANAGER = PractitionerId("b7" * 16)
_NOT_NAMED = "urn:tell-once:problem:practitioner-not-named"


@pytest.fixture
def families(outside: Outside) -> Iterator[FamiliesOnDatabase]:
    """Give the families interface; a manager works in the visitor's agency."""
    with InProcess.running(outside) as running, families_on(running) as found:
        with unit_of_work(running.portal) as work:
            who = (MANAGER, "A manager", Role.SERVICE_MANAGER, "Manager", AGENCY, None, "M7")
            work.directory.save_practitioner(PractitionerEntry(*who, Purpose.DIRECT_CARE))
        yield found


@pytest.mark.parametrize(
    ("claims", "error"),
    [
        ({PRACTITIONER_CLAIM: TEACHER}, "invalid_grant"),
        ({PRACTITIONER_CLAIM: "0" * 32}, "invalid_grant"),
        ({PRACTITIONER_CLAIM: MANAGER}, "invalid_grant"),
        ({PRACTITIONER_CLAIM: None}, "invalid_request"),
        ({PRACTITIONER_CLAIM: ""}, "invalid_request"),
        ({PRACTITIONER_CLAIM: "\0"}, "invalid_request"),
        ({PRACTITIONER_CLAIM: [VISITOR]}, "invalid_request"),
        ({PRACTITIONER_CLAIM: "x" * 65}, "invalid_request"),
        ({PURPOSE_CLAIM: None}, "invalid_request"),
        ({PURPOSE_CLAIM: "curiosity"}, "invalid_request"),
        ({PURPOSE_CLAIM: ["direct-care"]}, "invalid_request"),
    ],
    ids=str,
)
def test_a_token_is_for_a_practitioner_of_its_own_and_a_purpose(
    families: FamiliesOnDatabase, claims: dict[str, str], error: str
):
    """Unknown, another agency's and one who opens no records are told alike."""
    answer = families.token_answer(**claims)

    assert (answer.status_code, answer.json()["error"]) == (400, error)


def test_a_practitioner_may_be_named_as_their_agency_knows_them(families: FamiliesOnDatabase):
    """By its own id for them, if that is one person's."""
    child, _ = a_known_family(families.running)
    with unit_of_work(families.running.outside) as work:
        works_as(work, VISITOR, worker_ref="HV-1")

    answer = families.get(child, families.token(**{PRACTITIONER_CLAIM: "HV-1"}))

    assert answer.status_code == 200


def test_outside_the_demonstration_no_practitioner_is_named(families: FamiliesOnDatabase):
    """Neither a token is given nor one that was given before is good; both are entered."""
    child, _ = a_known_family(families.running)
    headers = families.token()
    with families.running.outside.engine.begin() as connection:
        connection.execute(text("UPDATE installation SET is_demonstration = false"))

    asked, answer = families.token_answer(), families.get(child, headers)

    assert (asked.status_code, asked.json()["error"]) == (400, "invalid_grant")
    assert (answer.status_code, answer.json()["type"]) == (403, _NOT_NAMED)
    refused = families.running.ledger(LedgerEvent.PRACTITIONER_NAMING_REFUSED)
    assert [entry.fields["because"] for entry in refused] == ["is-no-demonstration"] * 2


@pytest.mark.parametrize("scope", ["dispositions:read", "families:read dispositions:read"])
def test_a_token_that_names_somebody_is_for_nothing_else(families: FamiliesOnDatabase, scope: str):
    """Whatever else the partner may do, it asks for with another."""
    answer = families.token_answer(form={"scope": scope})

    assert answer.json()["error"] == "invalid_scope"


def test_a_partner_that_may_not_show_families_gets_no_such_token(families: FamiliesOnDatabase):
    """Its key is good for what it was let in for."""
    more = {"agencies": frozenset(), "keys": THEIR_KEYS}
    families.partners.onboard(OTHER, Scope.EVENTS_SCHOOLS, **more)

    answer = families.token_answer(OTHER)

    assert answer.json()["error"] in {"invalid_grant", "invalid_scope"}


def test_a_token_that_names_nobody_opens_no_family(families: FamiliesOnDatabase):
    """With a secret nobody can be named; the scope alone is not enough."""
    child, _ = a_known_family(families.running)
    headers = families.partners.token(NORTHFIELD, scope="families:read")

    answer = families.get(child, headers)

    assert answer.status_code == 403
    assert answer.json()["type"] == _NOT_NAMED


def test_a_token_for_something_else_opens_no_family(families: FamiliesOnDatabase):
    """Nor does none."""
    child, _ = a_known_family(families.running)

    other = families.get(child, families.partners.token(NORTHFIELD, scope="dispositions:read"))
    none = families.get(child, {})

    assert (other.status_code, none.status_code) == (403, 401)
    assert other.json()["type"] == "urn:tell-once:problem:scope-missing"


def test_who_has_left_the_agency_is_named_no_more(families: FamiliesOnDatabase):
    """At once, with the token that they have."""
    child, _ = a_known_family(families.running)
    headers = families.token()
    with unit_of_work(families.running.portal) as work:
        work.directory.save_agency(Agency("Z1", "Elsewhere", Source.SCHOOLS, None))
        who = (VISITOR, "A worker", Role.PRACTITIONER, "Worker", "Z1", None, None)
        work.directory.save_practitioner(PractitionerEntry(*who, Purpose.DIRECT_CARE))

    answer = families.get(child, headers)

    assert (answer.status_code, answer.json()["type"]) == (403, _NOT_NAMED)


def test_a_suspended_partner_shows_nothing_more(families: FamiliesOnDatabase):
    """With the token that it has."""
    child, _ = a_known_family(families.running)
    headers = families.token()

    families.partners.suspend()

    assert families.get(child, headers).status_code == 401
