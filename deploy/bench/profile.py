"""`bench profile`: reading one family of four persons and a hundred records, among very many."""

import json
import random
import secrets
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from hashlib import blake2b
from pathlib import Path
from typing import Any, cast

import psutil
import psycopg
from psycopg import sql
from sqlalchemy import Connection, text

from consent.decisions.recording import record_decision
from consent.lawfulness import Basis
from consent.model import (
    Decider,
    DeciderKind,
    LegitimateRelationship,
    RecordDecision,
    RelationshipGround,
    Response,
)
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
from services.people.practitioners.postgres_directory import Agency, PractitionerEntry
from services.platform.keys.postgres import PersonKeys
from services.platform.keys.sealing import open_at_rest, seal_at_rest
from services.platform.loops import leave_what_is_loaded
from services.platform.settings import Settings
from services.profile.model import Profile
from services.profile.reading import read_profile
from services.profile.viewing import ReadProfile
from services.work import Outside, UnitOfWork, unit_of_work

# Many families: one made by the program, the others after its likeness.
#
# Every row of the first is copied with other ids, whatever columns its table has, and its contents
# are sealed anew under keys of their own. Never for a database that is in use.

_FAMILIES_AT_ONCE = 200
# In this order, because of what names what; `record` comes by itself.
_TABLES = {
    "sharing_decision": "decision_id = ANY(:decisions)",
    "sharing_decision_subject": "decision_id = ANY(:decisions)",
    "case_load": "person_id = ANY(:persons)",
}
_COUNT = text("SELECT count(*) FROM record")
_SETTLE = text("ANALYZE person, record, case_load, sharing_decision, sharing_decision_subject")

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Likeness:
    """One family as it lies in the tables; `ids` are to be others in each copy of it."""

    persons: Sequence[Row]
    rows: Mapping[str, Sequence[Row]]
    records: Sequence[tuple[Row, bytes]]
    ids: Sequence[str]


def count_records(outside: Outside) -> int:
    """How many records there are, removals included."""
    with unit_of_work(outside) as work:
        return int(work.connection.execute(_COUNT).scalar_one())


def likeness_of(outside: Outside, persons: Sequence[PersonId], decision: str) -> Likeness:
    """What the tables hold of these persons, and what is in their records."""
    with unit_of_work(outside) as work:
        connection = work.connection
        names = {"persons": list(persons), "decisions": [decision]}
        stored = _rows(connection, "record", "person_id = ANY(:persons)", names)
        rows = {
            table: _rows(connection, table, condition, names)
            for table, condition in _TABLES.items()
        }
        people = _rows(connection, "person", "person_id = ANY(:persons)", names)
        contents = [
            open_at_rest(
                work.keys.data_key(row["person_id"]), row["sealed"], bound_to=row["record_key"]
            )
            for row in stored
        ]
    keys = [row["record_key"] for row in stored]
    records = list(zip(stored, contents, strict=True))
    return Likeness(people, rows, records, [*persons, decision, *keys])


def add_families(
    outside: Outside, likeness: Likeness, numbers: range, *, tell: Callable[[int], None]
) -> None:
    """Add the families of these numbers; tells after each lot how many records were added."""
    for start in range(numbers.start, numbers.stop, _FAMILIES_AT_ONCE):
        lot = range(start, min(start + _FAMILIES_AT_ONCE, numbers.stop))
        with unit_of_work(outside) as work:
            _add(work.connection, work.keys, likeness, lot)
        tell((lot.stop - numbers.start) * len(likeness.records))
    with unit_of_work(outside) as work:
        work.connection.execute(_SETTLE)


def id_in(family: int, place: int) -> str:
    """The id that stands in this family where the first has its own of this place."""
    return blake2b(f"{family}/{place}".encode(), digest_size=16).hexdigest()


def _add(connection: Connection, keys: PersonKeys, likeness: Likeness, lot: range) -> None:
    tables: dict[str, list[Row]] = {name: [] for name in ("person", *likeness.rows, "record")}
    for family in lot:
        new = {old: id_in(family, place) for place, old in enumerate(likeness.ids)}
        data_keys: dict[str, bytes] = {}
        for row in likeness.persons:
            person = PersonId(new[row["person_id"]])
            wrapped = keys.new_wrapped_key(person)
            keys.remember(person, wrapped.content)
            data_keys[person] = keys.data_key(person)
            token = secrets.token_bytes(16)
            own = {"wrapped_key": wrapped.content, "wrapped_under": wrapped.under}
            tables["person"].append({**row, **own, "person_id": person, "birth_token": token})
        for name, rows in likeness.rows.items():
            tables[name].extend(_renamed(row, new) for row in rows)
        tables["record"].extend(_records(likeness.records, new, data_keys))
    for name, rows in tables.items():
        _copy(connection, name, rows)


