"""Who decided, chosen from who is named: on a real database, as pages ask it."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest

from connectors.publishing.telling.decider_ports import (
    DeciderFact,
    ToldCare,
    ToldDeath,
    ToldForDeciding,
    ToldResponsibility,
)
from consent.decisions.keeping import Taken
from consent.errors import DecisionInvalidError
from consent.lawfulness import Basis
from consent.ledger.events import LedgerEvent
from consent.model import DeciderKind, RelationshipGround, Response
from schemas.identifiers import PersonId, PractitionerId, RecordKey
from schemas.vocabulary import Purpose, Role, Source
from services.people.deciders.naming import NamedChoice
from services.people.deciders.postgres_intake import PostgresDeciderIntake
from services.people.practitioners.people import SignedInPractitioner
from services.people.practitioners.postgres_directory import Agency, PractitionerEntry
from services.portal.decisions.orders import DecisionForm, ObjectionForm
from services.portal.decisions.summaries import DecisionSummary, RecordedDecision, WhatWaits
from services.portal.services import PortalOnDatabase
from services.work import Outside, unit_of_work
from tests.support.builders import DAY, NOW, TEACHER, VISITOR
from tests.support.consents.issuing import AN_ISSUER
from tests.support.fakes.in_process import AGENCY, SCHOOL, InProcess, by_number
from tests.support.people.relating import relate
from tests.support.portal.portal_forms import a_duty_for, a_permit_for
from tests.support.traces.in_the_clear import found_in_the_clear

pytestmark = pytest.mark.postgres

COUNCIL, MANAGER = "991", PractitionerId("91" * 16)
AMBROSE, ISOLDE = "Mr Ambrose Quillfeather", "Isolde Quillfeather"


@pytest.fixture
def running(outside: Outside) -> Iterator[InProcess]:
    """Give the main job on an empty database."""
    with InProcess.running(outside) as found:
        yield found


@pytest.fixture
def services(running: InProcess) -> PortalOnDatabase:
    """Give what the pages ask."""
    return PortalOnDatabase(running.portal, demonstration=True, receipts=AN_ISSUER)


@pytest.fixture
def child(running: InProcess) -> PersonId:
    """Give a child on the case-loads of a health visitor and of a teacher, for long."""
    return a_case(running, "9990000018", VISITOR, TEACHER)


def known(running: InProcess, number: str) -> PersonId:
    """Make somebody known."""
    with unit_of_work(running.portal) as work:
        return work.persons.resolve_or_create(by_number(number), at=work.now)


def a_case(
    running: InProcess,
    number: str,
    *practitioners: PractitionerId,
    ground: RelationshipGround = RelationshipGround.CASE_LOAD,
) -> PersonId:
    """Make somebody known, with whom these have worked for long."""
    person = known(running, number)
    with unit_of_work(running.portal) as work:
        for practitioner in practitioners:
            since, until = work.now - 30 * DAY, work.now + 30 * DAY
            relate(work, practitioner, person, ground, since=since, until=until)
    return person


def tell(
    running: InProcess,
    person: PersonId,
    *said: ToldForDeciding | str | None,
    source: Source = Source.SCHOOLS,
    agency: str = SCHOOL,
    other: PersonId | None = None,
) -> None:
    """Let a feed say this of who may decide for a person."""
    facts = [
        DeciderFact(
            person,
            RecordKey(f"{n:031x}{len(agency)}"),
            "2026-01-01/0",
            ToldResponsibility(one) if isinstance(one, str) else one,
            other=other,
            agency=agency,
        )
        for n, one in enumerate(said)
    ]
    with unit_of_work(running.connectors) as work:
        PostgresDeciderIntake(work.connection, work.keys).keep(facts, (), source, at=NOW)


def who(services: PortalOnDatabase, practitioner: PractitionerId = VISITOR) -> SignedInPractitioner:
    """Who signs in: by default the health visitor."""
    return next(p for p in services.demonstration_people() if p.id == practitioner)


def listed(
    services: PortalOnDatabase, *persons: PersonId, to: PractitionerId = VISITOR
) -> Sequence[NamedChoice]:
    """Whom the form offers to who has a list."""
    found = services.deciders_to_choose(who(services, to), persons)
    assert found is not None
    return found


def names(choices: Sequence[NamedChoice]) -> list[str]:
    """What they are called, in their order."""
    return [one.name for one in choices]


def chosen(form: DecisionForm, reference: str) -> DecisionForm:
    """The form with somebody of the list chosen."""
    return replace(form, decider_reference=reference, decider_name=None, is_chosen=True)


def recorded(
    services: PortalOnDatabase, form: DecisionForm, by: PractitionerId = VISITOR
) -> RecordedDecision:
    """Record it; gives what became of it."""
    answer = services.record_decision(who(services, by), form)
    assert isinstance(answer, RecordedDecision)
    return answer


def decisions(services: PortalOnDatabase, child: PersonId) -> Sequence[DecisionSummary]:
    """What stands about the child."""
    found = services.decisions(who(services), child)
    assert isinstance(found, list)
    return found


def test_who_works_with_the_child_chooses_from_whom_others_name(
    running: InProcess, services: PortalOnDatabase, child: PersonId
):
    """The choice is as good as the name typed: in force for others; and the name lies sealed."""
    tell(running, child, AMBROSE)
    tell(running, child, "Only Theirown", source=Source.HEALTH_VISITING, agency=AGENCY)

    (father,) = listed(services, child)
    answer = recorded(services, chosen(a_permit_for(child), father.reference))

    assert father.name == AMBROSE
    assert answer.waits is WhatWaits.OWN_PART
    assert {d.said.decided_by.reference for d in decisions(services, child)} == {father.reference}
    with unit_of_work(running.portal) as work:
        assert [one.name for one in work.decider_names.of([child])] == [AMBROSE]
    assert found_in_the_clear(running.outside.engine, ("Quillfeather", "Ambrose")) == []
    (entry,) = running.ledger(LedgerEvent.DECIDERS_LISTED)
    assert (entry.actor, entry.fields["named"]) == (f"practitioner:{VISITOR}", 1)


def test_who_has_died_is_not_offered_and_decides_nothing_by_being_typed(
    running: InProcess, services: PortalOnDatabase, child: PersonId
):
    """By whichever source it is told; the other parent still is, and a wrong report goes back."""
    mother = known(running, "9990000026")
    tell(running, child, ISOLDE, other=mother)
    tell(running, child, AMBROSE, source=Source.SOCIAL_CARE, agency=COUNCIL)
    tell(running, mother, ToldDeath(), source=Source.HEALTH_VISITING, agency=AGENCY)

    assert names(listed(services, child)) == [AMBROSE]
    typed = replace(a_permit_for(child), decider_name=ISOLDE)
    assert recorded(services, typed).waits is WhatWaits.ALL_OF_IT

    tell(running, mother, None, source=Source.HEALTH_VISITING, agency=AGENCY)

    assert names(listed(services, child)) == [ISOLDE, AMBROSE]


@pytest.mark.parametrize(
    "ground",
    [
        RelationshipGround.OWN,
        RelationshipGround.FAMILY_CONFIRMED,
        RelationshipGround.EMERGENCY,
        None,
    ],
)
def test_whoever_has_no_case_load_is_shown_nobody(
    running: InProcess, services: PortalOnDatabase, ground: RelationshipGround | None
):
    """They type a name; nothing is opened for them, and nothing is entered."""
    child = known(running, "9990000018")
    if ground is not None:
        a_case(running, "9990000018", VISITOR, ground=ground)
    tell(running, child, AMBROSE)

    assert services.deciders_to_choose(who(services), [child]) is None
    assert running.ledger(LedgerEvent.DECIDERS_LISTED) == []


def test_a_case_load_with_one_of_two_is_no_list(
    running: InProcess, services: PortalOnDatabase, child: PersonId
):
    """The form is about both; and of two only who may decide for both is offered."""
    sibling = known(running, "9990000026")
    tell(running, child, AMBROSE, ISOLDE)
    tell(running, sibling, "Isolde Maria Quillfeather")
    assert services.deciders_to_choose(who(services), [child, sibling]) is None

    a_case(running, "9990000026", VISITOR)

    assert names(listed(services, child, sibling)) == [ISOLDE]


def test_a_reference_that_is_not_on_the_list_is_refused(
    running: InProcess, services: PortalOnDatabase, child: PersonId
):
    """Somebody else's, nobody's, and anybody's of who has no list: one answer, nothing recorded."""
    another = a_case(running, "9990000026", VISITOR)
    tell(running, child, AMBROSE)
    tell(running, another, ISOLDE)
    (of_another,) = listed(services, another)
    a_case(running, "9990000034", VISITOR, ground=RelationshipGround.OWN)
    own = known(running, "9990000034")
    tell(running, own, ISOLDE)

    answers = []
    for person, reference in ((child, of_another.reference), (child, "ab" * 16), (own, "cd" * 16)):
        with pytest.raises(DecisionInvalidError) as refused:
            services.record_decision(who(services), chosen(a_permit_for(person), reference))
        answers.append(str(refused.value))

    assert answers == ["decided-by: is-not-on-the-list"] * 3
    assert running.count("sharing_decision") == 0


