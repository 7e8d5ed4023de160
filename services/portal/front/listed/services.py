"""What the pages of listed services ask, each call one transaction."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol
from uuid import uuid4

from schemas.identifiers import PractitionerId
from schemas.vocabulary import Source
from services.interfaces.directory.entries.form import EntryForm
from services.interfaces.directory.entries.postgres_flags import Mistake, answer_flags, open_flags
from services.interfaces.directory.entries.postgres_own import (
    ListedPartner,
    OwnEntry,
    asked_by,
    own_entries,
    own_entry,
    partners,
    proposals_waiting,
)
from services.interfaces.directory.entries.writing import (
    NotWritten,
    Outcome,
    WhyTwo,
    WriteEntry,
    Writer,
    WritingDesk,
    answer_entry,
    write_entry,
)
from services.interfaces.directory.search.postgres_postcodes import PostcodesInDatabase
from services.people.practitioners.people import SignedInPractitioner, is_another_human
from services.work import Outside, UnitOfWork, unit_of_work

_PRACTITIONER = "practitioner:"


@dataclass(frozen=True, slots=True)
class SaidWrong:
    """What families say is wrong with an entry, how often, and when last."""

    service: str
    name: str
    mistake: Mistake
    presses: int
    last: date


@dataclass(frozen=True, slots=True)
class WaitingEntry:
    """An entry that waits until somebody else agrees, as it is wanted."""

    id: str
    partner: str
    why: WhyTwo
    form: EntryForm
    asked_at: datetime
    is_own: bool


@dataclass(frozen=True, slots=True)
class ListedForWriter:
    """What somebody may write: partners and their entries; what waits and what is said wrong."""

    is_hub: bool
    partners: tuple[ListedPartner, ...]
    entries: tuple[OwnEntry, ...]
    waiting: tuple[WaitingEntry, ...]
    wrong: tuple[SaidWrong, ...]


class ListedServices(Protocol):
    """Services that we list; a part of services.portal.ports.PortalServices."""

    def listed(self, who: SignedInPractitioner) -> ListedForWriter | None:
        """What they may write; None for whoever may write nothing."""

    def entry(self, who: SignedInPractitioner, service: str) -> OwnEntry | None:
        """One entry that they may write."""

    def write(
        self,
        who: SignedInPractitioner,
        partner: str,
        form: EntryForm,
        *,
        service: str | None,
        revision: int,
    ) -> Outcome:
        """Write an entry, a new one without `service`."""

    def answer(self, who: SignedInPractitioner, proposal: str, *, accepts: bool) -> Outcome:
        """Agree to what somebody else wants to list, or not."""

    def seen(self, who: SignedInPractitioner, service: str) -> None:
        """Note that they have looked at what families say is wrong."""

    def knows_postcode(self, postcode: str) -> bool:
        """Whether it has a point."""


class ListedOnDatabase:
    """ListedServices on PostgreSQL."""

    def __init__(self, outside: Outside) -> None:
        self._outside = outside

    def listed(self, who: SignedInPractitioner) -> ListedForWriter | None:
        """What they may write."""
        with unit_of_work(self._outside) as work:
            writer = _writer(work, who)
            if not writer.is_hub and not writer.partners:
                return None
            known = [
                one
                for one in partners(work.connection)
                if writer.is_hub or one.code in writer.partners
            ]
            entries = [
                one
                for partner in ([None] if writer.is_hub else sorted(writer.partners))
                for one in own_entries(work.connection, partner)
            ]
            own = {one.id for one in entries}
            return ListedForWriter(
                writer.is_hub,
                tuple(known),
                tuple(entries),
                tuple(_waiting(work, who)) if writer.is_hub else (),
                tuple(one for one in _wrong(work) if writer.is_hub or one.service in own),
            )

    def entry(self, who: SignedInPractitioner, service: str) -> OwnEntry | None:
        """One of them."""
        with unit_of_work(self._outside) as work:
            found = own_entry(work.connection, service)
            return found if found is not None and _may_write(_writer(work, who), found) else None

    def write(
        self,
        who: SignedInPractitioner,
        partner: str,
        form: EntryForm,
        *,
        service: str | None,
        revision: int,
    ) -> Outcome:
        """Write it."""
        with unit_of_work(self._outside) as work:
            writer = _writer(work, who)
            command = WriteEntry(service or str(uuid4()), partner, revision, form, writer)
            return write_entry(command, desk=_desk(work))

    def answer(self, who: SignedInPractitioner, proposal: str, *, accepts: bool) -> Outcome:
        """Answer what waits."""
        with unit_of_work(self._outside) as work:
            by = asked_by(work.connection, proposal)
            if by is None:
                return NotWritten.NOT_WAITING
            writer, is_other = _writer(work, who), _is_other(work, who, by)
            return answer_entry(
                proposal, accepts=accepts, by=writer, is_other=is_other, desk=_desk(work)
            )

    def seen(self, who: SignedInPractitioner, service: str) -> None:
        """Note it."""
        with unit_of_work(self._outside) as work:
            writer = _writer(work, who)
            found = own_entry(work.connection, service)
            if writer.is_hub or (found is not None and _may_write(writer, found)):
                answer_flags(work.connection, service, who.actor)

    def knows_postcode(self, postcode: str) -> bool:
        """Ask the table."""
        with unit_of_work(self._outside) as work:
            return PostcodesInDatabase(work.connection).point(postcode) is not None


def _writer(work: UnitOfWork, who: SignedInPractitioner) -> Writer:
    """A family hub's people write for everybody; others for partners that are their own agency."""
    own = partners(work.connection, agency=who.agency_code)
    is_hub = who.agency_kind is Source.FAMILY_HUB
    return Writer(who.actor, frozenset(one.code for one in own), is_hub)


def _may_write(writer: Writer, entry: OwnEntry) -> bool:
    return entry.partner is not None and (writer.is_hub or entry.partner in writer.partners)


def _desk(work: UnitOfWork) -> WritingDesk:
    point: Callable[..., Any] = PostcodesInDatabase(work.connection).point
    return WritingDesk(work.connection, work.ledger, work.hasher.opaque, work.now, point)


def _waiting(work: UnitOfWork, who: SignedInPractitioner) -> Sequence[WaitingEntry]:
    return [
        WaitingEntry(
            proposal.id,
            proposal.partner,
            WhyTwo(proposal.why),
            EntryForm.from_json(row.form),
            row.asked_at,
            not _is_other(work, who, row.asked_by),
        )
        for proposal, row in proposals_waiting(work.connection)
    ]


def _is_other(work: UnitOfWork, who: SignedInPractitioner, actor: str) -> bool:
    """Whether whoever asked is another human being; an account that is gone is nobody's."""
    if who.is_one_with(actor):
        return False
    asker = work.directory.practitioner(PractitionerId(actor.removeprefix(_PRACTITIONER)))
    return asker is None or is_another_human(who, asker)


def _wrong(work: UnitOfWork) -> Sequence[SaidWrong]:
    return [
        SaidWrong(str(row.service_id), row.name, Mistake(row.kind), int(row.presses), row.last)
        for row in open_flags(work.connection)
    ]
