"""`ingest` tells of each message and in all what of it was not used, by names of the format."""

import json
from contextlib import closing

import pytest

from connectors.publishing.publish import IndexedDisposition
from schemas.records.unused import Unused, UnusedPart, WhyUnused
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
    }
    assert [record["unused"] for record in document["records"]] == [
        {
            "resources": [{"type": "CarePlan", "reason": "kind-not-read", "count": 1}],
            "fields": ["Immunization.site"],
            "free_texts": 1,
        },
        {
            "resources": [
                {"type": "CarePlan", "reason": "kind-not-read", "count": 2},
                {"type": "Observation", "reason": "another-person", "count": 1},
            ],
            "fields": ["Immunization.site", "Patient.contact"],
            "free_texts": 0,
        },
        {
            "resources": [{"type": "CarePlan", "reason": "kind-not-read", "count": 1}],
            "fields": ["Immunization.site"],
            "free_texts": 1,
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
