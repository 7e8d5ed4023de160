"""A message that contradicts itself about a date of birth: settled, marked, or waiting for two."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from consent.ledger.events import LedgerEvent
from schemas.identifiers import PersonId
from schemas.records.payloads import Occurrence, PersonDetails
from schemas.vocabulary import Label, Source
from services.portal.words.cards import said_by
from services.profile.merging.claims import provenance_of
from services.work import Outside, unit_of_work
from tests.support.fakes.in_process import InProcess, by_number
from tests.support.messages.nems import AHeader, APerson
from tests.support.messages.nems_messages import vaccination
from tests.support.messages.nems_pds import birth_notification

pytestmark = pytest.mark.postgres

BORN, OTHER_DAY = "2024-05-03", "2014-05-03"
CHILD = APerson(nhs_number="9990000018", family="Fern", given=("Ada",), born=OTHER_DAY)
TIMED = replace(CHILD, birth_time=f"{BORN}T04:10:00+00:00")
ROUTED = AHeader(event="vaccinations-1", routing_birth=f"{BORN}T00:00:00+00:00")


@pytest.fixture
def running(outside: Outside) -> Iterator[InProcess]:
    """Give the main job, with nobody of whom anything is permitted."""
    with InProcess.running(outside) as found:
        yield found


def known(running: InProcess, born: str | None = BORN) -> PersonId:
    """The child, of whom everything is permitted, born on that day as is on record."""
    subject = by_number("9990000018", born)
    running.decide(subject)
    found = running.person(subject)
    assert found is not None
    return found


def became(
    running: InProcess, folder: Path, text: bytes, name: str = "one"
) -> tuple[str, str | None]:
    """What becomes of a message: its disposition and the reason."""
    path = folder / f"{name}.xml"
    path.write_bytes(text)
    (row,) = running.ingest(Source.HEALTH_VISITING, path)
    running.settle()
    return row.message.disposition.value, row.message.reason


SETTLED = ("published", "dates-contradict")
PARKED = ("parked", "Patient.birthDate: contradicts:MessageHeader.birthDateTime")


def test_what_was_found_is_published_and_marked_where_the_date_on_record_agrees(
    running: InProcess, tmp_path: Path
):
    """Number, name and the routing date agree; neither date is learnt, and nothing of identity."""
    child = known(running)

    assert became(running, tmp_path, vaccination(CHILD, ROUTED)) == (
        "published",
        "dates-contradict",
    )

    stored = running.stored(child)
    assert [type(record.payload) for record in stored] == [Occurrence]
    assert Label.DATES_CONTRADICT in stored[0].labels
    assert said_by(provenance_of(stored[0])).endswith("contradict each other")
    entries = running.ledger(LedgerEvent.CONTRADICTION_SETTLED)
    assert [entry.fields["because"] for entry in entries] == ["agrees"]


def test_the_time_of_birth_settles_it_where_no_date_is_on_record(
    running: InProcess, tmp_path: Path
):
    """And no date is on record afterwards either: both contradict nothing."""
    child = known(running, born=None)

    assert became(running, tmp_path, vaccination(TIMED, ROUTED)) == (
        "published",
        "dates-contradict",
    )

    for day in (BORN, OTHER_DAY):
        assert running.person(by_number("9990000018", day)) == child
    assert not any(isinstance(r.payload, PersonDetails) for r in running.stored(child))


@dataclass(frozen=True)
class Waits:
    """What a message says, and what is on record, that leaves it to a steward."""

    why: str
    person: APerson = TIMED
    header: AHeader = ROUTED
    on_record: str | None = BORN


WAITING = (
    Waits("nothing is known of the date", CHILD, on_record=None),
    Waits("the date on record is the other", TIMED, on_record=OTHER_DAY),
    Waits("the date on record is a third", TIMED, on_record="2020-01-01"),
    Waits("it was routed by another name", TIMED, replace(ROUTED, routing_family="Larch")),
    Waits("the name is a placeholder", replace(TIMED, given=("Baby",))),
    Waits("it says that they are one of several", replace(TIMED, birth_order="2")),
    Waits("it states a death", replace(TIMED, died="2025-01-01")),
    Waits("the routing date is a year", TIMED, replace(ROUTED, routing_birth="2024")),
    Waits("it was routed by no number", TIMED, replace(ROUTED, routing_number=None)),
)


NUMBERS = (
    *("9990000018", "9990000034", "9990000042", "9990000050", "9990000069", "9990000077"),
    *("9990000085", "9990000093", "9990000107"),
)


def test_everything_else_waits_for_a_steward(running: InProcess, tmp_path: Path):
    """Another name, a placeholder, a twin, a death, a date on record that does not agree."""
    for number, (case, nhs_number) in enumerate(zip(WAITING, NUMBERS, strict=True)):
        running.decide(by_number(nhs_number, case.on_record))
        text = vaccination(replace(case.person, nhs_number=nhs_number), case.header)

        assert became(running, tmp_path, text, f"{number}") == PARKED, case.why


def test_a_twin_on_record_leaves_it_to_a_steward(running: InProcess, tmp_path: Path):
    """Born before and after midnight: the other date is the other twin's."""
    known(running)
    twin = APerson(nhs_number="9990000026", family="Fern", given=("Bryn",), born="2024-05-04")
    running.decide(by_number("9990000026", twin.born))
    assert became(running, tmp_path, vaccination(twin), "twin")[0] == "published"

    child = replace(CHILD, born=twin.born)
    assert became(running, tmp_path, vaccination(child, ROUTED)) == PARKED


def test_another_number_is_never_settled(running: InProcess, tmp_path: Path):
    """Nobody can say whose it is, so nobody may accept it."""
    known(running)
    header = replace(ROUTED, routing_number="9990000026")

    disposition, reason = became(running, tmp_path, vaccination(TIMED, header))

    assert disposition == "parked"
    assert reason == ("Patient.identifier[nhs-number]: contradicts:MessageHeader.routing.nhsNumber")
    with unit_of_work(running.portal) as work:
        assert [message.may_be_accepted for message in work.parked.list()] == [False]


def test_a_notified_birth_says_nothing_else_than_the_date(running: InProcess, tmp_path: Path):
    """So it cannot be accepted without one."""
    known(running)
    text = birth_notification(TIMED, None, AHeader("pds-birth-notification-1", routing_birth=BORN))

    assert became(running, tmp_path, text) == PARKED
    with unit_of_work(running.portal) as work:
        assert [message.may_be_accepted for message in work.parked.list()] == [False]
