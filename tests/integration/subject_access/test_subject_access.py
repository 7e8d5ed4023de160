"""Everything held about somebody, and what is withheld of it with its reason in place."""

from collections.abc import Iterator

import pytest
from fhir.resources.R4B import get_fhir_model_class

from consent.decisions.restrictions import place_restriction
from consent.ledger.events import LedgerEvent
from consent.model import Response, RestrictionScope
from schemas.identifiers import PersonId
from schemas.records.payloads import Relationship, RelationshipKind
from schemas.vocabulary import Category, Purpose, Source
from services.interfaces.subject_access.bundle import bundle_from_report
from services.interfaces.subject_access.held import SubjectAccess, WhyWithheld
from services.interfaces.subject_access.reporting import ReportRefused, WhyNoReport
from services.work import Outside, unit_of_work
from tests.support.builders import VISITOR
from tests.support.fakes.in_process import InProcess, by_number
from tests.support.messages.source_messages import a_message, a_record
from tests.support.people.families import a_known_family
from tests.support.people.joined import make_one
from tests.support.subject_access import KEEPER, OFFICER, made, the_report, told
from tests.support.traces.canaries import GIVEN, NAME, POSTCODE

pytestmark = pytest.mark.postgres


@pytest.fixture
def running(outside: Outside) -> Iterator[InProcess]:
    """Give the main job on an empty database."""
    with InProcess.running(outside) as found:
        yield found


def why(report: SubjectAccess, category: Category) -> set[WhyWithheld]:
    """Why records of a category are withheld."""
    return {reason for r in report.records if r.category is category for reason in r.withheld}


def test_a_report_holds_every_record_with_its_source_and_basis(running: InProcess):
    """Who decided, who has looked, and when; the bundle is valid FHIR."""
    child, _ = a_known_family(running)
    running.read(child)

    report = the_report(running, child)

    assert {r.category for r in report.records} >= {
        Category.IDENTITY_AND_CONTACT,
        Category.CHILD_HEALTH,
        Category.EDUCATION,
        Category.PRACTITIONERS,
    }
    assert {basis.value for r in report.records for basis in r.basis} == {"consent"}
    assert [d.decision.response for d in report.decisions if d.decision] == [Response.GIVEN]
    assert [look.purpose for look in report.looks] == [Purpose.DIRECT_CARE]
    bundle = bundle_from_report(report, KEEPER)
    get_fhir_model_class("Bundle").model_validate(bundle)
    kinds = {entry["resource"]["resourceType"] for entry in bundle["entry"]}
    assert {"Patient", "Observation", "CarePlan", "CareTeam", "Consent", "AuditEvent"} <= kinds
    assert POSTCODE in told(report)


def test_what_is_kept_to_tell_people_apart_is_told_without_an_address(running: InProcess):
    """It has no label by which to know whether its source protects the place."""
    child, _ = a_known_family(running)

    facts = the_report(running, child).facts

    assert all(one.facts is not None for one in facts)
    places = {(one.facts.postcode, one.facts.address) for one in facts if one.facts}
    assert places == {(None, None)}


def test_what_is_kept_to_tell_who_may_decide_is_told_without_a_name(running: InProcess):
    """Withheld messages leave it too; who is named there is somebody else."""
    child, _ = a_known_family(running)
    father = Relationship(RelationshipKind.FATHER, "Ambrose Merriweather", has_responsibility=True)
    contact = a_record("contact", father, Category.FAMILY_AND_HOUSEHOLD)
    running.receive(a_message("m9", contact, source=Source.SCHOOLS))
    with unit_of_work(running.portal) as work:
        work.decider_names.keep("Ambrose Merriweather", "ab" * 16, [child], at=work.now)

    report = the_report(running, child)

    lines = {(one.source, line) for one in report.deciding for line in one.lines or ()}
    assert {
        (Source.SCHOOLS, ("Responsible for them", "Somebody whose name is kept")),
        (Source.SCHOOLS, ("Date of birth", "2024-05-03")),
        (None, ("Decided for them", "Somebody whose name is kept")),
    } <= lines
    assert "Merriweather" not in told(report)
    assert "kept-for-deciding" in told(report)


def test_the_relative_in_a_childs_record_is_not_told(running: InProcess):
    """That there is a mother stays; her name, number and address go, and it says so."""
    child, mother = a_known_family(running)

    report = the_report(running, child)

    (held,) = [r for r in report.records if r.category is Category.FAMILY_AND_HOUSEHOLD]
    assert held.parts_withheld == ("name",)
    assert "Leanne" not in told(report)
    assert mother not in str(bundle_from_report(report, KEEPER))


