"""The main job on a real database: withheld, decided, published, stored, read, withdrawn."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from consent import Reason
from consent.errors import LedgerUnavailableError
from consent.ledger.events import LedgerEvent
from consent.model import Response
from schemas.identifiers import nhs_number_identifier, upn_identifier
from schemas.records.message import Subject
from schemas.vocabulary import Category, Source
from services.platform.errors import ServiceUnavailableError
from services.profile.model import Profile, ProfileRefused, SourceState
from services.work import Outside
from tests.support.builders import DAY, TEACHER, VISITOR
from tests.support.fakes.in_process import InProcess
from tests.support.messages.ctf import APupil, ctf
from tests.support.messages.nems import APerson
from tests.support.messages.nems_messages import professional_contact
from tests.support.messages.source_messages import A_VISITOR, a_message, a_record, the_child
from tests.support.traces.in_the_clear import found_in_the_clear

pytestmark = pytest.mark.postgres

NUMBER = "9990000018"
CANARIES = (
    "Quillfeather",
    "Ottoline",
    "9990000018",
    "Wherewithal Lane",
    "ZZ9 9ZZ",
    "T999200119011",
)


@pytest.fixture
def running(outside: Outside) -> Iterator[InProcess]:
    """Give the main job on an empty database."""
    with InProcess.running(outside) as found:
        yield found


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    """Give what health visiting and a school send about one child, full of canaries."""
    person = APerson(nhs_number=NUMBER, family="Quillfeather", given=("Ottoline",))
    visit, school = tmp_path / "visit.xml", tmp_path / "school.xml"
    visit.write_bytes(professional_contact(person, practitioner_ref="HV-0101"))
    pupil = APupil(
        surname="Quillfeather",
        forename="Ottoline",
        born=person.born or "",
        lines=("1 Wherewithal Lane",),
        postcode="ZZ9 9ZZ",
    )
    school.write_bytes(ctf(pupil))
    return visit, school


def test_before_a_decision_nothing_about_the_family_is_on_the_shared_side(
    running: InProcess, files: tuple[Path, Path]
):
    """No event and no record; what is its own agency's is sealed, so in the clear not a word."""
    rows = running.ingest(Source.HEALTH_VISITING, files[0])
    rows += running.ingest(Source.SCHOOLS, files[1])
    running.settle()

    assert [row.message.disposition.value for row in rows] == ["withheld", "withheld"]
    for table in ("outbox", "bus_messages", "record", "case_load"):
        assert running.count(table) == 0, table
    assert running.count("holding_health_visiting.held_message") == 1
    assert found_in_the_clear(running.outside.engine, CANARIES) == []


def test_after_a_decision_what_was_withheld_comes_by_itself(
    running: InProcess, files: tuple[Path, Path]
):
    """Health visiting from its own store, the school from its file; sealed all the way."""
    running.ingest(Source.HEALTH_VISITING, files[0])
    running.ingest(Source.SCHOOLS, files[1])

    known_by = (nhs_number_identifier(NUMBER), upn_identifier("T999200119011"))
    decided = running.decide(Subject("child", known_by))
    running.settle()

    sources = {record.source for record in running.stored(*decided.decision.subjects)}
    assert sources == {Source.HEALTH_VISITING, Source.SCHOOLS}
    assert running.count("holding_health_visiting.held_message") == 0
    assert running.count("outbox") == 0
    assert found_in_the_clear(running.outside.engine, CANARIES) == []


def test_the_profile_shows_what_is_permitted_and_the_look_is_recorded(running: InProcess):
    """Read by who works with the child; the entry names the decisions it was decided from."""
    decided = running.decide(the_child())
    running.receive(a_message("m1", a_record("w1", A_VISITOR, Category.PRACTITIONERS)))
    running.settle()
    (person,) = decided.decision.subjects

    profile = running.read(person)

    assert isinstance(profile, Profile)
    assert [view.service for view in profile.practitioners] == ["Health visiting"]
    states = {status.source: status.state for status in profile.sources}
    assert states[Source.HEALTH_VISITING] is SourceState.HAS_RECORDS
    (look,) = running.ledger(LedgerEvent.PROFILE_READ)
    assert look.fields["decided_from"] == (decided.decision.id,)
    assert look.actor == f"practitioner:{VISITOR}"


