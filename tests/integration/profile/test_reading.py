"""Reading one family: outward from a child, each record by its own decision."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from consent import Reason
from consent.lawfulness import Basis, Gateway
from consent.ledger.events import LedgerEvent
from consent.model import Mode, Response
from schemas.identifiers import PersonId
from schemas.records.payloads import PersonDetails, Relationship, RelationshipKind
from schemas.vocabulary import Category, Purpose, Source
from services.profile.model import Profile, ProfileRefused, SourceState
from services.work import Outside
from tests.support.builders import DAY, SOCIAL_WORKER, VISITOR
from tests.support.fakes.in_process import InProcess
from tests.support.messages.source_messages import (
    A_REVIEW,
    A_VISITOR,
    a_message,
    a_record,
    the_child,
    the_family,
)

pytestmark = pytest.mark.postgres


@pytest.fixture
def running(outside: Outside) -> Iterator[InProcess]:
    """Give the main job on an empty database."""
    with InProcess.running(outside) as found:
        yield found


def _family(running: InProcess) -> list[PersonId]:
    """Store child, mother and the link between them; the child is on the visitor's case-load."""
    family = the_family()[:2]
    persons = [p for s in family for p in running.decide(s).decision.subjects]
    mother_of = Relationship(RelationshipKind.MOTHER, "Leanne Wren")
    running.receive(
        a_message(
            "m1",
            a_record("c", PersonDetails("Wren", ("Ava",)), Category.IDENTITY_AND_CONTACT),
            a_record(
                "m", PersonDetails("Wren", ("Leanne",)), Category.IDENTITY_AND_CONTACT, "mother"
            ),
            a_record("r", mother_of, Category.FAMILY_AND_HOUSEHOLD, "child", "mother"),
            a_record("w", A_VISITOR, Category.PRACTITIONERS),
            subjects=family,
        )
    )
    running.settle()
    return persons


def _shown(running: InProcess, person: PersonId, purpose: Purpose = Purpose.DIRECT_CARE) -> Profile:
    profile = running.read(person, purpose)
    assert isinstance(profile, Profile), profile
    return profile


def test_from_the_child_outward_to_whom_the_child_is_linked(running: InProcess):
    """A relationship with the child is enough to read what the mother permits."""
    child, mother = _family(running)

    profile = _shown(running, child)

    assert [view.id for view in profile.people] == [child, mother]
    assert profile.people[1].relation is RelationshipKind.MOTHER
    assert [relative.name for relative in profile.relatives] == ["Leanne Wren"]
    (entry,) = running.ledger(LedgerEvent.PROFILE_READ)
    assert set(entry.fields["subjects"]) == {child, mother}


def test_what_the_mother_refuses_takes_her_out_of_the_family_shown(running: InProcess):
    """Her details and the link to her; not the child's own records."""
    child, mother = _family(running)

    running.decide(mother, response=Response.REFUSED)

    profile = _shown(running, child)
    assert [view.id for view in profile.people] == [child]
    assert profile.relatives == ()
    assert profile.not_shared == ()


def test_nobody_is_followed_to_whom_no_permitted_record_leads(running: InProcess):
    """What the mother permits of herself is shown only where she may be linked to."""
    child, _ = _family(running)
    running.decide(child, response=Response.REFUSED, categories=[Category.FAMILY_AND_HOUSEHOLD])

    assert [view.id for view in _shown(running, child).people] == [child]


def test_a_protected_mother_is_neither_shown_nor_hinted_at(running: InProcess):
    """Not even as a record that is not shared."""
    child, mother = _family(running)

    running.restrict(mother)

    profile = _shown(running, child)
    assert [view.id for view in profile.people] == [child]
    assert profile.relatives == ()
    assert profile.not_shared == ()
    assert not profile.location_protected


def test_a_purpose_that_nobody_permitted_is_refused(running: InProcess):
    """With the reason, and with an entry of the refusal."""
    child, _ = _family(running)

    answer = running.read(child, Purpose.SERVICE_IMPROVEMENT)

    assert isinstance(answer, ProfileRefused)
    assert answer.reasons == (Reason.NO_DECISION,)
    assert len(running.ledger(LedgerEvent.PROFILE_READ_REFUSED)) == 1


