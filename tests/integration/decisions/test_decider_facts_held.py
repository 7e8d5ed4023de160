"""What is held for deciding: managers, lists, names, and what goes with a person."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from connectors.ports import Received
from connectors.publishing.publish import PublishIfPermitted, publish_if_permitted
from connectors.publishing.telling.decider_ports import (
    DeciderFact,
    ToldBirth,
    ToldCare,
    ToldForDeciding,
)
from consent.decisions.ages import NamedAgency
from consent.decisions.deciders import (
    SubjectFacts,
    WhyProposed,
)
from consent.ledger.events import LedgerEvent
from consent.model import Decider, DeciderKind, Response
from schemas.identifiers import PersonId, PractitionerId, RecordKey
from schemas.records.payloads import (
    PersonDetails,
    Relationship,
    RelationshipKind,
)
from schemas.vocabulary import Category, Purpose, Role, Source
from services.people.deciders.postgres import list_choices
from services.people.deciders.postgres_intake import PostgresDeciderIntake
from services.people.practitioners.postgres_directory import Agency, PractitionerEntry
from services.work import Outside, unit_of_work
from tests.support.builders import NOW
from tests.support.consents.told_deciders import (
    BORN,
    HEALTH,
    SCHOOL,
    a_contact,
    asked,
    held,
    known,
    named,
    of,
    told,
)
from tests.support.erasing import erased
from tests.support.fakes.in_process import InProcess, by_number
from tests.support.messages.source_messages import (
    MOTHER_NUMBER,
    a_message,
    a_record,
    the_child,
)
from tests.support.traces.in_the_clear import found_in_the_clear

pytestmark = pytest.mark.postgres


@pytest.fixture
def running(outside: Outside) -> Iterator[InProcess]:
    """Give the main job on an empty database."""
    with InProcess.running(outside) as found:
        yield found


def keep(
    running: InProcess, person: PersonId, *said: ToldForDeciding, agency: str | None = None
) -> None:
    """Let a feed of social care say this of a person."""
    facts = [
        DeciderFact(person, RecordKey(f"{n:032x}"), "2026-01-01/0", one, agency=agency)
        for n, one in enumerate(said)
    ]
    with unit_of_work(running.connectors) as work:
        PostgresDeciderIntake(work.connection, work.keys).keep(
            facts, (), Source.SOCIAL_CARE, at=NOW
        )


def enter_managers(running: InProcess) -> tuple[PractitionerId, PractitionerId]:
    """Enter two authorities, each with a manager and a worker; gives the managers."""
    managers = (PractitionerId("91" * 16), PractitionerId("92" * 16))
    with unit_of_work(running.portal) as work:
        for code, manager in zip(("991", "992"), managers, strict=True):
            work.directory.save_agency(Agency(code, f"Council {code}", Source.SOCIAL_CARE, None))
            for who, role in (
                (manager, Role.LEAD_PRACTITIONER),
                (PractitionerId(f"a{manager[1:]}"), Role.PRACTITIONER),
            ):
                work.directory.save_practitioner(
                    PractitionerEntry(
                        who, "Manager", role, "Worker", code, None, None, Purpose.SAFEGUARDING
                    )
                )
    return managers


def test_for_a_looked_after_child_a_manager_of_the_authority_that_has_the_order(
    running: InProcess,
):
    """Children Act 1989 s.33(3): out of area too it is the one that placed the child."""
    person = known(running)
    placing, of_the_place = enter_managers(running)
    keep(running, person, ToldCare(), agency="991")

    facts = of(running, person)

    assert facts.about[0].managers == {placing}
    by_placing, by_other = (
        asked(Decider(DeciderKind.PARENT, one), facts, at=SCHOOL) for one in (placing, of_the_place)
    )
    assert (by_placing, by_other) == (None, WhyProposed.RESPONSIBILITY_NOT_NAMED)


def test_where_a_placement_has_ended_no_authority_decides(running: InProcess):
    """A source that sends only what changed tells the end without its beginning."""
    person = known(running)
    enter_managers(running)
    placement = RecordKey(f"{0:032x}")
    keep(running, person, ToldCare(), ToldCare("2026-01-31", placement), agency="991")

    assert held(running, person).managers == frozenset()


def test_no_register_stands_behind_what_one_person_typed(running: InProcess):
    """By a way in that nobody registered a file makes nobody older, whatever is said in it."""
    person = known(running)
    details = PersonDetails(date_of_birth="2024-05-03", is_verified=True)
    traced = a_message("m1", a_record("d", details, Category.IDENTITY_AND_CONTACT))
    with unit_of_work(running.connectors) as work:
        publishing = work.publishing(Source.HEALTH_VISITING, None, None)
        order = PublishIfPermitted(Source.HEALTH_VISITING, [Received(0, traced, raw=lambda: b"")])
        publish_if_permitted(order, publishing=publishing)
    assert [one.is_registered for one in held(running, person).births] == [False]

    running.receive(replace(traced, message_id="m2"))

    assert {one.is_registered for one in held(running, person).births} == {False, True}


def test_a_recorder_chooses_from_a_list_and_that_is_entered(running: InProcess):
    """Names of a source that is not theirs, opened for that page; the entry has none of them."""
    person = known(running)
    running.receive(told(a_contact()))

    def listed(at: NamedAgency) -> list[str]:
        with unit_of_work(running.portal) as work:
            found = list_choices(
                [person],
                recorder_agency=at,
                hidden=lambda _: (),
                actor="practitioner:" + "b0" * 16,
                facts=work.decider_facts,
                ledger=work.ledger,
                at=NOW,
            )
        return [one.name for one in found]

    assert listed(HEALTH) == ["Mr Ambrose Quillfeather"]
    assert listed(SCHOOL) == []
    entries = running.ledger(LedgerEvent.DECIDERS_LISTED)
    assert [entry.fields["named"] for entry in entries] == [1, 0]


def test_the_name_of_who_decided_is_kept_sealed(running: InProcess):
    """A decision names its decider by a reference; who has to ask them again needs the name."""
    person = known(running)
    decider = named(running, "Ambrose Quillfeather", person)
    with unit_of_work(running.portal) as work:
        work.decider_names.keep("Ambrose Quillfeather", decider.reference, [person], at=NOW)
        (kept,) = work.decider_names.of([person])

    assert (kept.reference, kept.name) == (decider.reference, "Ambrose Quillfeather")
    assert found_in_the_clear(running.outside.engine, ("Quillfeather",)) == []


def test_with_a_person_what_was_held_for_deciding_is_erased(running: InProcess):
    """The rows go, and the key with which anything of them could be read."""
    person = known(running)
    running.receive(told(a_contact()))
    with unit_of_work(running.portal) as work:
        work.decider_names.keep("Ambrose Quillfeather", "ab" * 16, [person], at=NOW)

    erased(person, running.outside)

    assert running.count("decider_fact") == running.count("decider_name") == 0
    assert of(running, person).about == (SubjectFacts(),)


def test_who_was_erased_is_named_for_nobody(running: InProcess):
    """Their name lay under the child's key, so the row goes."""
    child = known(running)
    recorded = running.decide(by_number(MOTHER_NUMBER, None), response=Response.REFUSED)
    (mother,) = recorded.decision.subjects
    of_mother = Relationship(RelationshipKind.MOTHER, "Isolde Quillfeather")
    record = a_record("contact", of_mother, Category.FAMILY_AND_HOUSEHOLD, "child", "mother")
    subjects = (the_child(), replace(by_number(MOTHER_NUMBER, "1996-02-11"), ref="mother"))
    running.receive(told(record, subjects=subjects))
    assert len(held(running, child).responsible) == 1

    erased(mother, running.outside)

    assert held(running, child).responsible == ()
    assert held(running, child).births == (BORN,)


def test_an_age_of_one_agency_narrows_and_does_not_widen(running: InProcess):
    """Held as five, nobody is an adult; held as forty by one agency, nobody is sure."""
    person = known(running)
    running.receive(told(a_contact()))
    own = Decider(DeciderKind.ADULT_SELF, "self")
    assert asked(own, of(running, person), at=SCHOOL) == "is-no-adult"

    found = running.decide(by_number(MOTHER_NUMBER, None), response=Response.REFUSED)
    (mother,) = found.decision.subjects
    keep(running, mother, ToldBirth("1996-02-11"))

    assert asked(own, of(running, mother), at=SCHOOL) == WhyProposed.AGE_RESTS_ON_ONE_AGENCY
