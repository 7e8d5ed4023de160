"""A family of whom some things are shared and others not, and all who may come upon it alone."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from consent.ledger import new_entry_id
from consent.model import Decider, DeciderKind, Response
from schemas.identifiers import DecisionId, PersonId, PractitionerId
from schemas.records.message import Record, Subject
from schemas.records.payloads import (
    Address,
    CommunicationNeeds,
    ContactDetails,
    Involvement,
    Occurrence,
    OccurrenceKind,
    Payload,
    PersonDetails,
    Plan,
    Relationship,
    RelationshipKind,
    StoryEntry,
    Telecom,
)
from schemas.vocabulary import Category, Label, Purpose, Role, Source
from services.people.linking.ports import Review, ReviewState
from services.people.linking.postgres.queue import PostgresLinkQueue
from services.people.practitioners.postgres_directory import Agency, PractitionerEntry
from services.work import UnitOfWork, unit_of_work
from tests.support.builders import FATHER, TEACHER, VISITOR
from tests.support.clock import StandingClock
from tests.support.fakes.in_process import AGENCY, InProcess, by_number
from tests.support.messages.source_messages import a_message
from tests.support.people.joined import by_la_id, make_one
from tests.support.people.link_traps import nhs_number
from tests.support.people.presence_world import COLLEAGUE, COUNCIL, OFFICER, OFFICER_OF_THE_TRUST

CHILD_BORN, MOTHER_BORN, FATHER_BORN = "2024-05-03", "1996-02-11", "1994-08-30"
_FIRST = 6500
HALF = by_la_id("alone/half")
STRANGER = PractitionerId("c5" * 16)
"""A social worker who has nothing to do with the family; nobody else of the council has either."""
ADULT = DeciderKind.ADULT_SELF
EVE = "Eve Twin"
ROLES: Mapping[Role, PractitionerId] = {
    role: PractitionerId(f"{0xD0 + number:x}" * 16) for number, role in enumerate(Role)
}
"""One account of each role in the trust, none with a case-load; they have one name, Eve's."""
OTHER_STEWARD = PractitionerId("cd" * 16)
"""Another data steward of the council, who is somebody else."""
TWIN = PractitionerId("ce" * 16)
"""Another account of Eve's, as a confirming officer of the council."""
ACTORS = (*ROLES.values(), VISITOR, TEACHER, COLLEAGUE, STRANGER, OFFICER, OFFICER_OF_THE_TRUST)
SHARED = frozenset(
    {
        Category.IDENTITY_AND_CONTACT,
        Category.FAMILY_AND_HOUSEHOLD,
        Category.CHILD_HEALTH,
        Category.STORY,
    }
)
"""What the family shares for its care; education it has refused, and of the rest said nothing."""
WORDS: Mapping[Category, frozenset[str]] = {
    Category.IDENTITY_AND_CONTACT: frozenset({"Quillfeather", "7 Hidden Row", "01632 960777"}),
    Category.FAMILY_AND_HOUSEHOLD: frozenset({"Maria Quillfeather", "Ivo Marlow"}),
    Category.STORY: frozenset({"We moved in May."}),
    Category.COMMUNICATION_NEEDS: frozenset({"Large print"}),
    Category.PRACTITIONERS: frozenset({"Night team", "01632 960778"}),
    Category.CHILD_HEALTH: frozenset({"A review of health"}),
    Category.EDUCATION: frozenset({"An attendance review"}),
    Category.EARLY_HELP: frozenset({"An early help plan"}),
    Category.SOCIAL_CARE: frozenset({"A child in need plan"}),
    Category.SAFEGUARDING: frozenset({"A protection enquiry"}),
}
"""By which words of its one record each category is known where something is shown."""


@dataclass(frozen=True, slots=True, eq=False)
class AloneWorld:
    """The family as it is before anybody acts; `began_at` is the moment after.

    `half` turned out to be the child as well, by two stewards: of them social care was refused.
    """

    running: InProcess
    clock: StandingClock
    subjects: tuple[Subject, Subject, Subject]
    child: PersonId
    mother: PersonId
    father: PersonId
    half: PersonId
    decisions: tuple[DecisionId, ...]
    began_at: datetime

    @classmethod
    def among(cls, running: InProcess, clock: StandingClock) -> "AloneWorld":
        """Tell everything while everything is shared, and then let the family share less."""
        _enter_people(running)
        subjects = _family()
        everything = _share(running, subjects, Category, tuple(Purpose))
        for source, records in _told().items():
            told = a_message(f"alone {source}", *records, subjects=subjects, source=source)
            running.receive(told)
        running.settle()
        child, mother, father = (_known(running, one) for one in subjects)
        for _ in range(2):  # so that there are looks that may be told
            running.read(child)
            clock.pass_by(timedelta(hours=1))
        for decision in everything:
            running.withdraw(decision)
        clock.pass_by(timedelta(hours=1))
        social_care = {Category.SOCIAL_CARE}
        refused = running.decide(HALF, categories=social_care, response=Response.REFUSED).decision
        (half,) = refused.subjects
        with unit_of_work(running.portal) as work:
            make_one(work, child, half)
            PostgresLinkQueue(work.connection).save(a_review_of(child, half, work, is_joined=True))
        clock.pass_by(timedelta(hours=1))
        made = [
            refused.id,
            *_share(running, subjects, social_care),
            *_share(running, subjects, SHARED),
            *_share(running, subjects, {Category.EDUCATION, Category.EARLY_HELP}),
            _decide(running, (child,), {Category.EDUCATION}, response=Response.REFUSED),
            _decide(
                running,
                (child,),
                {Category.EARLY_HELP},
                response=Response.REFUSED,
                decided_by=FATHER,
            ),
        ]
        clock.pass_by(timedelta(days=29))
        decisions = (*everything, *made)
        return cls(running, clock, subjects, child, mother, father, half, decisions, clock.now())


