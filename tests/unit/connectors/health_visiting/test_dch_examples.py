"""The official examples of Digital Child Health and EMS, where they lie: what each becomes.

They are no part of this repository: nhsconnect/STU3-FHIR-Assets, Examples, laid in
`../shared/samples/health-visiting-dch`. Where they are not, the table is still compared with the
events that are read.
"""

import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.health_visiting.nems.events import ALIASES, SENT
from connectors.ports import Unreadable
from schemas.records.message import Record, SourceMessage
from schemas.records.payloads import CommunicationNeeds, Occurrence
from schemas.vocabulary import Label
from tests.support.checkout import ROOT
from tests.support.reading import SAMPLES, nems, outcomes
from tests.unit.connectors.health_visiting.dch_table import ABOUT, EVENTS

FOLDER = SAMPLES / "health-visiting-dch"
TABLE = ROOT / "deploy" / "conformance" / "dch-examples.md"
_WRITE = "TELL_ONCE_WRITE_TABLES"
_READ_AT_LEAST = 34

with_examples = pytest.mark.skipif(not FOLDER.is_dir(), reason="the official examples are not here")


def became(path: Path) -> SourceMessage | Unreadable:
    """What one example becomes."""
    (outcome,) = outcomes(nems, path.read_bytes())
    return outcome


def test_every_event_has_a_row():
    """By its name and by its number: none is read in silence."""
    table = TABLE.read_text(encoding="utf-8")
    rows = list(_events())

    assert EVENTS.keys() == SENT
    assert all(row in table for row in rows)


@with_examples
def test_the_table_of_the_official_examples_is_in_step():
    """Write it anew with TELL_ONCE_WRITE_TABLES=1 in the environment; look at what changed."""
    table = "\n".join((ABOUT, *_events(), "", *_examples())) + "\n"

    if os.environ.get(_WRITE):
        TABLE.write_text(table, encoding="utf-8")
    assert TABLE.read_text(encoding="utf-8") == table


@with_examples
def test_nearly_all_of_the_forty_are_read():
    """The others park, with a field and a reason."""
    forty = [became(path) for path in sorted(FOLDER.glob("DCH-*.json"))]
    parked = [(one.field, one.reason) for one in forty if isinstance(one, Unreadable)]

    assert len(forty) == 40
    assert parked == [("Bundle", "not-json")]
    assert len(forty) - len(parked) >= _READ_AT_LEAST


@with_examples
def test_xml_says_what_json_says():
    """The same facts about the same child, with the same more at the source."""
    for path in sorted(FOLDER.glob("DCH-*.json")):
        in_json, in_xml = became(path), became(path.with_suffix(".xml"))
        if isinstance(in_json, SourceMessage):
            assert isinstance(in_xml, SourceMessage), path.stem
            assert _facts(in_json) == _facts(in_xml), path.stem


@with_examples
def test_no_example_tells_a_birth_date_that_its_own_time_of_birth_contradicts():
    """Nor an age by it: most of the 40 have two birth dates four years apart."""
    for path in sorted(FOLDER.glob("DCH-*.json")):
        outcome = became(path)
        is_doubtful = b'"2013-10-12"' in (text := path.read_bytes()) and b'"2017-10-02T' in text
        if isinstance(outcome, SourceMessage) and is_doubtful:
            assert outcome.subjects[0].demographics.date_of_birth is None, path.stem
            assert all(Label.DATES_CONTRADICT in one.labels for one in outcome.records), path.stem
            assert "Age" not in dict(_details(outcome)), path.stem


def _facts(message: SourceMessage) -> list[object]:
    return [(r.category, r.payload, r.labels, r.more, r.action) for r in message.records]


def _details(message: SourceMessage) -> Iterator[tuple[str, str]]:
    for record in message.records:
        if isinstance(record.payload, Occurrence):
            yield from record.payload.details


def _events() -> Iterator[str]:
    yield "| number | event | shown | stays at its source |"
    yield "|---|---|---|---|"
    numbers = {event: number for number, event in ALIASES.items()}
    for event in sorted(EVENTS, key=lambda one: (numbers.get(one, "—"), one)):
        shown, stays = EVENTS[event]
        yield f"| {numbers.get(event, '—')} | {event} | {shown} | {stays} |"


def _examples() -> Iterator[str]:
    yield "| example | became | records | lines | more at its source | remark |"
    yield "|---|---|---|---|---|---|"
    named = [*FOLDER.glob("DCH-*.json"), *FOLDER.glob("DCH-Referral*.xml"), *FOLDER.glob("*EMS-*")]
    for path in sorted(named):
        yield f"| {path.name} | {' | '.join(_cells(became(path)))} |"


def _cells(outcome: SourceMessage | Unreadable) -> Iterator[str]:
    if isinstance(outcome, Unreadable):
        yield from ("parked", "", "", "", f"{outcome.field}: {outcome.reason}")
        return
    yield "read"
    yield ", ".join(_counted(Counter(type(r.payload).__name__ for r in outcome.records)))
    yield str(sum(_lines(record) for record in outcome.records))
    more: Counter[str] = Counter()
    for record in outcome.records:
        more.update({one.kind.value: one.count for one in record.more})
    yield ", ".join(_counted(more))
    is_doubtful = any(Label.DATES_CONTRADICT in record.labels for record in outcome.records)
    yield "its two dates of birth contradict each other" if is_doubtful else ""


def _lines(record: Record) -> int:
    match record.payload:
        case Occurrence():
            return len(record.payload.details)
        case CommunicationNeeds():
            return len(record.payload.needs)
        case _:
            return 0


def _counted(found: Counter[str]) -> Iterator[str]:
    return (name if count == 1 else f"{name} ×{count}" for name, count in found.items())
