"""What the pages for a family that is there ask, each call one transaction."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from schemas.identifiers import PersonId
from services.people.family_access import giving
from services.people.family_access.ages import NextChange
from services.people.family_access.model import SafetyAnswers
from services.people.family_access.reaching import changes_to_come
from services.people.practitioners.people import SignedInPractitioner
from services.people.presence import beginning, codes, confirming, sheets
from services.people.presence.beginning import BeginPresence
from services.people.presence.confirming import ShownRequest, WaitingRequest
from services.people.presence.model import (
    ConfirmationRequest,
    ConfirmedPresence,
    ConfirmingAnswer,
    Sheet,
    Way,
    WhyNotConfirmed,
)
from services.work import Outside, UnitOfWork, unit_of_work


@dataclass(frozen=True, slots=True, repr=False)
class HereNow:
    """One visit as its practitioner finds it: whom it opened, until when, what was written."""

    may_be_confirmed: bool
    person: PersonId | None = None
    until: datetime | None = None
    sheets: tuple[Sheet, ...] = ()


class HereServices(Protocol):
    """Each call is one transaction that holds its ledger entries; they are durable on return.

    Raises ServiceUnavailableError when ledger or database cannot be written: then nothing opens.
    """

    def begin(self, who: SignedInPractitioner, order: BeginPresence) -> str:
        """Write down that a family is there; gives the visit's id, whoever was meant."""

    def now(self, who: SignedInPractitioner, presence: str) -> HereNow | None:
        """The practitioner's own visit, while it lasts."""

    def ask_for_code(self, who: SignedInPractitioner, presence: str) -> None:
        """Send a code where one may go; nothing tells whether that was anywhere."""

    def try_code(self, who: SignedInPractitioner, presence: str, typed: str) -> bool:
        """Whether the code opened something; why not is for the ledger alone."""

    def ask_to_confirm(self, who: SignedInPractitioner, presence: str, way: Way) -> str | None:
        """Ask somebody else; gives what the two say to each other to mean the same request."""

    def write_sheet(self, who: SignedInPractitioner, presence: str, sheet: Sheet) -> bool:
        """Keep what was written; whether the visit is the practitioner's own."""

    def give_page(self, who: SignedInPractitioner, presence: str, said: SafetyAnswers) -> None:
        """Give who is there a page of their own, where nothing speaks against it: not told."""

    def end_page(self, who: SignedInPractitioner, presence: str) -> None:
        """Turn the page of who is there off, if they have one: not told either."""

    def changes_to_come(self, who: SignedInPractitioner, presence: str) -> Sequence[NextChange]:
        """At which ages parents soon see less, of who is there or of a child of theirs."""

    def waiting_for(self, who: SignedInPractitioner) -> Sequence[WaitingRequest]:
        """The requests that this officer or colleague may answer."""

    def show_request(self, who: SignedInPractitioner, request: str) -> ShownRequest | None:
        """Whom an officer may ring, for this one request; the look is recorded."""

    def answer_request(
        self, who: SignedInPractitioner, request: str, answer: ConfirmingAnswer
    ) -> bool:
        """Whether the answer was taken."""


class HereOnDatabase:
    """HereServices on PostgreSQL."""

    def __init__(self, outside: Outside) -> None:
        self._outside = outside

    def begin(self, who: SignedInPractitioner, order: BeginPresence) -> str:
        """Write it down."""
        with self._work() as work:
            return beginning.begin(order, who, presences=work.presences()).id

    def now(self, who: SignedInPractitioner, presence: str) -> HereNow | None:
        """What has become of it."""
        with self._work() as work:
            presences = work.presences()
            found = beginning.own_presence(presence, who, presences=presences)
            if found is None:
                return None
            may_be = beginning.may_be_confirmed(found)
            opened = beginning.still_open(found, presences=presences)
            if opened is None:
                return HereNow(may_be)
            written = sheets.sheets_of(presence, who, presences=presences)
            return HereNow(may_be, opened.person, opened.ends_at, tuple(written))

    def ask_for_code(self, who: SignedInPractitioner, presence: str) -> None:
        """Send one where one may go."""
        with self._work() as work:
            codes.ask_for_code(presence, who, presences=work.presences())

    def try_code(self, who: SignedInPractitioner, presence: str, typed: str) -> bool:
        """Open what it opens."""
        with self._work() as work:
            done = codes.try_code(presence, typed, who, presences=work.presences())
        return isinstance(done, ConfirmedPresence)

    def ask_to_confirm(self, who: SignedInPractitioner, presence: str, way: Way) -> str | None:
        """Ask somebody else."""
        with self._work() as work:
            asked = confirming.ask_to_confirm(presence, way, who, presences=work.presences())
        return asked.reference if isinstance(asked, ConfirmationRequest) else None

    def write_sheet(self, who: SignedInPractitioner, presence: str, sheet: Sheet) -> bool:
        """Keep it."""
        with self._work() as work:
            return sheets.write_sheet(presence, sheet, who, presences=work.presences())

    def give_page(self, who: SignedInPractitioner, presence: str, said: SafetyAnswers) -> None:
        """Give it."""
        with self._work() as work:
            giving.give_access(presence, said, who, door=work.family_door())

    def end_page(self, who: SignedInPractitioner, presence: str) -> None:
        """Turn it off."""
        with self._work() as work:
            giving.end_for_visit(presence, who, door=work.family_door())

    def changes_to_come(self, who: SignedInPractitioner, presence: str) -> Sequence[NextChange]:
        """By birthdays of those whom the visit opened."""
        with self._work() as work:
            presences = work.presences()
            found = beginning.own_presence(presence, who, presences=presences)
            opened = None if found is None else beginning.still_open(found, presences=presences)
            if opened is None:
                return ()
            return changes_to_come(opened.person, door=work.family_door())

    def waiting_for(self, who: SignedInPractitioner) -> Sequence[WaitingRequest]:
        """What waits."""
        with self._work() as work:
            return confirming.waiting_for(who, presences=work.presences())

    def show_request(self, who: SignedInPractitioner, request: str) -> ShownRequest | None:
        """Show it to who may answer it."""
        with self._work() as work:
            shown = confirming.show_request(request, who, presences=work.presences())
        return shown if isinstance(shown, ShownRequest) else None

    def answer_request(
        self, who: SignedInPractitioner, request: str, answer: ConfirmingAnswer
    ) -> bool:
        """Take the answer."""
        with self._work() as work:
            done = confirming.answer_request(request, answer, who, presences=work.presences())
        return not isinstance(done, WhyNotConfirmed)

    def _work(self) -> AbstractContextManager[UnitOfWork]:
        return unit_of_work(self._outside)