def a_review_of(
    one: PersonId, other: PersonId, work: UnitOfWork, *, is_joined: bool = False
) -> Review:
    """Build what stewards are asked about two."""
    first, second = sorted((one, other))
    state = ReviewState.JOINED if is_joined else ReviewState.WAITING
    review_id = str(new_entry_id(work.now))
    return Review(review_id, first, second, 20.0, "test", state, work.now)


def colleagues_of(actor: PractitionerId) -> Collection[PractitionerId]:
    """The actor and others of the same agency, with the family on their case-load and without."""
    trust = (VISITOR, COLLEAGUE)
    council, school = (STRANGER,), (TEACHER,)
    agency = {STRANGER: council, OFFICER: council, TEACHER: school}.get(actor, trust)
    return dict.fromkeys((actor, *agency))


def _family() -> tuple[Subject, Subject, Subject]:
    child, mother, father = (nhs_number(_FIRST + place).value for place in range(3))
    return (
        by_number(child, CHILD_BORN),
        replace(by_number(mother, MOTHER_BORN), ref="mother"),
        replace(by_number(father, FATHER_BORN), ref="father"),
    )


def _told() -> Mapping[Source, tuple[Record, ...]]:
    """One record of each category at least, each by who would hold it."""
    health, schools, care = Source.HEALTH_VISITING, Source.SCHOOLS, Source.SOCIAL_CARE
    where = frozenset({Label.LOCATION})
    home = ContactDetails(
        (Address(("7 Hidden Row",), "NF1 1AA"),), (Telecom("phone", "01632 960777"),)
    )
    mobile = ContactDetails(telecoms=(Telecom("phone", "07700 900777"),))
    story = StoryEntry("We moved in May.", "mother", "Sam Reed", "2026-01-02T10:00:00Z")
    mother = Relationship(RelationshipKind.MOTHER, "Maria Quillfeather", has_responsibility=True)
    father = Relationship(RelationshipKind.FATHER, "Ivo Marlow", has_responsibility=True)
    in_print = CommunicationNeeds(("pl",), True, ("Large print",))
    worker = Involvement("Night team", AGENCY, telephone="01632 960778")
    identity, family = Category.IDENTITY_AND_CONTACT, Category.FAMILY_AND_HOUSEHOLD
    return {
        health: (
            _record("name", identity, PersonDetails("Quillfeather", ("Ada",), None, CHILD_BORN)),
            replace(_record("home", identity, home), labels=where),
            _record("ties", family, mother, "mother"),
            _record("tie", family, father, "father"),
            _record("team", Category.PRACTITIONERS, worker),
            _record("review", Category.CHILD_HEALTH, _happened("A review of health")),
        ),
        schools: (
            _record("needs", Category.COMMUNICATION_NEEDS, in_print),
            _record("absence", Category.EDUCATION, _happened("An attendance review")),
            replace(_record("mobile", identity, mobile), subjects=("mother",)),
        ),
        care: (
            _record("help", Category.EARLY_HELP, Plan("early-help", "An early help plan")),
            _record("need", Category.SOCIAL_CARE, Plan("cin", "A child in need plan")),
            _record("safe", Category.SAFEGUARDING, _happened("A protection enquiry")),
        ),
        Source.FAMILY_HUB: (_record("story", Category.STORY, story),),
    }


def _record(name: str, category: Category, payload: Payload, *others: str) -> Record:
    return Record(name, category, ("child", *others), payload)


def _happened(title: str) -> Occurrence:
    return Occurrence(OccurrenceKind.REVIEW, title)


def _share(
    running: InProcess,
    subjects: tuple[Subject, Subject, Subject],
    categories: Collection[Category],
    purposes: tuple[Purpose, ...] = (Purpose.DIRECT_CARE,),
) -> Sequence[DecisionId]:
    """The mother agrees for the child, and each adult for themselves."""
    child, *adults = subjects
    theirs = [
        _decide(running, (one,), categories, purposes, decided_by=Decider(ADULT, one.ref))
        for one in adults
    ]
    return [_decide(running, (child,), categories, purposes), *theirs]


def _decide(
    running: InProcess,
    subjects: tuple[Subject | PersonId, ...],
    categories: Collection[Category],
    purposes: tuple[Purpose, ...] = (Purpose.DIRECT_CARE,),
    **more: object,
) -> DecisionId:
    return running.decide(*subjects, categories=categories, purposes=purposes, **more).decision.id


def _known(running: InProcess, subject: Subject) -> PersonId:
    found = running.person(subject)
    assert found is not None
    return found


def _enter_people(running: InProcess) -> None:
    people = [(one, EVE, role, AGENCY) for role, one in ROLES.items()]
    people += [
        (STRANGER, "Ruth Vane", Role.PRACTITIONER, COUNCIL),
        (TWIN, EVE, Role.CONFIRMING_OFFICER, COUNCIL),
        (OTHER_STEWARD, "Ida Holm", Role.DATA_STEWARD, COUNCIL),
    ]
    with unit_of_work(running.portal) as work:
        work.directory.save_agency(Agency(COUNCIL, "Council", Source.SOCIAL_CARE, None))
        for one, name, role, agency in people:
            work.directory.save_practitioner(
                PractitionerEntry(
                    one, name, role, "Worker", agency, None, None, Purpose.DIRECT_CARE
                )
            )
