"""Messages that nobody could read, or that wait for somebody alike, and name who is erased."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from consent.ledger.events import LedgerEvent
from schemas.vocabulary import Category, Source
from services.work import Outside
from tests.support.erasing import erased
from tests.support.fakes.in_process import InProcess
from tests.support.messages.csc import csc
from tests.support.messages.nems import APerson
from tests.support.messages.nems_messages import vaccination
from tests.support.messages.source_messages import the_child
from tests.support.people.joined import by_la_id
from tests.support.traces.traces import Traces

pytestmark = pytest.mark.postgres

FAMILY = "Quillfeather"
PERSON = APerson(nhs_number="9990000018", born="2024-05-03", family=FAMILY, given=("Ottoline",))


@pytest.fixture
def running(outside: Outside) -> Iterator[InProcess]:
    """Give the main job on an empty database."""
    with InProcess.running(outside) as found:
        yield found


def test_a_parked_message_that_names_them_goes_and_others_stay(running: InProcess, tmp_path: Path):
    """By their number, in a file that was cut off; the ledger says how many."""
    (person,) = running.decide(the_child()).decision.subjects
    theirs, other = tmp_path / "1.xml", tmp_path / "2.xml"
    theirs.write_bytes(vaccination(PERSON)[:-9])
    other.write_bytes(vaccination(replace(PERSON, nhs_number="9990000026"))[:-9])
    running.ingest(Source.HEALTH_VISITING, theirs, other)
    assert running.count("parked") == 2

    erased(person, running.outside)

    assert running.count("parked") == 1
    (entry,) = running.ledger(LedgerEvent.PERSON_ERASED)
    assert entry.fields["parked"] == 1


def test_a_held_message_that_names_them_without_a_number_goes(running: InProcess, tmp_path: Path):
    """Found by what is known of them, as somebody looks for them."""
    (person,) = running.decide(the_child(), categories=list(Category)).decision.subjects
    known, held = tmp_path / "known.xml", tmp_path / "held.xml"
    known.write_bytes(vaccination(PERSON))
    held.write_bytes(vaccination(replace(PERSON, nhs_number=None, postcode="NF2 2BB")))
    running.ingest(Source.HEALTH_VISITING, known)
    running.settle()
    running.ingest(Source.HEALTH_VISITING, held)
    assert running.count("holding_health_visiting.held_message") == 1

    erased(person, running.outside)
    running.settle()

    assert Traces(running.outside).of([FAMILY]) == {}


def test_a_parked_message_about_them_by_an_authoritys_number_goes(
    running: InProcess, tmp_path: Path
):
    """Which nothing in its text shows to be theirs; and with it all that said whom it is about."""
    (person,) = running.decide(by_la_id("999/NC-1001")).decision.subjects
    theirs, other = tmp_path / "1.json", tmp_path / "2.json"
    for path, number in ((theirs, "NC-1001"), (other, "NC-1002")):
        path.write_bytes(csc({"la_child_id": number, "child_details": "none"}))
    running.ingest(Source.SOCIAL_CARE, theirs, other)
    assert running.count("parked_about") == 2

    erased(person, running.outside)

    assert running.count("parked") == running.count("parked_about") == 1
