"""A registrar's list on its way: the registered name stands before "Baby", and nobody is joined."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from consent.ledger.events import LedgerEvent
from consent.model import RelationshipGround
from schemas.identifiers import PersonId
from schemas.records.payloads import BIRTH_REGISTERED, PersonDetails
from schemas.vocabulary import Category, Disposition, Source
from services.profile.model import Profile
from services.work import Outside, unit_of_work
from tests.support.builders import VISITOR
from tests.support.fakes.in_process import InProcess
from tests.support.messages.source_messages import CHILD_NUMBER, a_message, a_record, the_child
from tests.support.people.relating import relate

pytestmark = pytest.mark.postgres
NUMBER, BORN, NOBODYS = CHILD_NUMBER, "2024-05-03", "9990000042"
HEADER = "LA_CODE,REGISTRATION_DISTRICT,REGISTERED_ON,REGISTRATION_STATUS,NHS_NUMBER,FAMILY_NAME,"
HEADER += "GIVEN_NAMES,DATE_OF_BIRTH,AS_AT\n"


@pytest.fixture
def running(outside: Outside) -> Iterator[InProcess]:
    """Give the main job on an empty database."""
    with InProcess.running(outside) as found:
        yield found


def _a_baby(running: InProcess) -> PersonId:
    """A child whom health visiting knows by a placeholder, and whose mother has agreed."""
    (child,) = running.decide(the_child()).decision.subjects
    details = PersonDetails("Smith", ("Baby",), date_of_birth=BORN, placeholder_name=True)
    running.receive(a_message("m1", a_record("r1", details, Category.IDENTITY_AND_CONTACT)))
    running.settle()
    with unit_of_work(running.portal) as work:
        relate(work, VISITOR, child, RelationshipGround.CASE_LOAD)
    return child


def _registered(tmp_path: Path, *, status: str = "", number: str = NUMBER, at: str = "05") -> Path:
    path = tmp_path / f"births-{status}{at}.csv"
    row = f"999,Northfield,{at}/06/2024,{status},{number},Smith,Wren,{BORN},2024-06-{at}"
    path.write_text(f"{HEADER}{row}\n", encoding="utf-8")
    return path


def _read(running: InProcess, child: PersonId) -> Profile:
    profile = running.read(child)
    assert isinstance(profile, Profile)
    return profile


def test_a_registered_name_stands_before_a_placeholder_until_it_is_taken_back(
    running: InProcess, tmp_path: Path
) -> None:
    """As a claim of the hub's beside the other; that it is registered is on the timeline."""
    child = _a_baby(running)
    (one,) = running.ingest(Source.FAMILY_HUB, _registered(tmp_path))
    running.settle()
    named = _read(running, child)
    again = running.ingest(Source.FAMILY_HUB, _registered(tmp_path))
    running.ingest(Source.FAMILY_HUB, _registered(tmp_path, status="cancelled", at="06"))
    running.settle()
    after = _read(running, child)

    assert one.message.disposition is Disposition.PUBLISHED
    assert [name.given_names for name in named.people[0].names] == [("Wren",), ("Baby",)]
    assert not named.people[0].placeholder_name
    assert BIRTH_REGISTERED in {e.occurrence.title for e in named.timeline}
    assert again[0].message.disposition is Disposition.DUPLICATE
    assert [name.given_names for name in after.people[0].names] == [("Baby",)]
    assert BIRTH_REGISTERED not in {e.occurrence.title for e in after.timeline}


def test_it_is_withheld_where_nobody_may_have_it_and_makes_nobody_anybodys(
    running: InProcess, tmp_path: Path
) -> None:
    """Of a child of whom nothing was decided; no relationship comes of it."""
    (one,) = running.ingest(Source.FAMILY_HUB, _registered(tmp_path, number=NOBODYS))
    running.settle()

    assert one.message.disposition is Disposition.WITHHELD
    assert running.ledger(LedgerEvent.RELATIONSHIP_MADE) == []