def test_a_strangers_no_is_taken_whoever_its_reference_means(
    running: InProcess, services: PortalOnDatabase
):
    """In force at once, of a parent who is not named; the answer is that of nobody known."""
    person = known(running, "9990000026")
    no = replace(a_permit_for(person), response=Response.REFUSED)

    answers = [
        services.record_decision(who(services), chosen(replace(no, subjects=(one,)), "ab" * 16))
        for one in (person, PersonId("0" * 32))
    ]

    assert answers == [Taken(), Taken()]
    with unit_of_work(running.portal) as work:
        (taken,) = work.decisions.recorded_about([person])[person]
    assert (taken.response, taken.decided_by.reference) == (Response.REFUSED, "parent")


def test_whom_a_restriction_hides_no_list_names(
    running: InProcess, services: PortalOnDatabase, child: PersonId
):
    """Under no name: neither who is told apart, nor who may be her by a name of before."""
    mother, father = known(running, "9990000034"), known(running, "9990000042")
    tell(running, child, ISOLDE, source=Source.SOCIAL_CARE, agency=COUNCIL, other=mother)
    tell(running, child, "Isolde Marsh", ISOLDE)
    tell(running, child, AMBROSE, source=Source.FAMILY_HUB, agency="hub-hub", other=father)
    before = listed(services, child)

    running.restrict(mother, TEACHER)

    assert names(before) == ["Isolde Marsh", ISOLDE, AMBROSE]
    assert names(listed(services, child)) == [AMBROSE]
    assert names(listed(services, child, to=TEACHER)) == [ISOLDE, AMBROSE]
    hidden = next(one for one in before if one.name == ISOLDE)
    with pytest.raises(DecisionInvalidError, match="is-not-on-the-list"):
        services.record_decision(who(services), chosen(a_permit_for(child), hidden.reference))


