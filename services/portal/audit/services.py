"""How the pages of the workbench ask: each question one transaction, in the auditor's name."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from consent.transparency.checkpoint import LedgerSigner
from services.audit.asked import Auditor
from services.audit.exports.chosen import ExportRefused, OrderExport
from services.audit.exports.exporting import (
    BegunExport,
    ListedExport,
    begin_export,
    keeping_progress,
    list_exports,
    stream_export,
)
from services.audit.exports.postgres_exports import ExportPlace
from services.audit.integrity.postgres_looking import Watched
from services.audit.postgres_answers import Auditing
from services.people.practitioners.people import SignedInPractitioner
from services.platform.errors import ServiceUnavailableError
from services.work import Outside, unit_of_work

Answer = TypeVar("Answer")


class AuditServices(Protocol):
    """What auditors ask; a part of services.portal.ports.PortalServices."""

    def ask(self, who: SignedInPractitioner, question: Callable[[Auditing], Answer]) -> Answer:
        """Answer a question; what it enters is in the ledger before this returns.

        Raises what the question raises, and ServiceUnavailableError; then nothing is entered.
        """

    @property
    def watched(self) -> Watched:
        """What is looked at of integrity beside the database."""

    def exports(
        self, who: SignedInPractitioner, *, most: int, before: ExportPlace | None = None
    ) -> Sequence[ListedExport] | ExportRefused:
        """Exports, the newest first, a page at a time; that they were looked at is entered."""

    def begin_export(
        self, who: SignedInPractitioner, order: OrderExport
    ) -> BegunExport | ExportRefused:
        """Enter an export with who and why, before its first row; or why there is none."""

    def stream_export(self, begun: BegunExport) -> Iterator[bytes]:
        """Give it piece by piece; its end is entered before the last."""


@dataclass(frozen=True, slots=True)
class _Signing:
    """Signs a case with the ledger's own key."""

    ledger_signer: LedgerSigner


class AuditOnDatabase:
    """AuditServices on PostgreSQL."""

    def __init__(self, outside: Outside, watched: Watched | None = None) -> None:
        self._outside = outside
        self._watched = watched

    @property
    def watched(self) -> Watched:
        """What is looked at. Raises ServiceUnavailableError where nothing was named."""
        if self._watched is None:
            raise ServiceUnavailableError("nothing is named that integrity is known by")
        return self._watched

    def ask(self, who: SignedInPractitioner, question: Callable[[Auditing], Answer]) -> Answer:
        """Ask it in one transaction, as who is signed in."""
        with unit_of_work(self._outside) as work:
            return question(Auditing(work, _auditor(who)))

    def exports(
        self, who: SignedInPractitioner, *, most: int, before: ExportPlace | None = None
    ) -> Sequence[ListedExport] | ExportRefused:
        """List them."""
        return list_exports(by=_auditor(who), outside=self._outside, most=most, before=before)

    def begin_export(
        self, who: SignedInPractitioner, order: OrderExport
    ) -> BegunExport | ExportRefused:
        """Enter it; committed when this returns."""
        return begin_export(order, by=_auditor(who), outside=self._outside)

    def stream_export(self, begun: BegunExport) -> Iterator[bytes]:
        """Read it from one moment of the ledger, and keep how far it has come."""
        progress = keeping_progress(begun.id, self._outside)
        signing = _Signing(self.watched.signer)
        return stream_export(begun, outside=self._outside, signing=signing, progress=progress)


def _auditor(who: SignedInPractitioner) -> Auditor:
    return Auditor(who.actor, who.role, who.agency_code)