def test_the_child_in_a_relatives_record_is_not_told(running: InProcess):
    """What is said of the mother there is hers."""
    child, mother = a_known_family(running)

    report = the_report(running, mother)

    (held,) = [r for r in report.records if r.category is Category.FAMILY_AND_HOUSEHOLD]
    assert "child" in held.parts_withheld
    assert f"Leanne {NAME}" in told(report)
    assert child not in str(bundle_from_report(report, KEEPER))
    get_fhir_model_class("Bundle").model_validate(bundle_from_report(report, KEEPER))


@pytest.mark.parametrize("scope", RestrictionScope)
@pytest.mark.parametrize("settled", [False, True], ids=["at-once", "after-the-purge"])
def test_a_refuge_is_told_to_nobody_who_asks_for_the_child(
    running: InProcess, scope: RestrictionScope, *, settled: bool
):
    """The child's place is the mother's, also when no record is left that says who she is."""
    child, mother = a_known_family(running)
    with unit_of_work(running.portal) as work:
        place_restriction(mother, scope, [], actor="job:test", deciding=work.deciding())
    if settled:
        running.settle()

    report = the_report(running, child)

    where = [r.category for r in report.records if WhyWithheld.RESTRICTED in r.withheld]
    assert Category.IDENTITY_AND_CONTACT in where
    assert POSTCODE not in told(report)
    assert GIVEN in told(report)


def test_a_restricted_person_is_told_by_nobody_who_is_not_let_in(running: InProcess):
    """Each record is withheld in its place; who is let in hands over what is their own."""
    child, _ = a_known_family(running)
    running.restrict(child, VISITOR)

    closed = the_report(running, child)
    opened = the_report(running, child, practitioner=VISITOR)

    assert all(WhyWithheld.RESTRICTED in r.withheld for r in closed.records)
    assert NAME not in told(closed)
    assert NAME in told(opened)
    assert VISITOR not in told(closed)
    get_fhir_model_class("Bundle").model_validate(bundle_from_report(closed, KEEPER))


def test_what_was_judged_detrimental_is_withheld_with_its_decision(running: InProcess):
    """For the categories that it names."""
    child, _ = a_known_family(running)
    running.decide(child, response=Response.DETRIMENTAL, categories=[Category.CHILD_HEALTH])

    report = the_report(running, child)

    assert why(report, Category.CHILD_HEALTH) == {WhyWithheld.SERIOUS_HARM}
    assert [d.withheld for d in report.decisions if d.withheld] == [WhyWithheld.SERIOUS_HARM]


def test_the_report_is_a_look_and_on_the_ledger(running: InProcess):
    """With how much there was, and nothing of it."""
    child, _ = a_known_family(running)

    first = the_report(running, child)
    second = the_report(running, child)

    entries = running.ledger(LedgerEvent.REPORT_MADE)
    assert [e.fields["report"] for e in entries] == [first.report, second.report]
    assert entries[0].actor == f"practitioner:{OFFICER}"
    assert entries[0].fields["records"] == len(first.records)


def test_without_an_order_of_two_nobody_makes_it(running: InProcess):
    """A refusal is on the ledger too."""
    child, _ = a_known_family(running)

    answer = made(running, child, order=None)

    assert answer == ReportRefused(WhyNoReport.NOT_ORDERED)
    (entry,) = running.ledger(LedgerEvent.REPORT_REFUSED)
    assert entry.fields["reason"] == "not-ordered"


def test_of_nobody_there_is_no_report(running: InProcess):
    """An id that is nobody's."""
    assert made(running, PersonId("99" * 16)) == ReportRefused(WhyNoReport.NOBODY)


def test_two_persons_who_are_one_are_told_as_one(running: InProcess):
    """Whichever of their ids is asked for; both are named as theirs."""
    child, _ = a_known_family(running)
    twice = running.decide(by_number("9990000174")).decision.subjects
    (other,) = twice
    running.receive(a_message("m9", a_record("z"), subjects=(by_number("9990000174"),)))
    running.settle()
    with unit_of_work(running.outside) as work:
        make_one(work, child, other)

    report, same = the_report(running, child), the_report(running, other)

    assert report.known_by == same.known_by
    assert set(report.known_by) == {child, other}
    assert len(report.records) == len(same.records)
    assert len(report.decisions) == len(same.decisions) == 2
