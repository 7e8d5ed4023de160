"""Who has looked: what pages, print and data ask, each call one transaction with its entry."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from consent.ledger import FieldValue
from consent.ledger.events import LedgerEvent
from schemas.identifiers import PersonId
from services.audit.reviews.postgres import FamilyQuestion, PostgresFamilyQuestions
from services.audit.reviews.postgres_reviewed import reviewed_looks
from services.audit.reviews.questions import FamilyAsks, ask_on_own_page
from services.interfaces.family_door.looking.requests import RequestTold, own_requests
from services.interfaces.family_door.services import OnPage, enter_page, named, ones_of
from services.people.family_access.acting import ChildReach
from services.people.family_access.model import FamilySession
from services.people.family_access.ports import FamilyDoor
from services.people.family_access.reaching import Reached, reached_by
from services.profile.families.own_page.looks import ToldLook, looks_told
from services.profile.families.own_page.months import LookOf, LooksPage, looks_page
from services.profile.families.own_page.postgres_looks import PostgresOwnLooks
from services.work import Outside, UnitOfWork, unit_of_work


@dataclass(frozen=True, slots=True, repr=False)
class LookedPage:
    """Who has looked at these, since when it is written down, and what was asked about it."""

    people: Sequence[OnPage]
    shown: LooksPage
    since: datetime | None
    questions: Sequence[FamilyQuestion]
    requests: Sequence[RequestTold] = ()


@dataclass(frozen=True, slots=True, repr=False)
class LooksTold:
    """Looks at whoever is signed in and their children, the newest first; since when all are."""

    looks: Sequence[LookOf]
    since: datetime | None


class FamilyLooking:
    """The questions about looks on PostgreSQL. Raises ServiceUnavailableError."""

    def __init__(self, outside: Outside) -> None:
        self._outside = outside

    def looked(
        self, session: FamilySession, month: date | None = None, number: int = 1
    ) -> LookedPage:
        """One page of who has looked."""
        with unit_of_work(self._outside) as work:
            door = work.family_door()
            reached = reached_by(session, door=door)
            looks = looks_of(session, reached, door=door, work=work)
            enter_page("looks", reached, len(looks), session, door)
            people = people_on_page(reached, work)
            questions = PostgresFamilyQuestions(work.connection).entered_by(session.actor)
            asked = [one for one in questions if one.asks != FamilyAsks.IS_WRONG]
            since = PostgresOwnLooks(work.connection).begun()
            requests = own_requests(ones_of(session, door), work)
            return LookedPage(people, looks_page(looks, month, number), since, asked, requests)

    def told(self, session: FamilySession) -> LooksTold:
        """All of them, for data."""
        with unit_of_work(self._outside) as work:
            door = work.family_door()
            reached = reached_by(session, door=door)
            looks = looks_of(session, reached, door=door, work=work)
            enter_page("looks-data", reached, len(looks), session, door)
            newest = sorted(looks, key=lambda one: (one.at, one.told.look.id), reverse=True)
            return LooksTold(newest, PostgresOwnLooks(work.connection).begun())

    def ask_about(self, session: FamilySession, look: str) -> bool:
        """Ask governance about one look that was told; false for any other."""
        with unit_of_work(self._outside) as work:
            door = work.family_door()
            reached = reached_by(session, door=door)
            found = next(
                (
                    one
                    for one in looks_of(session, reached, door=door, work=work)
                    if one.told.look.id == look
                ),
                None,
            )
            if found is not None:
                worker = found.told.look.worker
                asked = ask_on_own_page(found.person, worker, by=session.actor, work=work)
                return isinstance(asked, FamilyQuestion)
            fields: dict[str, FieldValue] = {"act": "ask", "because": "is-not-theirs"}
            door.enter(LedgerEvent.FAMILY_ACT_REFUSED, fields, by=session.actor)
            return False


def looks_of(
    session: FamilySession, reached: Sequence[Reached], *, door: FamilyDoor, work: UnitOfWork
) -> Sequence[LookOf]:
    """All looks at these that may be told to who is signed in."""
    found = _told(session, reached, door, work)
    return [LookOf(person, one) for person, looks in found.items() for one in looks]


def people_on_page(reached: Sequence[Reached], work: UnitOfWork) -> Sequence[OnPage]:
    """These, by their first names."""
    return [
        OnPage(
            one.person,
            one.is_oneself,
            name,
            is_own_part=one.acting.reach is ChildReach.OWN_PART,
        )
        for one, name in named(reached, work)
    ]


def _told(
    session: FamilySession, reached: Sequence[Reached], door: FamilyDoor, work: UnitOfWork
) -> Mapping[PersonId, Sequence[ToldLook]]:
    """The same is asked of everybody, whether or not anything is held back."""
    kept, ones = PostgresOwnLooks(work.connection), ones_of(session, door)
    told: dict[PersonId, Sequence[ToldLook]] = {}
    for one in reached:
        persons = door.clusters.all_of([one.person])
        reviewed = reviewed_looks(work.connection, persons)
        looks = [
            replace(look, is_reviewed=True) if look.id in reviewed else look
            for look in kept.at(persons)
        ]
        told[one.person] = looks_told(looks, one, ones)
    return told
