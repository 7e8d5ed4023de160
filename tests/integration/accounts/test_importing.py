"""A list of staff: every row is answered, nothing is asked twice, leads accept."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pytest
from sqlalchemy import event

from consent.ledger.events import LedgerEvent
from schemas.identifiers import PractitionerId
from schemas.vocabulary import Role
from services.people.governance.orders import Order
from services.people.relationships.staff import StaffRefusal
from services.people.staffing.answering import answer_staff_order, waiting_in
from services.people.staffing.importing import (
    NotFromAList,
    RowAnswer,
    RowOutcome,
    StaffImport,
    take_in,
)
from services.people.staffing.lists_of_staff import ListFault, read_staff_list
from services.work import Outside, UnitOfWork, unit_of_work
from tests.support.fakes.in_process import AGENCY, SCHOOL, InProcess
from tests.support.people.relating import a_colleague

pytestmark = pytest.mark.postgres
ONE = "operator:one"
HEADER = "agency,name,job_title,role,worker_ref,provider,subject\n"
ISSUERS = {"cis2": "https://cis2.example"}


@dataclass(frozen=True, slots=True)
class _Desk:
    running: InProcess
    lead: PractitionerId

    def take(
        self, *rows: str, is_dry_run: bool = False, is_partial: bool = False
    ) -> Sequence[RowAnswer]:
        read = read_staff_list((HEADER + "\n".join(rows)).encode())
        assert not isinstance(read, ListFault), read
        with unit_of_work(self.running.outside) as work:
            taking = _real(work)
            how = {"is_dry_run": is_dry_run, "is_partial": is_partial}
            return take_in(read, by=ONE, taking=taking, **how)

    def waiting(self) -> Sequence[Order]:
        with unit_of_work(self.running.outside) as work:
            return waiting_in(AGENCY, orders=work.orders, staffing=work.staffing())

    def accept_all(self) -> None:
        for order in self.waiting():
            with unit_of_work(self.running.portal) as work:
                by, staffing = f"practitioner:{self.lead}", _real(work).staffing
                done = answer_staff_order(order.id, by=by, confirms=True, staffing=staffing)
            assert isinstance(done, Order), done


def _real(work: UnitOfWork) -> StaffImport:
    taking = work.staff_import(ISSUERS)
    return replace(taking, staffing=replace(taking.staffing, is_demonstration=False))


@pytest.fixture
def desk(outside: Outside) -> Iterator[_Desk]:
    """Give a trust with a lead."""
    with InProcess.running(outside) as running:
        with unit_of_work(outside) as work:
            lead = a_colleague(work, AGENCY, role=Role.LEAD_PRACTITIONER, name="Lena Ashby")
        yield _Desk(running, lead)


def _told(answers: Sequence[RowAnswer]) -> list[tuple[str, str | None, str | None]]:
    return [(str(one.outcome), one.field, one.why) for one in answers]


PRIYA = f"{AGENCY},Priya Nair,Health visitor,practitioner,HV-7,cis2,subject-7"
DAN = f"{AGENCY},Dan Hall,Nurse,practitioner,HV-8,,"
ADDED = ("added", None, None)
UNCHANGED = ("unchanged", None, None)


def test_a_list_asks_for_what_is_new_and_not_again(desk: _Desk) -> None:
    """Before and after its lead accepted; what changed since is asked for then."""
    dry = desk.take(PRIYA, DAN, is_dry_run=True)
    nothing = desk.waiting()
    first, again = desk.take(PRIYA, DAN), desk.take(PRIYA, DAN)
    desk.accept_all()
    after = desk.take(PRIYA, DAN)
    changed = desk.take(PRIYA.replace(",practitioner", ",lead-practitioner"), DAN)
    with unit_of_work(desk.running.outside) as work:
        opened = work.sign_in_accounts.opened_by(ISSUERS["cis2"], "subject-7")

    assert _told(dry) == _told(first) == [ADDED, ADDED]
    assert (nothing, [len(one.orders) for one in first]) == ([], [2, 1])
    assert _told(again) == _told(after) == [UNCHANGED, UNCHANGED]
    assert opened == [first[0].practitioner]
    assert _told(changed) == [("changed", None, None), UNCHANGED]
    assert desk.running.ledger(LedgerEvent.STAFF_IMPORTED)


@pytest.mark.parametrize(
    ("row", "field", "why"),
    [
        ("XX,Ines Okafor,Nurse,practitioner,,,", "agency", StaffRefusal.AGENCY_NOT_KNOWN),
        (f"{SCHOOL},Ines Okafor,Nurse,practitioner,,,", "agency", StaffRefusal.NO_LEAD),
        (f"{SCHOOL},Lena Ashby,Desk,administrator,,,", "role", StaffRefusal.TWO_DUTIES),
        (f"{AGENCY},Ines Okafor,Nurse,practitioner,,other,1", "provider", NotFromAList.NO_PROVIDER),
        (
            f"{AGENCY},Ines Okafor,Nurse,practitioner,HV-7,,",
            "name",
            NotFromAList.ANOTHER_NAME,
        ),
        (
            f"{AGENCY},Ines Okafor,Desk,administrator,,cis2,subject-7",
            "name",
            NotFromAList.ANOTHER_NAME,
        ),
    ],
)
def test_with_one_row_refused_nothing_is_done_unless_it_is_said(
    desk: _Desk, row: str, field: str, why: str
) -> None:
    """The refused one is told by its row and column; the other is asked for if that is said."""
    desk.take(PRIYA)
    desk.accept_all()

    refused = desk.take(DAN, row)
    waiting = desk.waiting()
    partial = desk.take(DAN, row, is_partial=True)

    assert _told(refused) == _told(partial) == [ADDED, ("refused", field, why)]
    assert (waiting, len(desk.waiting())) == ([], 1)
    entered = [one.fields for one in desk.running.ledger(LedgerEvent.STAFF_IMPORTED)]
    assert [(one["added"], one["refused"]) for one in entered] == [(1, 0), (0, 1), (1, 1)]


def test_an_empty_cell_leaves_what_is_there_and_a_new_title_is_entered(desk: _Desk) -> None:
    """The reference stays; the account is the same."""
    desk.take(PRIYA)
    desk.accept_all()

    (changed,) = desk.take(f"{AGENCY},Priya Nair,Practice teacher,practitioner,,,")

    assert (changed.outcome, changed.orders) == (RowOutcome.CHANGED, ())
    assert desk.running.ledger(LedgerEvent.PRACTITIONER_CHANGED)
    assert _told(desk.take(PRIYA.replace("Health visitor", "Practice teacher"))) == [UNCHANGED]


def test_a_row_costs_the_same_however_many_work_there(desk: _Desk) -> None:
    """So far each row read everybody of its agency anew: a list for a large one took hours."""
    with unit_of_work(desk.running.outside) as work:
        for number in range(40):
            a_colleague(work, AGENCY, name=f"Colleague {number}")
    read: list[int] = []

    def count(*told: Any) -> None:
        cursor, statement = told[1:3]
        if "FROM membership m" in statement:
            read.append(cursor.rowcount)

    rows = [f"{AGENCY},Newcomer {number},Nurse,practitioner,,," for number in range(20)]
    event.listen(desk.running.outside.engine, "after_cursor_execute", count)
    answers = desk.take(*rows)
    event.remove(desk.running.outside.engine, "after_cursor_execute", count)

    assert _told(answers) == [ADDED] * 20
    assert 40 < sum(read) < 100
