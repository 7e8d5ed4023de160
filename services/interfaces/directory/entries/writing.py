"""Writing an entry here: by the partner itself, or by a family hub for anybody.

(1) A hub writes every entry of ours, a partner its own; a feed's entry is nobody's to write here.
(2) Two people it takes where one could do harm: to show an address that was kept from everybody,
    and to list a new service of a partner that is no hub, as strangers will ring it.
(3) Whoever wrote last must have seen what was there: a form over an older state is not taken.
(4) It is in the ledger in the same transaction, whatever came of it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from consent.ledger import FieldValue, ledger_entry
from consent.ledger.events import LedgerEvent
from consent.ports import Ledger
from schemas.uk_time import uk_day
from schemas.vocabulary import LabelledCode
from services.interfaces.directory.entries.checking import check_service
from services.interfaces.directory.entries.facts import Entry, Point, entry_of
from services.interfaces.directory.entries.form import EntryForm, document_of, organization_of
from services.interfaces.directory.entries.postgres import Connection, write_own
from services.interfaces.directory.entries.postgres_own import (
    EntryProposal,
    OwnEntry,
    answer_proposal,
    own_entry,
    partner_called,
    proposal_waiting,
    propose,
)


class WhyTwo(LabelledCode):
    """Why a second person has to agree."""

    NEW = "new-entry", "It is new, and no family hub has looked at it"
    SHOWS_ADDRESS = "shows-address", "It would show an address that was kept from everybody"


class NotWritten(LabelledCode):
    """Why an entry is not written."""

    NOT_YOURS = "not-yours", "Only the service itself or a family hub may change this entry"
    CHANGED = "changed-meanwhile", "Somebody else changed this entry. Look at it, and write again"
    INVALID = "invalid", "Something in the entry cannot be published as it is"
    SAME_PERSON = "same-person", "Somebody else than you has to agree"
    NOT_WAITING = "not-waiting", "This does not wait any more"
    WAITS = "waits-already", "A change of this entry waits for somebody to agree already"


@dataclass(frozen=True, slots=True)
class Writer:
    """Who writes: as the ledger names them, for which partners, and whether for a family hub."""

    actor: str
    partners: frozenset[str]
    is_hub: bool


@dataclass(frozen=True, slots=True)
class WriteEntry:
    """What is to be listed, in place of which state of which entry; revision 0 is a new one."""

    service: str
    partner: str
    revision: int
    form: EntryForm
    by: Writer


@dataclass(frozen=True, slots=True)
class WritingDesk:
    """What entries are written with, in one transaction."""

    connection: Connection
    ledger: Ledger
    opaque: Callable[..., str]
    at: datetime
    point: Callable[[str], Point | None]

    @property
    def today(self) -> date:
        """The day in the United Kingdom."""
        return uk_day(self.at)


@dataclass(frozen=True, slots=True)
class Written:
    """It is listed as from now."""

    service: str


@dataclass(frozen=True, slots=True)
class WaitsForSecond:
    """Somebody else has to agree first."""

    proposal: str
    why: WhyTwo


Outcome = Written | WaitsForSecond | NotWritten
_NOTHING: Final = 0


def write_entry(command: WriteEntry, *, desk: WritingDesk) -> Outcome:
    """Write it, or ask a second person, or say why not."""
    before = own_entry(desk.connection, command.service)
    why_not = _why_not(command, before)
    if why_not is not None:
        return _refuse(why_not, command, desk)
    entry = _entry(command, desk)
    if entry is None:
        return _refuse(NotWritten.INVALID, command, desk)
    why_two = _why_two(command, before, entry)
    if why_two is None:
        return _write(command, entry, desk)
    proposal = desk.opaque("directory-proposal", command.service, desk.at.isoformat())[:32]
    propose(
        desk.connection,
        EntryProposal(proposal, command.service, command.partner, command.revision, why_two.value),
        form=command.form.as_json(),
        by=command.by.actor,
        at=desk.at,
    )
    _enter(LedgerEvent.LISTED_SERVICE_PROPOSED, command, desk, {"because": why_two.value})
    return WaitsForSecond(proposal, why_two)


def answer_entry(
    proposal: str, *, accepts: bool, by: Writer, is_other: bool, desk: WritingDesk
) -> Outcome:
    """Agree to what somebody else wants to list, or not; only a hub may.

    `is_other` says whether whoever answers is another human being than who asked.
    """
    found = proposal_waiting(desk.connection, proposal)
    if found is None:
        return NotWritten.NOT_WAITING
    waiting, form = found
    command = WriteEntry(
        waiting.service, waiting.partner, waiting.revision, EntryForm.from_json(form), by
    )
    if not by.is_hub:
        return _refuse(NotWritten.NOT_YOURS, command, desk)
    if not is_other:
        return _refuse(NotWritten.SAME_PERSON, command, desk)
    answer_proposal(desk.connection, proposal, accepts=accepts, by=by.actor, at=desk.at)
    _enter(
        LedgerEvent.LISTED_SERVICE_ANSWERED,
        command,
        desk,
        {"answer": "accepted" if accepts else "declined"},
    )
    if not accepts:
        return Written(waiting.service)
    entry = _entry(command, desk)
    return (
        _refuse(NotWritten.INVALID, command, desk)
        if entry is None
        else _write(command, entry, desk)
    )


def _why_not(command: WriteEntry, before: OwnEntry | None) -> NotWritten | None:
    by = command.by
    if not (by.is_hub or command.partner in by.partners):
        return NotWritten.NOT_YOURS
    if before is None:
        return NotWritten.CHANGED if command.revision != _NOTHING else None
    if before.partner != command.partner:  # a feed's has none
        return NotWritten.NOT_YOURS
    if before.is_waiting:
        return NotWritten.WAITS
    return NotWritten.CHANGED if before.revision != command.revision else None


def _why_two(command: WriteEntry, before: OwnEntry | None, entry: Entry) -> WhyTwo | None:
    if before is None:
        return None if command.by.is_hub else WhyTwo.NEW
    is_shown = before.is_withheld and not entry.is_withheld
    return WhyTwo.SHOWS_ADDRESS if is_shown else None


def _entry(command: WriteEntry, desk: WritingDesk) -> Entry | None:
    partner = partner_called(desk.connection, command.partner)
    if partner is None:
        return None
    organization = organization_of(partner.code, partner.name, partner.kind, partner.charity_number)
    document = document_of(command.form, command.service, organization, desk.at, desk.point)
    checked = check_service(document)
    if checked.faults:
        return None
    return entry_of(checked.document, is_withheld=command.form.is_withheld)


def _write(command: WriteEntry, entry: Entry, desk: WritingDesk) -> Outcome:
    form = command.form
    more: dict[str, Any] = {
        "capacity": form.capacity or None,
        "capacity_words": form.capacity_words or None,
        "capacity_on": desk.today if form.capacity else None,
    }
    partner, revision = command.partner, command.revision
    if not write_own(desk.connection, entry, partner=partner, revision=revision, more=more):
        return _refuse(NotWritten.CHANGED, command, desk)
    _enter(LedgerEvent.LISTED_SERVICE_WRITTEN, command, desk, {})
    return Written(command.service)


def _refuse(why: NotWritten, command: WriteEntry, desk: WritingDesk) -> NotWritten:
    partner = desk.opaque("directory-partner", command.partner)
    fields: dict[str, FieldValue] = {"partner": partner, "because": why.value}
    event = LedgerEvent.LISTED_SERVICE_REFUSED
    desk.ledger.append([ledger_entry(event, fields, at=desk.at, actor=command.by.actor)])
    return why


def _enter(
    event: LedgerEvent, command: WriteEntry, desk: WritingDesk, more: dict[str, FieldValue]
) -> None:
    fields: dict[str, FieldValue] = {
        "partner": desk.opaque("directory-partner", command.partner),
        "service": command.service.replace("-", ""),
    }
    desk.ledger.append([ledger_entry(event, fields | more, at=desk.at, actor=command.by.actor)])