def test_what_is_refused_with_leave_to_say_so_is_named_as_not_shared(running: InProcess):
    """Category and source, where existence may be known; nothing of the content."""
    child, _ = _family(running)
    running.receive(a_message("m2", a_record("h", A_REVIEW)))
    running.settle()

    running.decide(
        child,
        response=Response.REFUSED,
        categories=[Category.CHILD_HEALTH],
        recipients=frozenset({"agency:health-visiting"}),
        mode=Mode.CONTENT,
    )

    profile = _shown(running, child)
    (hidden,) = profile.not_shared
    assert (hidden.category, hidden.source) == (Category.CHILD_HEALTH, Source.HEALTH_VISITING)
    assert hidden.reasons == (Reason.REFUSED,)
    assert profile.timeline == ()


def test_what_is_refused_without_leave_is_not_hinted_at(running: InProcess):
    """The sources look as if there were nothing."""
    child, _ = _family(running)
    school = a_message("s1", a_record("e", A_REVIEW, Category.EDUCATION), source=Source.SCHOOLS)
    running.receive(school)
    running.settle()

    running.decide(
        child,
        response=Response.REFUSED,
        categories=[Category.EDUCATION],
        recipients=frozenset({"agency:health-visiting"}),
    )

    profile = _shown(running, child)
    states = {status.source: status.state for status in profile.sources}
    assert profile.not_shared == ()
    assert states[Source.SCHOOLS] is SourceState.NOTHING_TO_SHOW


def test_what_is_shared_under_a_duty_is_shown_as_such(running: InProcess):
    """Over a refusal, for safeguarding, and marked on the profile."""
    child, _ = _family(running)
    running.receive(a_message("m2", a_record("h", A_REVIEW), source=Source.SCHOOLS))
    running.settle()
    running.decide(
        child, response=Response.REFUSED, purposes=Purpose, recipients=frozenset({"agency:schools"})
    )
    running.decide(
        child,
        categories=[Category.CHILD_HEALTH],
        purposes=[Purpose.SAFEGUARDING],
        basis=Basis.LEGAL_OBLIGATION,
        gateways=frozenset({Gateway.CHILDREN_ACT_2004_S11}),
        decided_by=SOCIAL_WORKER,
        sources=frozenset({Source.SCHOOLS}),
        recipients=frozenset({"agency:health-visiting"}),
    )

    profile = _shown(running, child, Purpose.SAFEGUARDING)

    assert profile.shared_under_duty == (Category.CHILD_HEALTH,)
    assert len(profile.timeline) == 1


@pytest.mark.parametrize("response", [Response.GIVEN, Response.REFUSED])
def test_a_worker_whom_a_decision_names_is_not_let_in_by_that(
    running: InProcess, response: Response
):
    """Recording a decision gives nobody a relationship."""
    (child,) = running.decide(the_child()).decision.subjects
    running.receive(a_message("m1", a_record("h", A_REVIEW), source=Source.SOCIAL_CARE))
    running.settle()

    running.decide(child, response=response, recipients=frozenset({f"practitioner:{VISITOR}"}))

    answer = running.read(child)
    assert isinstance(answer, ProfileRefused)
    assert answer.reasons == (Reason.NO_RELATIONSHIP,)


def test_without_a_relationship_known_unknown_and_protected_people_are_alike(running: InProcess):
    """The same words for all three, so that nobody is found by asking."""
    known = running.decide(the_child()).decision.subjects
    protected = running.decide(the_family()[1]).decision.subjects
    running.restrict(*protected)

    answers = {running.read(person) for person in (*known, *protected, PersonId("99" * 16))}

    assert len(answers) == 1


def test_a_relationship_that_is_over_or_not_yet_opens_nothing(running: InProcess):
    """The source says from when until when."""
    running.decide(the_child())
    for number, (start, end) in enumerate(((None, "2026-03-01"), ("2026-03-03", None)), start=1):
        period = replace(A_VISITOR.period, start=start, end=end)
        visitor = replace(A_VISITOR, period=period)
        running.receive(a_message(f"m{number}", a_record(f"w{number}", visitor)))
    running.settle()
    child = running.person(the_child())
    assert child is not None

    today = running.read(child)
    running.outside.clock.pass_by(DAY)
    tomorrow = running.read(child)

    assert isinstance(today, ProfileRefused)
    assert isinstance(tomorrow, Profile)
