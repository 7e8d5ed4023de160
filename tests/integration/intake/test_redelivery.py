"""At least once and in any order is the rule of the field: the outcome is always the same."""

from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from itertools import count
from pathlib import Path
from random import Random
from threading import Barrier

import pytest

from consent.ledger.events import LedgerEvent
from schemas.identifiers import DecisionId, PersonId
from schemas.records.message import Record, SourceMessage
from schemas.records.payloads import PersonDetails, Relationship, RelationshipKind
from schemas.records.published import PublishedRecord
from schemas.vocabulary import Category, Purpose, Source
from services.platform.database.engine import open_engine
from services.work import Outside, unit_of_work
from services.workers.files.reading import ingest
from tests.support.builders import NOW, a_permit, a_refusal
from tests.support.fakes.in_process import InProcess
from tests.support.fixtures.fixtures_postgres import create_database, drop_database
from tests.support.messages.ctf import APupil, ctf
from tests.support.messages.nems import AHeader, APerson
from tests.support.messages.nems_messages import professional_contact
from tests.support.messages.source_messages import (
    A_REVIEW,
    A_VISITOR,
    a_message,
    a_record,
    a_removal,
    the_family,
)

pytestmark = pytest.mark.postgres

_numbers = count(1)
_PUBLICATIONS = (LedgerEvent.PUBLICATION_PERMITTED, LedgerEvent.PUBLICATION_WITHHELD)


def _details(ref: str, name: str) -> Record:
    return a_record(f"{ref}/details", PersonDetails(name), Category.IDENTITY_AND_CONTACT, ref)


def _messages() -> list[SourceMessage]:
    """Versions of records of three persons, some taken back, one about two of them."""
    family = the_family()
    mother_of = Relationship(RelationshipKind.MOTHER, "Mum")
    related = a_record("related", mother_of, Category.FAMILY_AND_HOUSEHOLD, "child", "mother")
    days = [f"2026-01-{day:02d}T00:00:00Z" for day in range(1, 32)]
    school = {"source": Source.SCHOOLS, "subjects": family}
    return [
        a_message("a1", *(_details(s.ref, "First") for s in family), at=days[0], subjects=family),
        a_message("a2", _details("child", "Second"), related, at=days[1], subjects=family),
        a_message("a3", a_record("w1", A_VISITOR, Category.PRACTITIONERS), at=days[2]),
        a_message("a4", a_record("r1"), a_record("r2"), at=days[3]),
        a_message("a5", a_removal("r1"), at=days[4]),
        a_message("a6", a_record("r2", replace(A_REVIEW, title="Changed")), at=days[5]),
        a_message("a7", a_removal("w1", Category.PRACTITIONERS), at=days[6]),
        a_message("a8", a_record("w1", A_VISITOR, Category.PRACTITIONERS), at=days[7]),
        a_message("b1", a_record("s1"), a_record("e1", A_REVIEW, Category.EDUCATION), **school),
        a_message("b2", at=days[9], removes_subject=True, **school),
        a_message("b3", a_record("s2"), at=days[10], **school),
    ]


def test_everything_twice_and_shuffled_gives_the_same_records_and_ledger(
    embedded_postgres_url: str, migrated_template: str, outside: Outside
):
    """Whatever the order, however often, with the consumers at work in between or after."""
    server = (embedded_postgres_url, migrated_template)
    with _another(server, outside) as plain:
        expected = _outcome_of(plain, [[message] for message in _messages()])
    assert len(expected[0]) > 5

    for seed in range(4):
        random = Random(seed)
        doubled = _messages() * 2
        random.shuffle(doubled)
        cut = random.randrange(1, len(doubled))
        with _another(server, outside) as shuffled:
            assert _outcome_of(shuffled, [doubled[:cut], doubled[cut:]]) == expected, seed


