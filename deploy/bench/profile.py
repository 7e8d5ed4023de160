"""`bench profile`: reading one family of four persons and a hundred records, among very many."""

import json
import random
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import psutil

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
from deploy.bench.copied_families import Likeness, add_families, count_records, id_in, likeness_of
from deploy.bench.figures import Figure, cpu_of_database, figure, ratio
from deploy.bench.world import bench_folder, child_with
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
from services.bootstrap import Application, DatabaseRole, opened
from services.cli.output import progress_bar
from services.interfaces.families.bundle import represented
from services.interfaces.families.negotiation import MediaType
from services.people.practitioners.postgres_directory import Agency, PractitionerEntry
from services.people.relationships.model import HeldRelationship, Warrant, WarrantKind
from services.platform.loops import leave_what_is_loaded
from services.platform.settings import Settings
from services.profile.model import Profile
from services.profile.opening import view_family
from services.profile.reading import read_opened, read_profile
from services.profile.viewing import ReadProfile
from services.work import Outside, UnitOfWork, unit_of_work

# The family that is read: four persons, a hundred records from three sources.

VISITOR = PractitionerId("bf" * 16)
RECORDS = 100
_BOTH_HANDS = Asker(is_both_hands=True)
_AGENCY = "RBENCH"
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
        records = list(_records_in_bench_profile_family(persons))
        work.keys.load(persons)
        work.records.upsert(records)
        work.case_loads.save([r for r in records if isinstance(r.payload, Involvement)])
        work.relationships.add([_case_load(persons[0], work.now)])
    return likeness_of(outside, persons, decided.id)


def _case_load(child: PersonId, at: datetime) -> HeldRelationship:
    return HeldRelationship(
        id=str(entry_id_for("bench", child)),
        person=child,
        agency=_AGENCY,
        practitioner=VISITOR,
        ground=RelationshipGround.CASE_LOAD,
        since=at - timedelta(days=1),
        until=None,
        warrant=Warrant(WarrantKind.DEMONSTRATION, "job:bench"),
        asked_by="job:bench",
    )


