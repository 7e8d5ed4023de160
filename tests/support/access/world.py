"""Invented people behind every door: one of each role and standing, one of each sort of person.

On a real database, by the system's clock, because commands have no other.
"""

import secrets
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

from sqlalchemy import Connection, event

from consent.model import RelationshipGround, Response
from schemas.identifiers import DecisionId, PersonId
from schemas.records.message import Record
from schemas.records.payloads import (
    Address,
    CommunicationNeeds,
    ContactDetails,
    Involvement,
    Occurrence,
    OccurrenceKind,
    Payload,
    Period,
    PersonDetails,
    StoryEntry,
)
from schemas.vocabulary import Category, Label, Role, Source
from services.people.practitioners.people import SignedInPractitioner
from services.work import Outside, UnitOfWork, unit_of_work
from tests.support.access.model import Part, Person, Standing
from tests.support.builders import DAY
from tests.support.fakes.in_process import AGENCY, InProcess, by_number
from tests.support.messages.source_messages import a_message
from tests.support.people.families import FamiliesOnDatabase, families_on
from tests.support.people.feeding import put_on_the_list
from tests.support.people.link_traps import nhs_number
from tests.support.people.relating import a_colleague, exclude, on_rota, relate

NOBODY = PersonId("0" * 32)
MADE_UP = DecisionId("0" * 32)
BORN = "2024-05-03"
CANARIES: Mapping[Part, str] = {
    Part.CONTACT: "Quillfeather",
    Part.PLACE: "17 Canary Row",
    Part.NEEDS: "signs with canaries",
    Part.PRACTITIONERS: "Perdita Visitwell",
    Part.STORY: "the canary sang at night",
    Part.HEALTH: "Review of canaries",
    Part.SAFEGUARDING: "Strategy on canaries",
    Part.THIRD_PARTY: "An uncle of canaries",
}
"""By which words each part is known on any answer, with whose it is after them."""


def words_of(part: Part, person: Person) -> str:
    """The words that stand nowhere but in this part of this person's."""
    return f"{CANARIES[part]} {person.value.upper()}"


_GROUNDS = {
    Standing.OWN: RelationshipGround.OWN,
    Standing.CASE_LOAD: RelationshipGround.CASE_LOAD,
    Standing.REFERRAL: RelationshipGround.REFERRAL,
    Standing.CONFIRMED: RelationshipGround.FAMILY_CONFIRMED,
    Standing.UNCONFIRMED: RelationshipGround.FAMILY_UNCONFIRMED,
    Standing.EMERGENCY: RelationshipGround.EMERGENCY,
}
_FIRST_NUMBER = 4000


@dataclass(frozen=True, slots=True)
class Known:
    """A person of the world, by all that an address or a form may name."""

    id: PersonId
    number: str
    decision: DecisionId
    entry: str


@dataclass(frozen=True, slots=True)
class AccessWorld:
    """Everybody, on one database; `data` is where commands find its keys."""

    running: InProcess
    families: FamiliesOnDatabase
    people: Mapping[Person, Known]
    practitioners: Mapping[tuple[Role, Standing], SignedInPractitioner]
    data: Path

    @classmethod
    @contextmanager
    def on(cls, outside: Outside, data: Path) -> Iterator[Self]:
        """Build it over an empty database; the keys of `data` are those of `outside`."""
        with ExitStack() as stack:
            running = stack.enter_context(InProcess.running(outside))
            families = stack.enter_context(families_on(running))
            people = {p: _a_person(running, p, n) for n, p in enumerate(Person)}
            running.restrict(people[Person.RESTRICTED].id)
            with unit_of_work(running.portal) as work:
                known = [one.id for one in people.values() if one.id != NOBODY]
                practitioners = _everybody(work, known)
                exclude(work, people[Person.EXCLUDED].id, *(p.id for p in practitioners.values()))
            yield cls(running, families, people, practitioners, data)


@contextmanager
def nothing_kept(outside: Outside) -> Iterator[None]:
    """Let every transaction that would be committed be rolled back, while the block runs."""

    def undo(connection: Connection) -> None:
        connection.connection.rollback()

    event.listen(outside.engine, "commit", undo)
    try:
        yield
    finally:
        event.remove(outside.engine, "commit", undo)