def test_for_a_looked_after_child_a_manager_is_on_the_list(
    running: InProcess, services: PortalOnDatabase, child: PersonId
):
    """Children Act 1989 s.33(3): the authority decides by a named manager, not by the worker."""
    with unit_of_work(running.portal) as work:
        work.directory.save_agency(Agency(COUNCIL, "Council", Source.SOCIAL_CARE, None))
        for practitioner, role in (
            (MANAGER, Role.LEAD_PRACTITIONER),
            (PractitionerId("92" * 16), Role.PRACTITIONER),
        ):
            work.directory.save_practitioner(
                PractitionerEntry(
                    practitioner, "Una Thwaite", role, "", COUNCIL, None, None, Purpose.SAFEGUARDING
                )
            )
    tell(running, child, ToldCare(), source=Source.SOCIAL_CARE, agency=COUNCIL)

    (manager,) = listed(services, child)
    form = chosen(a_permit_for(child), manager.reference)
    answer = recorded(services, replace(form, recipients=frozenset({"agency:schools"})))

    assert (manager.name, manager.is_manager, manager.reference) == ("Una Thwaite", True, MANAGER)
    assert answer.waits is WhatWaits.NOTHING
    assert running.count("decider_name") == 0


def test_who_objects_is_chosen_from_the_same_list(
    running: InProcess, services: PortalOnDatabase, child: PersonId
):
    """By reference, checked again; else by a name typed."""
    tell(running, child, AMBROSE)
    duty = a_duty_for(child, by=VISITOR)
    task = replace(duty, basis=Basis.PUBLIC_TASK, gateways=frozenset())
    shared = recorded(services, task).decision_id
    (father,) = listed(services, child)
    objection = ObjectionForm(shared, child, DeciderKind.PARENT, father.reference, is_chosen=True)
    with pytest.raises(DecisionInvalidError, match="objector: is-not-on-the-list"):
        services.object_to_decision(who(services), replace(objection, objector_reference="ab" * 16))

    answer = services.object_to_decision(who(services), objection)

    assert isinstance(answer, RecordedDecision)
    objected = next(d for d in decisions(services, child) if d.decision_id == answer.decision_id)
    assert objected.said.decided_by.reference == father.reference
    with unit_of_work(running.portal) as work:
        assert [one.name for one in work.decider_names.of([child])] == [AMBROSE]
