"""`ingest` tells of each message and in all what of it was not used, by names of the format."""

import json
from contextlib import closing

import pytest

from connectors.publishing.publish import IndexedDisposition
from schemas.records.unused import FaultyPart, Unused, UnusedPart, WhyUnused
from schemas.vocabulary import Disposition, Source
from services.cli.intake.ingesting import IngestReport
from services.workers.files.reading import FileDisposition

PLAN = Unused(
    (UnusedPart("CarePlan", WhyUnused.KIND_NOT_READ),), ("Immunization.site",), free_texts=1
)
TWO_PLANS = Unused(
    (
        UnusedPart("CarePlan", WhyUnused.KIND_NOT_READ, 2),
        UnusedPart("Observation", WhyUnused.ANOTHER_PERSON),
    ),
    ("Immunization.site", "Patient.contact"),
)


def _row(unused: Unused, disposition: Disposition = Disposition.PUBLISHED) -> FileDisposition:
    return FileDisposition("a.xml", IndexedDisposition(0, "m", disposition, None, unused))


def test_each_message_and_all_together_are_told(capsys: pytest.CaptureFixture[str]):
    """A duplicate was told of when it came first; its own row says so again all the same."""
    with closing(IngestReport(Source.HEALTH_VISITING)) as report:
        for row in (_row(PLAN), _row(TWO_PLANS), _row(PLAN, Disposition.DUPLICATE)):
            report.add(row)
        report.print_document()

    document = json.loads(capsys.readouterr().out)

    assert document["unused"] == {
        "resources": [
            {"type": "CarePlan", "reason": "kind-not-read", "count": 3},
            {"type": "Observation", "reason": "another-person", "count": 1},
        ],
        "fields": [
            {"field": "Immunization.site", "count": 2},
            {"field": "Patient.contact", "count": 1},
        ],
        "free_texts": 1,
        "faults": 0,
    }
    assert [record["unused"] for record in document["records"]] == [
        {
            "resources": [{"type": "CarePlan", "reason": "kind-not-read", "count": 1}],
            "fields": ["Immunization.site"],
            "free_texts": 1,
            "faults": [],
        },
        {
            "resources": [
                {"type": "CarePlan", "reason": "kind-not-read", "count": 2},
                {"type": "Observation", "reason": "another-person", "count": 1},
            ],
            "fields": ["Immunization.site", "Patient.contact"],
            "free_texts": 0,
            "faults": [],
        },
        {
            "resources": [{"type": "CarePlan", "reason": "kind-not-read", "count": 1}],
            "fields": ["Immunization.site"],
            "free_texts": 1,
            "faults": [],
        },
    ]


def test_in_words_it_is_one_line_and_none_where_all_was_used(capsys: pytest.CaptureFixture[str]):
    """Below the counts of what became of the messages."""
    said = []
    for unused in (TWO_PLANS, Unused()):
        with closing(IngestReport(Source.HEALTH_VISITING)) as report:
            report.add(_row(unused))
            report.print_plain()
        said.append(capsys.readouterr().out.splitlines()[1:])

    resources = "2 CarePlan (kind-not-read), 1 Observation (another-person)"
    fields = "2 fields, 2 times"
    assert said == [[f"  not used: {resources}, {fields}; more is at the source"], []]


def test_a_part_that_could_not_be_read_is_told_with_what_is_wrong(
    capsys: pytest.CaptureFixture[str],
):
    """By row and column; the rest of the message was taken."""
    unused = Unused(faults=(FaultyPart("row[3]/PARENT_1_EMAIL", "not-an-email-address"),))
    with closing(IngestReport(Source.SCHOOLS)) as report:
        report.add(_row(unused))
        report.print_plain()
        said = capsys.readouterr().out.splitlines()[1:]
        report.print_document()
    document = json.loads(capsys.readouterr().out)

    wrong = "An e-mail address is none."
    place = "row[3]/PARENT_1_EMAIL"
    assert said == [
        "  not used: 1 parts that could not be read; more is at the source",
        f"  left out: a.xml {place}: not-an-email-address. {wrong}",
    ]
    (record,) = document["records"]
    assert record["unused"]["faults"] == [
        {"field": place, "reason": "not-an-email-address", "remedy": wrong}
    ]
    assert document["unused"]["faults"] == 1