@pytest.mark.parametrize("decided", [True, False], ids=["published", "withheld"])
def test_two_who_read_the_same_files_at_once_publish_each_message_once(
    outside: Outside, tmp_path: Path, *, decided: bool
):
    """One of them finds a duplicate, or the same reason to withhold; nothing is doubled."""
    files = _files(tmp_path)
    with InProcess.running(outside) as running:
        if decided:
            running.decide(*the_family())
        start = Barrier(2)

        def read(_: int) -> list[str]:
            start.wait()
            rows = [*ingest(Source.HEALTH_VISITING, files, outside=outside)]
            return [row.message.disposition.value for row in rows]

        with ThreadPoolExecutor(2) as pool:
            counts = Counter(word for words in pool.map(read, range(2)) for word in words)
        running.settle()

        if decided:
            assert counts == {"published": len(files), "duplicate": len(files)}
            assert len(running.ledger(LedgerEvent.PUBLICATION_PERMITTED)) == len(files)
        else:
            assert counts == {"withheld": 2 * len(files)}
            assert len(running.ledger(LedgerEvent.PUBLICATION_WITHHELD)) == len(files)
            assert running.count("holding_health_visiting.held_message") == len(files)
        assert running.count("message_outcome") == len(files)


def test_a_pupil_whose_lines_did_not_change_is_the_same_message_in_the_next_file(
    outside: Outside, tmp_path: Path
):
    """Whatever else changed in the file, and though nothing may be published."""
    path = tmp_path / "school.xml"
    pupils = [
        APupil(upn=None, surname=name, forename="Ada", born="2019-03-05") for name in ("Ash", "Oak")
    ]
    with InProcess.running(outside) as running:
        path.write_bytes(ctf(*pupils))
        first = running.ingest(Source.SCHOOLS, path)
        path.write_bytes(ctf(pupils[0], replace(pupils[1], year_group="3")))
        second = running.ingest(Source.SCHOOLS, path)

        assert len(first) == len(second) == 2
        assert first[0].message.message_id == second[0].message.message_id
        assert running.count("record") == running.count("outbox") == 0


def _outcome_of(
    running: InProcess, batches: Sequence[Sequence[SourceMessage]]
) -> tuple[list[PublishedRecord], Counter[str], int]:
    """Decide, receive, settle; give what is stored and what the ledger says of publishing."""
    persons = _decide_the_same_everywhere(running)
    for batch in batches:
        for message in batch:
            running.receive(message)
        running.settle()
    ledger = Counter(
        str((entry.event.value, sorted(entry.fields.items())))
        for entry in running.ledger(*_PUBLICATIONS)
    )
    return running.stored(*persons), ledger, running.count("case_load")


def _decide_the_same_everywhere(running: InProcess) -> list[PersonId]:
    """Decisions with the same ids in every database, so that ledgers can be compared."""
    with unit_of_work(running.outside) as work:
        persons = [work.persons.resolve_or_create(s, at=NOW) for s in the_family()]
        permit = a_permit(subjects=persons, category=Category, purpose=Purpose)
        work.decisions.save(permit, at=NOW, actor="job:test")
        refused = a_refusal(subjects=persons, category=Category.EDUCATION, purpose=Purpose)
        work.decisions.save(replace(refused, id=DecisionId("d7" * 16)), at=NOW, actor="job:test")
    return persons


@contextmanager
def _another(server: tuple[str, str], outside: Outside) -> Iterator[InProcess]:
    url, template = server
    name = f"redelivery_{next(_numbers)}"
    engine = open_engine(create_database(url, name, template))
    try:
        with InProcess.running(replace(outside, engine=engine)) as running:
            yield running
    finally:
        engine.dispose()
        drop_database(url, name)


def _files(folder: Path) -> list[Path]:
    files = [folder / f"{number}.xml" for number in range(8)]
    for number, file in enumerate(files):
        person = APerson(nhs_number="9990000018", born="2024-05-03")
        header = AHeader(message_id=f"0a0a0a0a-0000-4000-8000-{number:012d}")
        file.write_bytes(professional_contact(person, header, episode=f"episode-{number}"))
    return files
