"""A removal that contradicts itself takes back what it names, and nothing else."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from schemas.records.payloads import Occurrence, PersonDetails
from schemas.records.published import PublishedRecord
from schemas.vocabulary import Source
from services.work import Outside
from tests.support.fakes.in_process import InProcess, by_number
from tests.support.messages.nems import AHeader, APerson
from tests.support.messages.nems_messages import vaccination

pytestmark = pytest.mark.postgres

CHILD = APerson(nhs_number="9990000018", born="2024-05-03")
SIBLING = APerson(nhs_number="9990000026", born="2022-01-02")
LATER = AHeader(event="vaccinations-1", event_type="delete", updated="2026-10-01T09:00:00+00:00")


@pytest.fixture
def running(outside: Outside) -> Iterator[InProcess]:
    """Give the main job, with two children of whom everything is permitted."""
    with InProcess.running(outside) as found:
        found.decide(by_number("9990000018"))
        found.decide(by_number("9990000026", "2022-01-02"))
        yield found


@pytest.mark.parametrize(
    "header",
    [
        pytest.param(replace(LATER, routing_birth="2017-10-02"), id="another birth date"),
        pytest.param(replace(LATER, routing_number="9990000026"), id="another number"),
    ],
)
def test_contradicting_removal_takes_back_what_it_names(
    running: InProcess, tmp_path: Path, header: AHeader
):
    """The vaccination goes; who the children are stays, and so does the other's vaccination."""
    for number, text in enumerate(
        (
            vaccination(CHILD, number="1"),
            vaccination(SIBLING, number="2"),
            vaccination(CHILD, header, number="1"),
        )
    ):
        path = tmp_path / f"{number}.xml"
        path.write_bytes(text)
        (row,) = running.ingest(Source.HEALTH_VISITING, path)
        assert row.message.disposition == "published"
        running.settle()

    kinds = {
        person.nhs_number: {type(r.payload) for r in _stored(running, person)}
        for person in (CHILD, SIBLING)
    }
    assert Occurrence not in kinds[CHILD.nhs_number]
    assert Occurrence in kinds[SIBLING.nhs_number]
    assert all(PersonDetails in found for found in kinds.values())


def _stored(running: InProcess, person: APerson) -> list[PublishedRecord]:
    found = running.person(by_number(person.nhs_number or "", person.born))
    assert found is not None
    return running.stored(found)
