"""What waits elsewhere and was not shared, in a report: counted, or told by who has it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fhir.resources.R4B import get_fhir_model_class

from consent.model import Response
from schemas.identifiers import PersonId
from schemas.vocabulary import Category, Source
from services.interfaces.subject_access.bundle import bundle_from_report
from services.interfaces.subject_access.held import KeptWhere
from services.work import Outside
from tests.support.fakes.in_process import InProcess
from tests.support.messages.source_messages import a_message, a_record
from tests.support.people.families import a_known_family
from tests.support.subject_access import KEEPER, the_report, told
from tests.support.traces.canaries import found_in, health_visiting_files, the_subject

pytestmark = pytest.mark.postgres


@pytest.fixture
def running(outside: Outside) -> Iterator[InProcess]:
    """Give the main job on an empty database."""
    with InProcess.running(outside) as found:
        yield found


def a_held_child(running: InProcess, folder: Path) -> PersonId:
    """Let a message arrive about a child who shares nothing."""
    (child,) = running.decide(the_subject(), response=Response.REFUSED).decision.subjects
    file = folder / "message.xml"
    file.write_bytes(next(iter(health_visiting_files())))
    (one,) = running.ingest(Source.HEALTH_VISITING, file)
    assert one.message.disposition.value == "withheld"
    return child


def test_what_waits_elsewhere_is_counted_by_where_it_is(running: InProcess):
    """The health-visiting agency's own store says until when; of a school's only that it has it."""
    child, _ = a_known_family(running)
    running.decide(child, response=Response.REFUSED)
    running.receive(a_message("held", a_record("x")), raw=b"sealed")
    running.receive(
        a_message("kept", a_record("y", category=Category.EDUCATION), source=Source.SCHOOLS)
    )

    report = the_report(running, child)

    waiting = {(kept.source, kept.where): kept for kept in report.kept_back}
    assert waiting.keys() == {
        (Source.HEALTH_VISITING, KeptWhere.KEPT_BACK_STORE),
        (Source.SCHOOLS, KeptWhere.OWNER),
    }
    assert [kept.messages for kept in report.kept_back] == [1, 1]
    assert waiting[Source.HEALTH_VISITING, KeptWhere.KEPT_BACK_STORE].until is not None
    assert "health-visiting agency" in told(report)


def test_the_agency_that_has_it_tells_what_waits(running: InProcess, tmp_path: Path):
    """Each record of the message, as one that was never shared; the bundle stays valid."""
    child = a_held_child(running, tmp_path)

    report = the_report(running, child, agency=Source.HEALTH_VISITING)

    assert report.records == ()
    assert {r.source for r in report.waiting} == {Source.HEALTH_VISITING}
    assert {r.basis for r in report.waiting} == {()}
    assert found_in(told(report)) != []
    bundle = bundle_from_report(report, KEEPER)
    get_fhir_model_class("Bundle").model_validate(bundle)


@pytest.mark.parametrize("agency", [None, Source.SCHOOLS, Source.SOCIAL_CARE], ids=str)
def test_nobody_else_opens_what_waits_there(
    running: InProcess, tmp_path: Path, agency: Source | None
):
    """They are told how much there is."""
    child = a_held_child(running, tmp_path)

    report = the_report(running, child, agency=agency)

    assert report.waiting == ()
    assert [kept.messages for kept in report.kept_back] == [1]