def _a_person(running: InProcess, person: Person, number: int) -> Known:
    value = nhs_number(_FIRST_NUMBER + number).value
    subject = by_number(value, BORN)
    if person is Person.UNKNOWN:
        return Known(NOBODY, value, MADE_UP, "0" * 32)
    if person is Person.NOTHING:
        with unit_of_work(running.portal) as work:
            found = work.persons.resolve_or_create(subject, at=work.now)
        return Known(found, value, MADE_UP, "0" * 32)
    decision = running.decide(subject).decision
    (found,) = decision.subjects
    running.receive(a_message(f"m-{person}", *_records(person), subjects=(subject,)))
    running.settle()
    entry = next(r.key for r in running.stored(found) if r.category is Category.STORY)
    if person is Person.REFUSED:
        to_this_agency = frozenset({f"agency:{Source.HEALTH_VISITING}"})
        running.decide(found, response=Response.REFUSED, recipients=to_this_agency)
    if person is Person.WITHDRAWN:
        running.withdraw(decision.id)
        running.settle()
    return Known(found, value, decision.id, entry)


def _records(person: Person) -> list[Record]:
    said = {part: words_of(part, person) for part in Part}
    where, third = frozenset({Label.LOCATION}), frozenset({Label.THIRD_PARTY})
    identity, health = Category.IDENTITY_AND_CONTACT, Category.CHILD_HEALTH
    address = ContactDetails((Address((said[Part.PLACE],), _postcode(person)),))
    visitor = Involvement("Health visiting", AGENCY, practitioner_name=said[Part.PRACTITIONERS])
    name = PersonDetails(said[Part.CONTACT], ("Ada",), date_of_birth=BORN)
    needs = CommunicationNeeds(needs=(said[Part.NEEDS],))
    story = StoryEntry(said[Part.STORY], "Mum", "A worker", "2026-02-01T10:00:00.000000Z")
    return [
        _record("name", name, identity),
        _record("place", address, identity, where),
        _record("needs", needs, Category.COMMUNICATION_NEEDS),
        _record("who", visitor, Category.PRACTITIONERS),
        _record("story", story, Category.STORY),
        _record("health", _happened(said[Part.HEALTH]), health),
        _record("safety", _happened(said[Part.SAFEGUARDING]), Category.SAFEGUARDING),
        _record("third", _happened(said[Part.THIRD_PARTY]), health, third),
    ]


def _record(
    name: str, payload: Payload, category: Category, labels: frozenset[Label] = frozenset()
) -> Record:
    return Record(name, category, ("child",), payload, labels=labels)


def _happened(title: str) -> Occurrence:
    return Occurrence(OccurrenceKind.REVIEW, title, Period("2026-01-01"))


def _postcode(person: Person) -> str:
    """Nobody lives where somebody protected does: that would hide their place too."""
    return f"EX1 {list(Person).index(person)}AA"


def _everybody(
    work: UnitOfWork, persons: list[PersonId]
) -> Mapping[tuple[Role, Standing], SignedInPractitioner]:
    """One of each role and standing, all of one agency, each with all of these persons."""
    since, until = work.now - 30 * DAY, work.now + DAY
    covered = a_colleague(work, AGENCY)
    held = [relate(work, covered, person, since=since) for person in persons]
    # By the agency's leads, where its feed names nobody.
    led = [replace(one, id=secrets.token_hex(16), practitioner=None) for one in held]
    work.relationships.add(led)
    found: dict[tuple[Role, Standing], SignedInPractitioner] = {}
    for role in Role:
        for standing in Standing:
            one = a_colleague(work, AGENCY, role=role)
            match standing:
                case Standing.LEADS:
                    put_on_the_list(work, AGENCY, one)
                case Standing.COVER:
                    on_rota(work, covered=covered, covering=one)
                case Standing.STRANGER:
                    pass
                case _:
                    for person in persons:
                        relate(work, one, person, _GROUNDS[standing], since=since, until=until)
            who = work.directory.practitioner(one)
            assert who is not None, "whoever is entered is in the directory"
            found[role, standing] = who
    return found