def _records(
    records: Sequence[tuple[Row, bytes]], new: Mapping[str, str], data_keys: Mapping[str, bytes]
) -> Iterator[Row]:
    for row, content in records:
        renamed = _renamed(row, new)
        plain = _with_others(content, new)
        key = data_keys[renamed["person_id"]]
        yield {**renamed, "sealed": seal_at_rest(key, plain, bound_to=renamed["record_key"])}


def _renamed(row: Row, new: Mapping[str, str]) -> Row:
    """The row with the ids of another family, wherever they stand in it."""
    return {name: _replaced(value, new) for name, value in row.items()}


def _replaced(value: Any, new: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return new.get(value, value)
    if isinstance(value, list):
        return [_replaced(one, new) for one in value]
    return _with_others(value, new) if isinstance(value, bytes) else value


def _with_others(content: bytes, new: Mapping[str, str]) -> bytes:
    for old, other in new.items():
        if (name := old.encode()) in content:
            content = content.replace(name, other.encode())
    return content


def _rows(
    connection: Connection, table: str, condition: str, names: Mapping[str, object]
) -> list[Row]:
    found = connection.execute(text(f"SELECT * FROM {table} WHERE {condition}"), names)  # noqa: S608 ours
    return [
        {name: bytes(v) if isinstance(v, memoryview) else v for name, v in row.items()}
        for row in found.mappings()
    ]


def _copy(connection: Connection, table: str, rows: Sequence[Row]) -> None:
    if not rows:
        return
    driver = cast("psycopg.Connection", connection.connection.driver_connection)
    names = sql.SQL(", ").join(map(sql.Identifier, rows[0]))
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table), names)
    with driver.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(tuple(row.values()))


# The family that is read: four persons, a hundred records from three sources.

VISITOR = PractitionerId("bf" * 16)
RECORDS = 100
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
        decided = record_decision(_permit(family), deciding=work.deciding()).decision
        persons = [work.persons.resolve_or_create(subject, at=work.now) for subject in family]
        records = list(_records_in_bench_profile_family(persons))
        work.keys.load(persons)
        work.records.upsert(records)
        work.case_loads.save([r for r in records if isinstance(r.payload, Involvement)])
        since = work.now - timedelta(days=1)
        work.case_loads.seed(
            LegitimateRelationship(VISITOR, persons[0], RelationshipGround.REFERRAL, since)
        )
    return likeness_of(outside, persons, decided.id)


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
    return {
        "reading one family, median": figure(seconds[_READS // 2] * 1e3, "ms"),
        "reading one family, p99": figure(seconds[_READS * 99 // 100] * 1e3, "ms"),
        "CPU of the service": figure(own / _READS * 1e3, "ms"),
        "CPU of postgresql": figure(database / _READS * 1e3, "ms"),
    }


def _fill(application: Application, likeness: Likeness, families: int) -> None:
    outside = application.outside(DatabaseRole.OWNER)
    first = max(1, count_records(outside) // RECORDS)
    with progress_bar("Records", total=(families - first) * RECORDS) as tell:
        add_families(outside, likeness, range(first, families), tell=tell)


def _read(application: Application, likeness: Likeness, family: int) -> float:
    """Seconds of one reading, until the look is durable; raises ValueError if it shows less."""
    child = PersonId(id_in(family, 0))
    order = ReadProfile(child, VISITOR, "practitioner", Source.HEALTH_VISITING, Purpose.DIRECT_CARE)
    began = time.perf_counter()
    with unit_of_work(application.outside(DatabaseRole.PORTAL)) as work:
        answer = read_profile(order, reading=work.reading())
    took = time.perf_counter() - began
    if not isinstance(answer, Profile) or len(answer.people) != len(likeness.persons):
        raise ValueError(f"family {family} is not shown: {answer}")
    return took


def _document(records: int, small: dict[str, Figure], large: dict[str, Figure]) -> dict[str, Any]:
    names: Sequence[str] = list(large)
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
