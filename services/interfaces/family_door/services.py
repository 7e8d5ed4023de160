"""What the family's own pages ask, each call one transaction that holds its entries."""

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Self, TypeVar

from consent.decisions.keeping import Recorded
from consent.ledger import FieldValue
from consent.ledger.events import LedgerEvent
from schemas.identifiers import DecisionId, PersonId
from schemas.records.payloads import PersonDetails
from schemas.vocabulary import Category, Label
from services.decisions.on_own_page import OwnYes, own_yeses, take_back
from services.interfaces.family_door.getting_in.ways import GettingIn
from services.people.family_access import signing_in
from services.people.family_access.acting import ChildReach
from services.people.family_access.giving import end_access
from services.people.family_access.model import AccessEnd, FamilySession
from services.people.family_access.ports import FamilyDoor
from services.people.family_access.reaching import Reached, reached_by
from services.profile.families.own_page.sharing import ServiceRow, rows_about
from services.work import Outside, OwnPages, UnitOfWork, unit_of_work

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True, repr=False)
class OnPage:
    """Somebody on a page: who, by what first name, and what there is to tell of them."""

    person: PersonId
    is_oneself: bool
    name: str | None
    rows: Sequence[ServiceRow] = ()
    is_own_part: bool = False
    """Whether only what the reader decided themselves is told of them."""
    reached: Reached | None = None
    """How much of them is reached, and what changes of it at a birthday."""
    lets_see: bool = False
    """Whether it is who reads, and old enough to let parents see it."""


@dataclass(frozen=True, slots=True, repr=False)
class ChoicesPage:
    """What somebody said yes to, with the first names of those whom it is about."""

    yeses: Sequence[OwnYes]
    people: Sequence[OnPage]


class FamilyDoorOnDatabase:
    """The pages' questions on PostgreSQL. Raises ServiceUnavailableError: then nothing is shown."""

    def __init__(self, outside: Outside, getting_in: GettingIn | None = None) -> None:
        """Without `getting_in` nobody signs in but by a code."""
        self._outside = outside
        self._pages = OwnPages(outside)
        self._getting_in = found = getting_in or GettingIn(outside)
        self.letting, self.ways = found.letting, found.ways

    @contextmanager
    def one_page(self) -> Iterator[Self]:
        """The same services, all of whose calls are one transaction while the block runs."""
        with self._pages.one_page() as work:
            yield type(self)(work.outside, self._getting_in.within(work.outside))

    @property
    def outside(self) -> Outside:
        """What page families of their own work with."""
        return self._outside

    def now(self) -> datetime:
        """The time by which pages count days."""
        return self._outside.clock.now()

    # Getting in and out.

    def session(self, secret: str) -> FamilySession | None:
        """Who is behind a cookie now."""
        with self._work() as work:
            return signing_in.session_of(secret, door=work.family_door())

    def sign_out(self, secret: str, *, everywhere: bool = False) -> None:
        """End the session behind a cookie, or all of theirs; nothing where there is none."""
        with self._work() as work:
            door = work.family_door()
            found = signing_in.session_of(secret, door=door)
            if found is not None:
                signing_in.sign_out(found, everywhere=everywhere, door=door)

    def turn_off(self, session: FamilySession) -> None:
        """Turn their own page off: from now on it looks as if it had never been."""
        with self._work() as work:
            door = work.family_door()
            end_access(session.person, AccessEnd.BY_THEMSELVES, by=session.actor, door=door)

    # What they are shown; that they looked is entered with it.

    def home(self, session: FamilySession) -> Sequence[OnPage]:
        """Who can see what."""
        with self._work() as work:
            door = work.family_door()
            reached, ones = reached_by(session, door=door), ones_of(session, door)
            rows = {one.person: rows_about(one, ones, door.at) for one in reached}
            enter_page("home", reached, sum(map(len, rows.values())), session, door)
            lets_see = door.ages.may_let_see(door.age_of(session.person).years)
            return [
                on_page(one, name, rows=rows[one.person], lets_see=lets_see)
                for one, name in named(reached, work)
            ]

    # Changing one's mind.

    def choices(self, session: FamilySession) -> ChoicesPage:
        """What they said yes to."""
        with self._work() as work:
            door = work.family_door()
            reached = reached_by(session, door=door)
            yeses = own_yeses(reached, door=door)
            enter_page("choices", reached, len(yeses), session, door)
            people = [on_page(one, name) for one, name in named(reached, work)]
            return ChoicesPage(yeses, people)

    def ask_to_decide(self, session: FamilySession) -> None:
        """Send them a new code."""
        with self._work() as work:
            signing_in.ask_to_decide(session, door=work.family_door())

    def take_back(
        self, session: FamilySession, decision: DecisionId, code: str
    ) -> DecisionId | None:
        """Take a yes back, by a new code; None where the code is not right or it is not theirs."""
        with self._work() as work:
            door = work.family_door()
            if not signing_in.type_to_decide(session, code, door=door):
                return None
            reached = reached_by(session, door=door)
            done = take_back(decision, session, reached, door=door, deciding=work.deciding())
            return done.decision.id if isinstance(done, Recorded) else None

    def ask(self, use: Callable[[UnitOfWork], _T]) -> _T:
        """Do one thing of a page family that is not among these, in one transaction."""
        with self._work() as work:
            return use(work)

    def _work(self) -> AbstractContextManager[UnitOfWork]:
        return unit_of_work(self._outside)


def on_page(
    one: Reached,
    name: str | None,
    *,
    rows: Sequence[ServiceRow] = (),
    lets_see: bool = False,
) -> OnPage:
    """Somebody who is reached, as a page tells of them."""
    is_own_part = one.acting.reach is ChildReach.OWN_PART
    told = (rows, is_own_part, one, lets_see and one.is_oneself)
    return OnPage(one.person, one.is_oneself, name, *told)


# What every page of the door enters, and how it names those whom somebody reaches.

_PROTECTED = frozenset({Label.PROTECTED_LOCATION, Label.THIRD_PARTY})


def ones_of(session: FamilySession, door: FamilyDoor) -> Collection[PersonId]:
    """All who are one with whom is signed in."""
    return door.clusters.all_of([session.person])


def enter_page(
    page: str, reached: Sequence[Reached], rows: int, session: FamilySession, door: FamilyDoor
) -> None:
    """Enter that somebody of a family saw a page, of whom it was, and how much was on it."""
    fields: dict[str, FieldValue] = {
        "page": page,
        "subjects": [one.person for one in reached],
        "rows": rows,
    }
    door.enter(LedgerEvent.FAMILY_PAGE_SEEN, fields, by=session.actor)


def named(reached: Sequence[Reached], work: UnitOfWork) -> Sequence[tuple[Reached, str | None]]:
    """Each with the first name by which a family tells its children apart; no more is opened."""
    children = [one.person for one in reached if not one.is_oneself]
    names: dict[PersonId, str] = {}
    if children:
        records = [
            record
            for record in work.records.about(children)
            if record.category is Category.IDENTITY_AND_CONTACT
            and len(record.persons) == 1
            and record.labels.isdisjoint(_PROTECTED)
        ]
        for record in work.records.open(records):
            name = _first_name(record.payload)
            if name is not None:
                names.setdefault(record.persons[0], name)
    known = {child: work.records.known_as(child) for child in children}
    return [(one, names.get(known.get(one.person, one.person))) for one in reached]


def _first_name(payload: object) -> str | None:
    if not isinstance(payload, PersonDetails) or payload.placeholder_name:
        return None
    return payload.known_as or next(iter(payload.given_names), None)
