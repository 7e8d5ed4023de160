"""Reports of everything held, over the main job in one process."""

from typing import Any

from schemas.identifiers import PersonId, PractitionerId
from services.interfaces.subject_access.bundle import DecisionKeeper, bundle_from_report
from services.interfaces.subject_access.held import GivenTo, SubjectAccess
from services.interfaces.subject_access.page import page_from_report
from services.interfaces.subject_access.reporting import (
    MakeReport,
    ReportRefused,
    make_report,
    reporting,
)
from services.work import unit_of_work
from tests.support.fakes.in_process import InProcess

OFFICER = PractitionerId("b8" * 16)
KEEPER = DecisionKeeper("Organization/council", "urn:tell-once:privacy-notice")


def made(running: InProcess, person: PersonId, **more: Any) -> SubjectAccess | ReportRefused:
    """Make the report, by default by an officer of information governance for the person."""
    usual: dict[str, Any] = {
        "practitioner": OFFICER,
        "order": "e6" * 16,
        "given_to": GivenTo.PERSON,
    }
    told = usual | more
    order = MakeReport(person, actor=f"practitioner:{told['practitioner']}", **told)
    with unit_of_work(running.outside) as work:
        return make_report(order, reporting=reporting(work, running.outside))


def the_report(running: InProcess, person: PersonId, **more: Any) -> SubjectAccess:
    """Make a report that is not refused."""
    found = made(running, person, **more)
    assert isinstance(found, SubjectAccess), found
    return found


def told(report: SubjectAccess) -> str:
    """Everything that the report says, in both forms."""
    page = page_from_report(report, council="Exbury Council")
    return f"{page} {bundle_from_report(report, KEEPER)}"