def test_a_withdrawal_refuses_the_very_next_read_and_is_purged_behind_it(running: InProcess):
    """The read does not wait for the purge; the purge does not wait for a read."""
    decided = running.decide(the_child())
    running.receive(
        a_message("m1", a_record("r1"), a_record("w1", A_VISITOR, Category.PRACTITIONERS))
    )
    running.settle()
    (person,) = decided.decision.subjects
    assert isinstance(running.read(person), Profile)

    running.withdraw(decided.decision.id)
    refused = running.read(person)
    still_stored = running.count("record")
    running.settle()

    assert isinstance(refused, ProfileRefused)
    assert refused.reasons == (Reason.WITHDRAWN,)
    assert still_stored == 2
    assert running.count("record") == 0
    assert running.count("case_load") == 0
    (purge,) = running.ledger(LedgerEvent.PROFILE_PURGED)
    assert purge.fields["records"] == 2


def test_a_refusal_to_read_leaves_its_entry(running: InProcess):
    """A refusal is an answer: its transaction is committed, its entry stays."""
    decided = running.decide(the_child(), response=Response.REFUSED)
    (person,) = decided.decision.subjects

    answer = running.read(person)

    assert isinstance(answer, ProfileRefused)
    (entry,) = running.ledger(LedgerEvent.PROFILE_READ_REFUSED)
    assert entry.fields["reasons"] == (Reason.NO_RELATIONSHIP,)
    assert running.count("look") == 1


def test_when_the_ledger_cannot_be_written_nothing_is_shown(running: InProcess):
    """No entry, no answer, and no trace of a look that did not happen."""
    decided = running.decide(the_child())
    running.receive(a_message("m1", a_record("w1", A_VISITOR, Category.PRACTITIONERS)))
    running.settle()
    (person,) = decided.decision.subjects
    running.break_the_ledger()

    with pytest.raises(ServiceUnavailableError) as raised:
        running.read(person)

    assert isinstance(raised.value.__cause__, LedgerUnavailableError)
    assert running.count("look") == 0


def test_when_the_ledger_cannot_be_written_nothing_is_decided_or_published(running: InProcess):
    """Decision, event and entry are one transaction."""
    running.decide(the_child())
    before = {table: running.count(table) for table in ("sharing_decision", "outbox")}
    running.break_the_ledger()

    with pytest.raises(ServiceUnavailableError):
        running.decide(the_child(), response=Response.REFUSED)
    with pytest.raises(ServiceUnavailableError):
        running.receive(a_message("m1", a_record("r1")))

    assert {table: running.count(table) for table in before} == before
    assert running.count("message_outcome") == 0


def test_a_restriction_hides_the_person_from_the_very_next_read(running: InProcess):
    """And purges what is stored, where nobody who is allowed may see it."""
    decided = running.decide(the_child())
    running.receive(a_message("m1", a_record("w1", A_VISITOR, Category.PRACTITIONERS)))
    running.settle()
    (person,) = decided.decision.subjects

    running.restrict(person, TEACHER)
    refused = running.read(person)
    running.outside.clock.pass_by(DAY)
    running.settle()

    assert isinstance(refused, ProfileRefused)
    assert refused.reasons == (Reason.RESTRICTED,)
    assert running.count("record") == 1


def test_a_restriction_to_nobody_purges_everything(running: InProcess):
    """There is nobody left for whom it could be held."""
    decided = running.decide(the_child())
    running.receive(a_message("m1", a_record("r1")))
    running.settle()
    (person,) = decided.decision.subjects

    running.restrict(person)
    running.settle()

    assert running.count("record") == 0
