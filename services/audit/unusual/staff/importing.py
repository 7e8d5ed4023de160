"""Taking in the list of staff: the whole of it in the place of the one before, or nothing."""

from collections.abc import Sequence
from dataclasses import dataclass

from consent.ledger import FieldValue, ledger_entry, new_entry_id
from consent.ledger.events import LedgerEvent
from services.audit.unusual.staff.postgres import PostgresStaffList
from services.audit.unusual.staff.staff_list import HrListFault, HrRowFault, read_hr_list
from services.people.linking.postgres.kept_before import keep_tokens_alone
from services.work import Outside, unit_of_work


@dataclass(frozen=True, slots=True)
class StaffListImported:
    """What became of a list: how many are on it, how many are not any more, refused lines."""

    is_done: bool
    staff: int
    gone: int
    faults: Sequence[HrRowFault]


def import_staff_list(
    content: bytes, *, by: str, outside: Outside, is_dry_run: bool
) -> StaffListImported | HrListFault:
    """Let this be the list of staff, as the database's owner; the import is entered.

    One line that cannot be used, and nothing is changed: who is left out by mistake would be asked
    about nothing. Names of persons from before they were hashed by themselves are hashed now.
    """
    with unit_of_work(outside) as work:
        kept = PostgresStaffList(work.connection)
        told = read_hr_list(content, work.hasher, kept.known())
        if isinstance(told, HrListFault):
            return told
        staff = {row.practitioner for row in told.rows}
        gone = len(kept.listed() - staff)
        is_done = not is_dry_run and not told.faults
        import_id = str(new_entry_id(work.now))
        if is_done:
            kept.replace(told.rows, import_id)
        if not is_dry_run:
            fields: dict[str, FieldValue] = {
                "import": import_id,
                "staff": len(staff) if is_done else 0,
                "gone": gone if is_done else 0,
                "refused": len(told.faults),
            }
            event = LedgerEvent.STAFF_LIST_IMPORTED
            work.ledger.append([ledger_entry(event, fields, at=work.now, actor=by)])
    if is_done:
        _hash_persons(outside)
    return StaffListImported(is_done, len(staff), gone, told.faults)


def _hash_persons(outside: Outside) -> None:
    """So many at once, each in a transaction of its own; again does nothing."""
    after: int | None = 0
    while after is not None:
        with unit_of_work(outside) as work:
            after = keep_tokens_alone(
                work.connection, work.keys, work.hasher, after=after, at=work.now
            )
