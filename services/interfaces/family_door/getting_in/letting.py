"""What the page asks on which a young person lets a parent see theirs; each call a transaction."""

from collections.abc import Sequence
from contextlib import AbstractContextManager

from consent.ledger import FieldValue
from consent.ledger.events import LedgerEvent
from services.people.family_access.getting_in import other_contact
from services.people.family_access.getting_in.other_contact import WayToSignIn
from services.people.family_access.letting_see import letting
from services.people.family_access.letting_see.letting import GrownUp
from services.people.family_access.model import FamilySession
from services.work import Outside, UnitOfWork, unit_of_work


class LettingSeeOnDatabase:
    """On PostgreSQL. Raises ServiceUnavailableError: then nothing is shown."""

    def __init__(self, outside: Outside) -> None:
        self._outside = outside

    def grown_ups(self, session: FamilySession) -> Sequence[GrownUp] | None:
        """Whom they may let see; None for whom this is not. That they looked is entered."""
        with self._work() as work:
            door = work.family_door()
            found = letting.grown_ups_of(session, door=door)
            if found is not None:
                fields: dict[str, FieldValue] = {
                    "page": "let-see",
                    "subjects": [session.person],
                    "rows": len(found),
                }
                door.enter(LedgerEvent.FAMILY_PAGE_SEEN, fields, by=session.actor)
            return found

    def let_see(self, session: FamilySession, key: str, code: str) -> bool:
        """Let a parent see, by a new code; false for a wrong one, and for nobody of theirs."""
        with self._work() as work:
            return letting.let_see(session, key, code, door=work.family_door())

    def stop(self, session: FamilySession, key: str) -> bool:
        """Stop it at once; false for nobody of theirs."""
        with self._work() as work:
            return letting.stop(session, key, door=work.family_door())

    # Contacts that sign in.

    def ways(self, session: FamilySession) -> Sequence[WayToSignIn]:
        """Those that do, and those that might besides. That they looked is entered."""
        with self._work() as work:
            door = work.family_door()
            found = other_contact.ways_of(session, door=door)
            fields: dict[str, FieldValue] = {
                "page": "sign-in-with",
                "subjects": [session.person],
                "rows": len(found),
            }
            door.enter(LedgerEvent.FAMILY_PAGE_SEEN, fields, by=session.actor)
            return found

    def ask_for_both(self, session: FamilySession, key: str) -> bool:
        """Send both codes; false for a contact that is not theirs."""
        with self._work() as work:
            return other_contact.ask_for_both(session, key, door=work.family_door())

    def choose(self, session: FamilySession, key: str, first: str, second: str) -> bool:
        """Let it sign in too, by both codes."""
        with self._work() as work:
            return other_contact.choose(session, key, first, second, door=work.family_door())

    def stop_contact(self, session: FamilySession, key: str) -> bool:
        """It signs in no more; false for that which they are in by, and for nobody of theirs."""
        with self._work() as work:
            return other_contact.stop(session, key, door=work.family_door())

    def _work(self) -> AbstractContextManager[UnitOfWork]:
        return unit_of_work(self._outside)
