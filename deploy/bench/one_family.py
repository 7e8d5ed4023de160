"""The family that benches read: four persons, a hundred records from three sources, invented."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from consent.decisions.keeping import Asker
from consent.decisions.recording import record_decision
from consent.lawfulness import Basis
from consent.ledger import entry_id_for
from consent.model import (
    Decider,
    DeciderKind,
    RecordDecision,
    RelationshipGround,
    Response,
)
from deploy.bench.copied_families import Likeness, likeness_of
from deploy.bench.world import child_with
from schemas.identifiers import PersonId, PractitionerId, RecordKey
from schemas.records.message import Subject
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
    Plan,
    Relationship,
    RelationshipKind,
    StoryEntry,
    Telecom,
)
from schemas.records.published import PublishedRecord
from schemas.vocabulary import Category, IdentifierScheme, Label, Purpose, Role, Source
from services.people.practitioners.postgres_directory import Agency, PractitionerEntry
from services.people.relationships.model import HeldRelationship, Warrant, WarrantKind
from services.work import Outside, UnitOfWork, unit_of_work

VISITOR = PractitionerId("bf" * 16)
RECORDS = 100
_BOTH_HANDS = Asker(is_both_hands=True)
AGENCY = "RBENCH"
_NUMBERS = ("9990000018", "9990000026", "9990000034", "9990000042")
_BORN = ("2022-05-03", "1994-02-11", "1992-08-30", "2018-01-20")
_VERSION = "2026-01-05T09:00:00.000000Z/1"

Part = tuple[int, Source, Category, Payload]


def make_family(outside: Outside) -> Likeness:
    """Enter a practitioner and the first family, as the program does."""
    with unit_of_work(outside) as work:
        _enter_visitor(work)
        family = [
            child_with(IdentifierScheme.NHS_NUMBER, number, born)
            for number, born in zip(_NUMBERS, _BORN, strict=True)
        ]
        decided = record_decision(_permit(family), deciding=work.deciding(_BOTH_HANDS)).decision
        persons = [work.persons.resolve_or_create(subject, at=work.now) for subject in family]
        records = list(_records_of(persons))
        work.keys.load(persons)
        work.records.upsert(records)
        work.case_loads.save([r for r in records if isinstance(r.payload, Involvement)])
        work.relationships.add([_case_load(persons[0], work.now)])
    return likeness_of(outside, persons, decided.id, records)


def _case_load(child: PersonId, at: datetime) -> HeldRelationship:
    return HeldRelationship(
        id=str(entry_id_for("bench", child)),
        person=child,
        agency=AGENCY,
        practitioner=VISITOR,
        ground=RelationshipGround.CASE_LOAD,
        since=at - timedelta(days=1),
        until=None,
        warrant=Warrant(WarrantKind.DEMONSTRATION, "job:bench"),
        asked_by="job:bench",
    )


def _enter_visitor(work: UnitOfWork) -> None:
    work.directory.save_agency(Agency(AGENCY, "Trust", Source.HEALTH_VISITING, None))
    work.directory.save_practitioner(
        PractitionerEntry(
            VISITOR,
            "A visitor",
            Role.PRACTITIONER,
            "Health visitor",
            AGENCY,
            None,
            None,
            Purpose.DIRECT_CARE,
        )
    )


def _permit(family: Sequence[Subject]) -> RecordDecision:
    return RecordDecision(
        subjects=tuple(family),
        response=Response.GIVEN,
        categories=frozenset(Category),
        purposes=frozenset({Purpose.DIRECT_CARE, Purpose.EARLY_HELP}),
        basis=Basis.CONSENT,
        decided_by=Decider(DeciderKind.PARENT, "mother"),
        actor="job:bench",
    )


def _records_of(persons: Sequence[PersonId]) -> Iterator[PublishedRecord]:
    for number, (whose, source, category, payload) in enumerate(_parts()):
        about: tuple[PersonId, ...] = (persons[whose],)
        if isinstance(payload, Relationship):
            about = (persons[0], persons[1 + number % 3])
        labels = {Label.LOCATION} if isinstance(payload, ContactDetails) else set()
        yield PublishedRecord(
            key=RecordKey(f"{number:032x}"),
            source=source,
            category=category,
            persons=about,
            version=_VERSION,
            payload=payload,
            labels=frozenset(labels),
            scopes=(RecordKey(f"{1000 + whose:032x}"),),
        )


def _parts() -> Iterator[Part]:
    visiting, schools, care = Source.HEALTH_VISITING, Source.SCHOOLS, Source.SOCIAL_CARE
    for whose, born in enumerate(_BORN):
        details = PersonDetails("Ash", (f"Given{whose}", "Ada"), date_of_birth=born, sex="female")
        yield whose, visiting, Category.IDENTITY_AND_CONTACT, details
        yield whose, visiting, Category.IDENTITY_AND_CONTACT, _CONTACT
        yield whose, schools, Category.COMMUNICATION_NEEDS, CommunicationNeeds(("en", "pl"))
    for kind in (RelationshipKind.SIBLING, RelationshipKind.MOTHER, RelationshipKind.FATHER):
        related = Relationship(kind, "Given Ash", has_responsibility=True, same_household=True)
        yield 0, visiting, Category.FAMILY_AND_HOUSEHOLD, related
    for number in range(8):
        yield number % 4, visiting, Category.PRACTITIONERS, _involvement(number)
    for number in range(4):
        told = StoryEntry("We told it once. " * 10, "mother", VISITOR, f"2026-01-{number + 1:02d}")
        yield 0, Source.FAMILY_HUB, Category.STORY, told
    plan = Plan("child-in-need", "Child in need plan", Period("2025-10-01"), "The council")
    yield 0, care, Category.EARLY_HELP, plan
    sources = ((visiting, Category.CHILD_HEALTH), (schools, Category.EDUCATION))
    for number in range(RECORDS - 12 - 3 - 8 - 4 - 1):
        source, category = sources[number % 2]
        yield (0, 0, 3, 1)[number % 4], source, category, _occurrence(number)


_CONTACT = ContactDetails(
    (Address(("1 Some Street", "Some Town"), "ZZ99 3WZ", Period("2020-01-01")),),
    (Telecom("phone", "01632 960001"), Telecom("email", "ash@example.invalid")),
)


def _involvement(number: int) -> Involvement:
    return Involvement(
        "Health visiting",
        agency_code=AGENCY,
        agency_name="Trust",
        team="North",
        practitioner_name=f"Worker {number}",
        role="Health visitor",
        telephone="01632 960002",
        period=Period("2024-01-01"),
    )


def _occurrence(number: int) -> Occurrence:
    return Occurrence(
        OccurrenceKind.REVIEW,
        f"Review {number}",
        Period(f"2025-{number % 12 + 1:02d}-15"),
        outcome="As expected for the age",
        agency_name="Trust",
        practitioner_name="A visitor",
        details=(("Weight", "12.4 kg"), ("Height", "88 cm"), ("Feeding", "mixed")),
    )
