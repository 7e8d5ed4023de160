"""What adopting an agreement needs from the outside world. All calls join one transaction."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from consent.agreement import AdoptedAgreement, Agreement
from schemas.identifiers import PersonId


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
