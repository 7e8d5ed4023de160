"""Adopting an agreement: the version, its proof and the news of it go in one transaction."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Protocol
from uuid import UUID

from consent.agreement import AdoptedAgreement, Agreement
from consent.agreements.reading import agreement_from_json
from consent.decisions.keeping import news_of
from consent.errors import AgreementInvalidError
from consent.ledger import ledger_entry, new_entry_id
from consent.ledger.events import LedgerEvent
from consent.ports import Clock, Ledger, Outbox
from schemas.identifiers import PersonId

# What adopting needs from the outside world. All calls join one transaction.


@dataclass(frozen=True, slots=True)
class Adoption:
    """One act of adopting: the agreement, the very bytes of its file, who adopted it and when."""

    id: str
    agreement: Agreement
    document: bytes
    sha256: str
    adopted_at: datetime
    adopted_by: str

    @property
    def adopted(self) -> AdoptedAgreement:
        """What `decide` needs of it."""
        return AdoptedAgreement(self.agreement, self.adopted_at)


class Agreements(Protocol):
    """Where adopted agreements are kept, for ever and as they were."""

    def lock_and_list(self) -> Sequence[Adoption]:
        """Every adoption so far, the latest last; nobody else adopts until this commits."""

    def add(self, adoption: Adoption) -> None:
        """Keep an adoption. Raises AgreementInvalidError where this role may not adopt."""

    def persons_decided_about(self) -> Iterator[Sequence[PersonId]]:
        """Everybody about whom anything is decided, in lots that fit in memory."""


_INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Adopting:
    """What adopting works with; every port joins one transaction."""

    agreements: Agreements
    outbox: Outbox
    ledger: Ledger
    clock: Clock


@dataclass(frozen=True, slots=True)
class AdoptAgreement:
    """Order: decide by the agreement in this file from now on.

    One that is not valid today is refused, because from now on everything would be denied;
    unless `although_not_valid`.
    """

    document: bytes
    actor: str
    although_not_valid: bool = False


@dataclass(frozen=True, slots=True)
class Adopted:
    """Answer: what is adopted now, and how many persons' records are looked at again.

    `entry_id` is None when the very same agreement was in its place already: nothing changed.
    """

    adoption: Adoption
    entry_id: UUID | None
    persons: int = 0


def adopt_agreement(
    command: AdoptAgreement, *, adopting: Adopting, tell: Callable[[int], None] | None = None
) -> Adopted:
    """Adopt an agreement. Raises AgreementInvalidError naming the element.

    A version says one thing for ever: another content under a version that was ever adopted is
    refused. Everybody about whom something is decided is announced as if that decision had
    changed, so that what is no longer agreed is purged and what now is comes again. `tell` hears
    how many are announced so far.
    """
    already = would_adopt(command, adopting=adopting)
    if already is not None:
        return already
    agreement = agreement_from_json(command.document)
    digest = sha256(command.document).hexdigest()
    now = _after(adopting.agreements.lock_and_list(), adopting.clock.now())
    adoption = Adoption(
        str(new_entry_id(now)), agreement, command.document, digest, now, command.actor
    )
    adopting.agreements.add(adoption)
    entry_id = _enter(adoption, adopting)
    announced = 0
    for persons in adopting.agreements.persons_decided_about():
        adopting.outbox.add([news_of(person, adoption.id, now) for person in persons])
        announced += len(persons)
        if tell is not None:
            tell(announced)
    return Adopted(adoption, entry_id, announced)


def would_adopt(command: AdoptAgreement, *, adopting: Adopting) -> Adopted | None:
    """None where it can be adopted; what there is where the very same one is in its place.

    Raises AgreementInvalidError naming the element. Nobody else adopts until this commits.
    """
    agreement = agreement_from_json(command.document)
    digest = sha256(command.document).hexdigest()
    before = adopting.agreements.lock_and_list()
    if before and before[-1].sha256 == digest:
        return Adopted(before[-1], None)
    _require_new_version(agreement, digest, before)
    if not command.although_not_valid:
        _require_validity(agreement, _after(before, adopting.clock.now()))
    return None


def _after(before: Sequence[Adoption], now: datetime) -> datetime:
    """Later than the last adoption, whatever the clock says: the latest one counts."""
    return max(now, before[-1].adopted_at + _INSTANT) if before else now


def _require_new_version(agreement: Agreement, digest: str, before: Sequence[Adoption]) -> None:
    if any(a.agreement.version == agreement.version and a.sha256 != digest for a in before):
        raise AgreementInvalidError("version", "was-adopted-with-another-content")


def _require_validity(agreement: Agreement, now: datetime) -> None:
    if now < agreement.begins:
        raise AgreementInvalidError("valid_from", "is-in-the-future: adopt it on that day")
    if now >= agreement.ends:
        raise AgreementInvalidError("valid_until", "is-in-the-past")


def _enter(adoption: Adoption, adopting: Adopting) -> UUID:
    entry = ledger_entry(
        LedgerEvent.AGREEMENT_ADOPTED,
        {
            "adoption": adoption.id,
            "version": adoption.agreement.version,
            "sha256": adoption.sha256,
            "valid_from": adoption.agreement.begins,
            "valid_until": adoption.agreement.ends,
        },
        at=adoption.adopted_at,
        actor=adoption.adopted_by,
    )
    adopting.ledger.append([entry])
    return entry.entry_id
