"""What these pages ask, each call one transaction that holds its entries."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from schemas.identifiers import PersonId
from services.interfaces.family_door.services import OnPage, enter_page, named
from services.people.family_access.keeping import copies, reach
from services.people.family_access.keeping.copies import CopyTold, may_ask
from services.people.family_access.keeping.postgres_copies import PostgresFamilyCopies
from services.people.family_access.keeping.postgres_reach import FamilyReach, PostgresFamilyReach
from services.people.family_access.keeping.reach import ReachChoice, ReachWay
from services.people.family_access.model import FamilySession
from services.people.family_access.reaching import reached_by
from services.people.family_access.signing_in import type_to_decide
from services.platform.keys.sealing import JweSealer
from services.work import Outside, unit_of_work


@dataclass(frozen=True, slots=True, repr=False)
class ReachPage:
    """How somebody is reached: their contacts, what they chose, when they signed in last."""

    ways: Sequence[ReachWay]
    chosen: FamilyReach | None
    signed_in: Sequence[datetime]


@dataclass(frozen=True, slots=True, repr=False)
class CopiesPage:
    """Of whom they may ask for a copy, and how those stand that they asked for."""

    people: Sequence[OnPage]
    copies: Sequence[CopyTold]


class FamilyKeeping:
    """The questions on PostgreSQL. Raises ServiceUnavailableError."""

    def __init__(self, outside: Outside) -> None:
        self._outside = outside

    def reached(self, session: FamilySession) -> ReachPage:
        """How they are reached."""
        with unit_of_work(self._outside) as work:
            door, kept = work.family_door(), PostgresFamilyReach(work.connection)
            ways = reach.ways_of(session, door=door)
            enter_page("reach", [], len(ways), session, door)
            return ReachPage(ways, kept.of(session.access.id), kept.signed_in(session.access.id))

    def choose(self, session: FamilySession, choice: ReachChoice, code: str) -> bool:
        """Keep where messages go, by a new code."""
        with unit_of_work(self._outside) as work:
            door, kept = work.family_door(), PostgresFamilyReach(work.connection)
            is_typed = type_to_decide(session, code, door=door)
            return is_typed and reach.choose(choice, session, door=door, reach=kept)

    def not_safe(self, session: FamilySession, way: str) -> bool:
        """Mark one of their contacts, at once."""
        with unit_of_work(self._outside) as work:
            return reach.not_safe(way, session, door=work.family_door())

    def copies(self, session: FamilySession) -> CopiesPage:
        """Their copies."""
        with unit_of_work(self._outside) as work:
            door, kept = work.family_door(), PostgresFamilyCopies(work.connection)
            reached = reached_by(session, door=door)
            told = copies.copies_told(session, reached, door=door, copies=kept)
            enter_page("copies", reached, len(told), session, door)
            asked_of = may_ask(reached)
            people = [
                OnPage(one.person, one.is_oneself, name) for one, name in named(asked_of, work)
            ]
            return CopiesPage(people, told)

    def ask_for_copy(self, session: FamilySession, about: PersonId, code: str) -> bool:
        """Ask for one, by a new code."""
        with unit_of_work(self._outside) as work:
            door, kept = work.family_door(), PostgresFamilyCopies(work.connection)
            if not type_to_decide(session, code, door=door):
                return False
            reached = reached_by(session, door=door)
            asked = copies.ask_for_copy(about, session, reached, door=door, copies=kept)
            return asked is not None

    def take_copy(self, session: FamilySession, copy: str, code: str) -> bytes | None:
        """Take one that is ready, by a new code."""
        with unit_of_work(self._outside) as work:
            door, kept = work.family_door(), PostgresFamilyCopies(work.connection)
            if not type_to_decide(session, code, door=door):
                return None
            reached = reached_by(session, door=door)
            sealer = JweSealer(work.keys.data_key)
            return copies.take_copy(copy, session, reached, door=door, copies=kept, sealer=sealer)
