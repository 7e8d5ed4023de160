"""An agency's own feed told of a death: its worker is told too, whatever is shared, nobody else."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from schemas.identifiers import PersonId
from schemas.records.message import Demographics, Record
from schemas.records.payloads import Involvement, PersonDetails
from schemas.vocabulary import Action, Category
from services.bootstrap import DatabaseRole
from services.people.practitioners.people import SignedInPractitioner
from services.profile.families import BeforeContact, FamilySummary, before_contact, my_families
from services.profile.model import DeathStanding
from services.work import Outside, unit_of_work
from tests.support.erasing import erased
from tests.support.fakes.in_process import InProcess, acting_for
from tests.support.messages.source_messages import a_clearing, a_message, a_record, the_child
from tests.support.people.feeding_agencies import FeedingAgency, a_feeding_agency
from tests.support.subject_access import the_report, told

pytestmark = pytest.mark.postgres

DIED, REPORTED = DeathStanding.DIED, DeathStanding.REPORTED
IDENTITY = Category.IDENTITY_AND_CONTACT
NAMED = replace(
    the_child(), demographics=Demographics("Quillfeather", ("Ada",), "2024-05-03", "NF1 1AA")
)


@pytest.fixture
def running(outside: Outside) -> Iterator[InProcess]:
    """Give the main job on an empty database, with who opens labels as a role of its own."""
    with (
        acting_for(outside, DatabaseRole.OWN) as own,
        InProcess.running(replace(outside, own=own.engine)) as found,
    ):
        yield found


@pytest.fixture
def trust(running: InProcess) -> FeedingAgency:
    """Give a trust whose feed has told of a child, of whom nothing is shared."""
    return a_feeding_agency(running, "RA1")


def tell(agency: FeedingAgency, at: str, *records: Record) -> None:
    """Let the feed tell this of the child, as of a day."""
    visit = a_record("w", Involvement("Health visiting", agency.code), Category.PRACTITIONERS)
    version = f"{at}T09:00:00Z"
    agency.receive(a_message(f"of-{at}", visit, *records, subjects=(NAMED,), at=version))


def a_death(died: str | None = None, *, key: str = "death", **more: object) -> Record:
    """Build what one record says of a death."""
    has_died = None if died or "has_died" in more else True
    details = replace(PersonDetails(died=died, has_died=has_died), **more)
    return a_record(key, details, IDENTITY, scopes=("all", key))


def listed(running: InProcess, who: SignedInPractitioner) -> FamilySummary:
    """The one line of their list."""
    with unit_of_work(running.portal) as work:
        (line,) = my_families(who, opening=work.opening(), own=work.own_opening())
    return line


def standing(running: InProcess, who: SignedInPractitioner) -> DeathStanding | None:
    """How far it is told, in the list and on every page alike."""
    line = listed(running, who)
    with unit_of_work(running.portal) as work:
        opening, own = work.opening(), work.own_opening()
        death = before_contact(who, line.person, opening=opening, own=own).death
    assert death == line.death
    return None if death is None else death.standing


def test_whose_own_case_it_is_learns_of_the_death(running: InProcess, trust: FeedingAgency):
    """With name and date of birth; a later message about something else does not blank it."""
    tell(trust, "2026-01-10", a_death("2026-01-09"))
    tell(trust, "2026-01-12")

    line = listed(running, trust.signed_in())

    assert (line.name, line.date_of_birth) == ("Ada Quillfeather", "2024-05-03")
    assert line.death is not None
    assert (line.death.standing, line.death.on) == (DIED, "2026-01-09")


def test_what_its_feeds_say_later_counts_whatever_order_it_comes_in(
    running: InProcess, trust: FeedingAgency
):
    """Put right, contradicted, taken back by the record, by its scope; late comes too late."""
    who = trust.signed_in()
    steps = (
        ("2026-01-10", (a_death("2026-01-09"),), DIED),
        ("2026-01-11", (a_death("2026-01-08"),), DIED),
        ("2026-01-09", (a_death("2025-01-01"),), DIED),
        ("2026-01-13", (a_death(key="other", has_died=False),), REPORTED),
        ("2026-01-14", (replace(a_death(), action=Action.REMOVE, payload=None),), None),
        ("2026-01-12", (a_death("2026-01-09"),), None),
        ("2026-01-15", (a_death("2026-01-15", key="third"),), DIED),
        ("2026-01-16", (a_death("2026-01-12", key="other"),), REPORTED),
        ("2026-01-17", (a_clearing("third", "all"),), DIED),
        ("2026-01-18", (a_clearing("all"),), None),
        ("2026-01-07", (a_death("2026-01-02", key="fourth"),), None),
    )

    for number, (at, records, expected) in enumerate(steps):
        tell(trust, at, *records)
        assert standing(running, who) is expected, (number, at)


def test_nobody_else_learns_of_it(running: InProcess, trust: FeedingAgency):
    """Neither another agency that works with the child, nor who does not hold the case."""
    other = a_feeding_agency(running, "RB2")
    tell(other, "2026-01-01")
    tell(trust, "2026-01-10", a_death("2026-01-09"))
    child = running.person(the_child())
    assert child is not None

    assert standing(running, trust.signed_in()) is DIED
    assert standing(running, other.signed_in()) is None
    assert listed(running, other.signed_in()).name == "Ada Quillfeather"
    with unit_of_work(running.portal) as work:
        opening, own = work.opening(), work.own_opening()
        for who in (trust.signed_in(trust.worker), other.signed_in(other.worker)):
            assert before_contact(who, child, opening=opening, own=own).death is None
        nobody = PersonId("99" * 16)
        told = before_contact(trust.signed_in(), nobody, opening=opening, own=own)
        assert told == BeforeContact()


def test_it_is_in_the_report_and_goes_with_the_person(running: InProcess, trust: FeedingAgency):
    """Whoever is erased leaves none of it."""
    tell(trust, "2026-01-10", a_death("2026-01-09"))
    child = running.person(the_child())
    assert child is not None

    assert "2026-01-09" in told(the_report(running, child))
    erased(child, running.outside)

    assert running.count("own.own_death") == 0
