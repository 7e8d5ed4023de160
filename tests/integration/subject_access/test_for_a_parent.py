"""A report for a parent: without place, others, what a young person keeps, or a mark."""

from collections.abc import Iterator

import pytest

from consent.circumstances import Circumstances
from consent.decisions.restrictions import place_restriction
from consent.model import Response, RestrictionScope
from schemas.identifiers import PersonId
from schemas.records.payloads import Occurrence, OccurrenceKind, Period
from schemas.vocabulary import Category
from services.interfaces.subject_access.held import GivenTo, SubjectAccess
from services.interfaces.subject_access.leaving_out import LEFT_OUT
from services.work import Outside, unit_of_work
from tests.support.builders import VISITOR, YOUNG_PERSON, a_permit
from tests.support.fakes.in_process import InProcess
from tests.support.messages.source_messages import a_message, a_record
from tests.support.people.families import a_known_family
from tests.support.subject_access import the_report, told
from tests.support.traces.canaries import LINE, POSTCODE

pytestmark = pytest.mark.postgres

SAID = "Quillfeather said so"


@pytest.fixture
def running(outside: Outside) -> Iterator[InProcess]:
    """Give the main job on an empty database."""
    with InProcess.running(outside) as found:
        yield found


def _for_parent(running: InProcess, child: PersonId) -> SubjectAccess:
    return the_report(running, child, given_to=GivenTo.PARENT)


def _decided_by_14_year_old(running: InProcess, child: PersonId, told: Circumstances) -> None:
    """Whose competence was judged when it was recorded, which is not the matter here."""
    decision = a_permit(
        id="d7" * 16,
        subjects=[child],
        category=Category.SOCIAL_CARE,
        decided_by=YOUNG_PERSON,
        circumstances=told,
    )
    with unit_of_work(running.portal) as work:
        work.decisions.save(decision, at=work.now, actor="job:test")


def _marks(report: SubjectAccess) -> set[object]:
    lists = (*report.records, *report.waiting, *report.beside)
    whole = {reason for one in lists for reason in one.withheld}
    others = (
        *(report.decisions, report.restrictions, report.identifiers, report.looks),
        *(report.facts, report.own_labels, report.deciding),
    )
    return whole | {one.withheld for several in others for one in several}  # type: ignore[attr-defined] # each has it


def _about(report: SubjectAccess) -> set[Category]:
    return {record.category for record in report.records}


def test_a_parent_is_told_what_is_the_childs_without_where_they_are(running: InProcess):
    """Nothing else changes: what is held of health, school and needs is there."""
    child, _ = a_known_family(running)

    own, parents = the_report(running, child), _for_parent(running, child)

    assert POSTCODE in told(own)
    assert POSTCODE not in told(parents)
    assert LINE not in told(parents)
    assert {Category.CHILD_HEALTH, Category.EDUCATION} <= _about(parents)
    assert _marks(parents).isdisjoint(LEFT_OUT)


def test_the_parent_of_a_restricted_child_is_told_neither_where_nor_that_they_are_protected(
    running: InProcess,
):
    """No number, no look of a school, no restriction; and no mark where one would stand."""
    child, _ = a_known_family(running)
    running.read(child)
    running.restrict(child)

    report = _for_parent(running, child)

    assert (report.records, report.restrictions, report.identifiers) == ((), (), ())
    assert (report.looks, report.own_labels) == ((), ())
    assert _marks(report).isdisjoint(LEFT_OUT)
    assert "restrict" not in told(report).lower()
    assert "Trust" not in told(report)


def test_where_only_the_place_is_protected_no_agency_leads_there(running: InProcess):
    """A look, a label of its own, a request: each is near where they are."""
    child, mother = a_known_family(running)
    running.read(child)
    with unit_of_work(running.portal) as work:
        place_restriction(
            mother, RestrictionScope.LOCATION, [], actor="job:test", deciding=work.deciding()
        )

    report = _for_parent(running, child)

    assert Category.CHILD_HEALTH in _about(report)
    assert (report.looks, report.own_labels, report.restrictions) == ((), (), ())
    assert POSTCODE not in told(report)


def test_a_14_year_old_who_asked_that_parents_are_not_told_is_not_told_of(running: InProcess):
    """Neither what was decided, nor what it let in, nor who looked at it; they themselves are."""
    child, _ = a_known_family(running)
    _decided_by_14_year_old(running, child, Circumstances(parents_are_not_told=True))
    said = Occurrence(OccurrenceKind.REVIEW, SAID, Period("2026-01-01"))
    running.receive(a_message("m9", a_record("r9", said, Category.SOCIAL_CARE)))
    running.settle()

    own, parents = the_report(running, child), _for_parent(running, child)

    assert SAID in told(own)
    assert SAID not in told(parents)
    assert Category.SOCIAL_CARE not in _about(parents)
    assert len(parents.decisions) == len(own.decisions) - 1
    assert _marks(parents).isdisjoint(LEFT_OUT)
    assert "young person asked" not in told(parents)


def test_what_a_young_person_decided_is_theirs_to_tell(running: InProcess):
    """Also where they asked for no secrecy."""
    child, _ = a_known_family(running)
    _decided_by_14_year_old(running, child, Circumstances())

    deciders = {
        held.decision.decided_by.kind
        for held in _for_parent(running, child).decisions
        if held.decision is not None
    }

    assert YOUNG_PERSON.kind not in deciders
    assert deciders


def test_what_was_judged_harmful_leaves_no_mark_for_a_parent(running: InProcess):
    """That somebody judged so is what they must not learn; the person's own report says why."""
    child, _ = a_known_family(running)
    running.decide(child, response=Response.DETRIMENTAL, categories=[Category.CHILD_HEALTH])

    report = _for_parent(running, child)

    assert Category.CHILD_HEALTH not in _about(report)
    assert len(report.decisions) == len(the_report(running, child).decisions) - 1
    assert _marks(report).isdisjoint(LEFT_OUT)


def test_every_report_for_a_parent_says_what_is_left_out_of_all_of_them(running: InProcess):
    """The same words, whether or not anything was."""
    child, _ = a_known_family(running)
    sentence = "Each report for a parent leaves some things out, whether or not there are any"
    plain = told(_for_parent(running, child))
    running.restrict(child, VISITOR)

    assert sentence in plain
    assert sentence in told(_for_parent(running, child))
    assert sentence not in told(the_report(running, child))