def _enter_visitor(work: UnitOfWork) -> None:
    work.directory.save_agency(Agency(_AGENCY, "Trust", Source.HEALTH_VISITING, None))
    work.directory.save_practitioner(
        PractitionerEntry(
            VISITOR,
            "A visitor",
            Role.PRACTITIONER,
            "Health visitor",
            _AGENCY,
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


def _records_in_bench_profile_family(persons: Sequence[PersonId]) -> Iterator[PublishedRecord]:
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
        agency_code=_AGENCY,
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


SMALL = 100_000
_SEED = 20261122
_WARMING = 50
_READS = 500
_KEPT = "bench-profile.json"


def bench_profile(settings: Settings, *, records: int, reuse: bool) -> dict[str, Any]:
    """Read random families among 100,000 records, and among `records`.

    With `reuse` the data folder of the settings is filled up and left; what it measured when it
    held 100,000 it remembers. Otherwise one of its own is made and removed. Gives the document of
    DESIGN.md section 15.
    """
    with _application(settings, reuse=reuse) as application:
        outside = application.outside(DatabaseRole.OWNER)
        kept = application.settings.data / _KEPT
        likeness = make_family(outside)
        held = count_records(outside)
        small = _small(application, likeness, kept, held, records)
        large = _measured(application, likeness, records)
    return _document(records, small, large)


@contextmanager
def _application(settings: Settings, *, reuse: bool) -> Iterator[Application]:
    if reuse:
        with opened(settings) as application:
            yield application
    else:
        with bench_folder(settings) as (application, _):
            yield application


def _small(
    application: Application, likeness: Likeness, kept: Path, held: int, records: int
) -> dict[str, Figure]:
    """What reading costs among 100,000: measured now, or when there were no more."""
    if kept.exists():
        found: dict[str, Figure] = json.loads(kept.read_text())
        return found
    if held > 2 * SMALL:
        raise ValueError("the data folder holds more than 100,000 records; begin with an empty one")
    found = _measured(application, likeness, min(SMALL, records))
    kept.write_text(json.dumps(found))
    return found


def _measured(application: Application, likeness: Likeness, records: int) -> dict[str, Figure]:
    families = records // RECORDS
    _fill(application, likeness, families)
    chosen = random.Random(_SEED)

    def read(times: int) -> list[float]:
        return [_read(application, likeness, chosen.randrange(1, families)) for _ in range(times)]

    read(_WARMING)
    leave_what_is_loaded()  # as the service does
    own, database = time.process_time(), cpu_of_database(application)
    seconds = sorted(read(_READS))
    own, database = time.process_time() - own, cpu_of_database(application) - database
    asked = sorted(_ask(application, chosen.randrange(1, families)) for _ in range(_READS))
    return {
        "may open, median": figure(asked[_READS // 2] * 1e3, "ms"),
        "may open, p99": figure(asked[_READS * 99 // 100] * 1e3, "ms"),
        "reading one family, median": figure(seconds[_READS // 2] * 1e3, "ms"),
        "reading one family, p99": figure(seconds[_READS * 99 // 100] * 1e3, "ms"),
        "CPU of the service": figure(own / _READS * 1e3, "ms"),
        "CPU of postgresql": figure(database / _READS * 1e3, "ms"),
        **_by_steps(application, [chosen.randrange(1, families) for _ in range(_WARMING)]),
    }


def _fill(application: Application, likeness: Likeness, families: int) -> None:
    outside = application.outside(DatabaseRole.OWNER)
    first = max(1, count_records(outside) // RECORDS)
    with progress_bar("Records", total=(families - first) * RECORDS) as tell:
        add_families(outside, likeness, range(first, families), tell=tell)


def _read(application: Application, likeness: Likeness, family: int) -> float:
    """Seconds of one reading, until the look is durable; raises ValueError if it shows less."""
    order = _order(family)
    began = time.perf_counter()
    with unit_of_work(application.outside(DatabaseRole.PORTAL)) as work:
        answer = read_profile(order, reading=work.reading())
    took = time.perf_counter() - began
    if not isinstance(answer, Profile) or len(answer.people) != len(likeness.persons):
        raise ValueError(f"family {family} is not shown: {answer}")
    return took


def _by_steps(application: Application, families: Sequence[int]) -> dict[str, Figure]:
    """The CPU of the service for what follows once it is decided what may be shown, by median.

    `opening` is of what is sealed, `merging` all from there to the profile, with the entry of the
    look; each is done twice in one transaction, as nobody reads it.
    """
    steps: dict[str, list[float]] = {"opening": [], "merging": [], "JSON": []}
    for family in families:
        with unit_of_work(application.outside(DatabaseRole.PORTAL)) as work:
            reading = work.reading()
            viewing, found = view_family(_order(family), opening=reading.opening())
            decided = [(record, viewing.ask(record)) for record in found]
            permitted = [(record, said) for record, said in decided if said.is_permitted]
            records = [record for record, _ in permitted]
            list(reading.records.contents(records))  # keys are read with the first
            began = time.process_time()
            list(reading.records.contents(records))
            opened_at = time.process_time()
            profile = read_opened(viewing, permitted, (), reading)
            merged_at = time.process_time()
            represented(profile, MediaType.JSON)
            done_at = time.process_time()
        steps["opening"].append(opened_at - began)
        steps["merging"].append((merged_at - opened_at) - (opened_at - began))
        steps["JSON"].append(done_at - merged_at)
    return {
        f"CPU of {step}": figure(sorted(took)[len(took) // 2] * 1e3, "ms")
        for step, took in steps.items()
    }


def _order(family: int) -> ReadProfile:
    child = PersonId(id_in(family, 0))
    return ReadProfile(child, VISITOR, "practitioner", Source.HEALTH_VISITING, Purpose.DIRECT_CARE)


def _ask(application: Application, family: int) -> float:
    """Seconds of asking whether a family may be opened, there and back; the transaction apart."""
    child = PersonId(id_in(family, 0))
    with unit_of_work(application.outside(DatabaseRole.PORTAL)) as work:
        began = time.perf_counter()
        found = work.relationships.may_open(VISITOR, [child])
        took = time.perf_counter() - began
    if not found[child].relationships:
        raise ValueError(f"family {family} may not be opened")
    return took


def _document(records: int, small: dict[str, Figure], large: dict[str, Figure]) -> dict[str, Any]:
    names: Sequence[str] = [name for name in large if name in small]
    return {
        "name": "profile",
        "conditions": {
            "records": records,
            "records of one family": RECORDS,
            "reads": _READS,
            "cores": psutil.cpu_count(),
        },
        "figures": large,
        "baselines": {f"{name}, among {SMALL:,} records": small[name] for name in names},
        "ratios": {
            f"{name}, against 100,000 records": ratio(large[name], small[name]) for name in names
        },
    }
