"""How an agency itself knows its cases: sealed for it, opened for one of its own at a time."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from connectors.publishing.ports import ToldLabel
from consent.ledger.events import LedgerEvent
from schemas.identifiers import PersonId
from schemas.records.message import Demographics, Subject
from schemas.records.payloads import Involvement
from schemas.vocabulary import Category
from services.bootstrap import DatabaseRole
from services.lifecycle.retention.ends import ENDS, LASTS
from services.lifecycle.retention.postgres import CONNECTORS
from services.lifecycle.retention.rules import retention_rules
from services.people.own_cases.opening import own_labels
from services.people.own_cases.postgres_labels import OwnLabel
from services.people.practitioners.people import SignedInPractitioner
from services.work import Outside, unit_of_work
from services.workers.rebuild import Origin
from tests.support.clock import StandingClock
from tests.support.erasing import erased
from tests.support.fakes.in_process import InProcess, acting_for
from tests.support.messages.source_messages import A_REVIEW, a_message, a_record, the_child
from tests.support.people.feeding_agencies import FeedingAgency, a_feeding_agency
from tests.support.rebuilding import rebuilt
from tests.support.subject_access import the_report, told

pytestmark = pytest.mark.postgres

LATER = "2026-02-01T00:00:00Z"
NAMED = replace(
    the_child(), demographics=Demographics("Quillfeather", ("Ada", "May"), "2024-05-03", "NF1 1AA")
)
LABEL = ToldLabel("Quillfeather", ("Ada", "May"), "2024-05-03", "9990000018")


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
    agency = a_feeding_agency(running, "RA1")
    agency.receive(_visit(agency, "m1"))
    return agency


def _visit(agency: FeedingAgency, name: str, subject: Subject = NAMED, **more: str) -> object:
    involvement = Involvement("Health visiting", agency.code)
    visit = a_record("w", involvement, Category.PRACTITIONERS)
    return a_message(name, visit, subjects=(subject,), **more)


def _opened(
    running: InProcess, who: SignedInPractitioner, persons: Collection[PersonId]
) -> Mapping[PersonId, OwnLabel]:
    with unit_of_work(running.portal) as work:
        return own_labels(who, persons, opening=work.own_opening())


def _child(running: InProcess) -> PersonId:
    found = running.person(the_child())
    assert found is not None
    return found


def test_an_agency_s_own_worker_sees_name_birth_and_reference(
    running: InProcess, trust: FeedingAgency
):
    """Though nothing is recorded and nothing is shared; and that they looked is entered."""
    child = _child(running)

    opened = _opened(running, trust.signed_in(), [child])

    assert opened == {child: OwnLabel(trust.code, child, LABEL, date(2026, 3, 2))}
    (entry,) = running.ledger(LedgerEvent.OWN_LABELS_OPENED)
    assert entry.fields == {"subjects": (child,)}
    assert entry.actor == f"practitioner:{trust.lead}"


def test_nobody_else_sees_it(running: InProcess, trust: FeedingAgency):
    """Neither a colleague who does not hold the case, nor another agency that works with them."""
    other = a_feeding_agency(running, "RB2")
    child = _child(running)
    other.receive(replace(_visit(other, "o1"), records=(a_record("v", A_REVIEW),)))

    assert _opened(running, trust.signed_in(trust.worker), [child]) == {}
    theirs = _opened(running, other.signed_in(), [child])

    assert {label.agency for label in theirs.values()} == {other.code}
    assert _opened(running, other.signed_in(), [PersonId("99" * 16)]) == {}


def test_a_restriction_hides_it(running: InProcess, trust: FeedingAgency):
    """From whoever is not on its list, like somebody unknown; nothing is entered as seen."""
    child = _child(running)
    running.restrict(child)

    assert _opened(running, trust.signed_in(), [child]) == {}
    assert running.ledger(LedgerEvent.OWN_LABELS_OPENED) == []


@pytest.mark.usefixtures("trust")
def test_only_the_role_that_opens_labels_can_read_them(running: InProcess):
    """Portal, connectors and aggregation cannot, and that role can read nothing else."""
    sealed, people = "SELECT sealed FROM own.own_label", "SELECT person_id FROM person"

    for role in (DatabaseRole.PORTAL, DatabaseRole.CONNECTORS, DatabaseRole.AGGREGATION):
        assert _read_as(role, running, sealed) is None, role
    assert _read_as(DatabaseRole.OWN, running, people) is None
    (content,) = _read_as(DatabaseRole.OWN, running, sealed) or ()

    assert b"Quillfeather" not in bytes(content)


def _read_as(role: DatabaseRole, running: InProcess, query: str) -> list[bytes] | None:
    """What a role reads; None where it may not."""
    with acting_for(running.outside, role) as acting, acting.engine.connect() as connection:
        try:
            return list(connection.execute(text(query)).scalars())
        except ProgrammingError:
            return None


def test_the_latest_name_counts_in_whatever_order_it_comes(
    running: InProcess, trust: FeedingAgency
):
    """A message that has no name takes none away."""
    renamed = replace(NAMED, demographics=replace(NAMED.demographics, family_name="Marlow"))
    nameless = replace(NAMED, demographics=Demographics())

    trust.receive(_visit(trust, "m3", nameless, at="2026-02-20T00:00:00Z"))
    trust.receive(_visit(trust, "m2", renamed, at=LATER))
    trust.receive(_visit(trust, "m1"))

    (label,) = _opened(running, trust.signed_in(), [_child(running)]).values()
    assert label.label.family_name == "Marlow"


def test_a_label_expires_a_year_after_its_agency_was_last_heard(
    running: InProcess, trust: FeedingAgency, clock: StandingClock
):
    """The relationship lasts as its source says."""
    kept = retention_rules(None).housekeeping
    with unit_of_work(running.connectors) as work:
        clock.pass_by(timedelta(days=360))
        assert CONNECTORS["own-labels"](work.connection, clock.now(), kept) == 0
        clock.pass_by(timedelta(days=10))
        assert CONNECTORS["own-labels"](work.connection, clock.now(), kept) == 1

    assert trust.held(_child(running)) != set()


@pytest.mark.usefixtures("trust")
def test_erasing_a_person_leaves_nothing_of_what_agencies_held_as_their_own(running: InProcess):
    """Neither label nor case nor relationship."""
    erased(_child(running), running.outside)

    for table in ("own.own_label", "own.told_case", "own.told_involvement", "relationship"):
        assert running.count(table) == 0, table


@pytest.mark.usefixtures("trust")
def test_a_person_s_report_tells_how_agencies_know_them(running: InProcess):
    """On the page and in the document; withheld where their numbers are."""
    child = _child(running)
    before = the_report(running, child)
    running.restrict(child)
    after = the_report(running, child)

    assert [(one.agency, one.label) for one in before.own_labels] == [("Agency RA1", LABEL)]
    assert "Quillfeather" in told(before)
    assert [one.label for one in after.own_labels] == [None]
    assert "Quillfeather" not in told(after)


@pytest.mark.usefixtures("trust")
def test_a_rebuild_touches_nothing_but_records_and_who_works_with_whom(running: InProcess):
    """The rest is no part of the shared profile: relationships, labels, visits, decisions."""
    tables = [table for table in (*ENDS, *LASTS) if table not in {"record", "case_load"}]
    before = [running.count(table) for table in tables]

    rebuilt(running, Origin.RECORDS)

    assert [running.count(table) for table in tables] == before
