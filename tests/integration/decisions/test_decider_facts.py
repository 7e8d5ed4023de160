"""What messages leave of who may decide, on a real database: sealed, for that check alone."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from connectors.ports import Received
from connectors.publishing.ports import DeciderFact, ToldBirth, ToldCare, ToldForDeciding
from connectors.publishing.publish import PublishIfPermitted, publish_if_permitted
from consent.decisions.ages import HeldBirth, NamedAgency
from consent.decisions.deciders import (
    DeciderFacts,
    SubjectFacts,
    WhyProposed,
    check_decider,
    with_decider_named,
)
from consent.errors import DecisionInvalidError
from consent.ledger.events import LedgerEvent
from consent.model import Decider, DeciderKind, Response
from schemas.identifiers import PersonId, PractitionerId, RecordKey
from schemas.records.message import Demographics, Record, SourceMessage, Subject
from schemas.records.payloads import (
    Occurrence,
    OccurrenceKind,
    Period,
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
from tests.support.consents.deciding_world import an_order
from tests.support.erasing import erased
from tests.support.fakes.in_process import AGENCY, InProcess, by_number, ids_of
from tests.support.fakes.in_process import SCHOOL as SCHOOL_CODE
from tests.support.messages.source_messages import (
    MOTHER_NUMBER,
    a_clearing,
    a_message,
    a_record,
    a_removal,
    the_child,
)
from tests.support.traces.in_the_clear import found_in_the_clear

pytestmark = pytest.mark.postgres

FATHER = Relationship(RelationshipKind.FATHER, "Mr Ambrose Quillfeather", has_responsibility=True)
HEALTH = NamedAgency(Source.HEALTH_VISITING, AGENCY)
SCHOOL = NamedAgency(Source.SCHOOLS, SCHOOL_CODE)
LATER, LAST = "2026-02-01T00:00:00Z", "2026-03-01T00:00:00Z"
BORN = HeldBirth(date(2024, 5, 3), SCHOOL)


@pytest.fixture
def running(outside: Outside) -> Iterator[InProcess]:
    """Give the main job on an empty database."""
    with InProcess.running(outside) as found:
        yield found


def known(running: InProcess) -> PersonId:
    """Make the child somebody of whom nothing may be shared."""
    recorded = running.decide(the_child(), response=Response.REFUSED)
    (person,) = recorded.decision.subjects
    return person


def a_contact(payload: Relationship = FATHER, source_id: str = "contact", **more: Any) -> Record:
    """Build what a source says of a relative of the child."""
    return a_record(source_id, payload, Category.FAMILY_AND_HOUSEHOLD, **more)


def told(*records: Record, **more: Any) -> SourceMessage:
    """Build a school's message."""
    return a_message("m1", *records, **({"source": Source.SCHOOLS} | more))


def held(running: InProcess, *persons: PersonId) -> SubjectFacts:
    """What is held of one person, or of the first of several."""
    return of(running, *persons).about[0]


def of(running: InProcess, *persons: PersonId) -> DeciderFacts:
    """What the portal reads when somebody decides."""
    with unit_of_work(running.portal) as work:
        return work.decider_facts.of(persons)


def named(running: InProcess, name: str, *persons: PersonId) -> Decider:
    """Whom a recorder means who types this name."""
    with unit_of_work(running.portal) as work:
        return work.decider_facts.decider_named(name, persons)


def test_a_typed_name_is_no_part_of_what_is_recorded(running: InProcess):
    """The order names its decider by a reference from then on, and a choice stays what it is."""
    person = known(running)
    running.receive(told(a_contact()))
    (father,) = held(running, person).responsible
    order = an_order(subjects=(person,), decider_name="Ambrose Quillfeather")

    with unit_of_work(running.portal) as work:
        named_one = with_decider_named(order, [person], work.deciding().deciders, at=work.now)
        chosen = with_decider_named(
            an_order(decided_by=named_one.decided_by),
            [person],
            work.deciding().deciders,
            at=work.now,
        )

    assert (named_one.decided_by.reference, named_one.decider_name) == (father.id, None)
    assert chosen.decided_by == named_one.decided_by


def asked(decider: Decider, facts: DeciderFacts, at: NamedAgency | None) -> str | None:
    """Why this decider of the child may not decide at once, when recorded there; None if so."""
    order = an_order(subjects=(the_child(),), decided_by=decider, actor="job:test")
    return check_decider(order, facts, recorder_agency=at, now=NOW).reason


def test_a_message_that_is_withheld_names_who_has_responsibility(running: InProcess):
    """Nothing of it is shared, and nothing of it lies in the clear."""
    person = known(running)

    became = running.receive(told(a_contact()))

    assert ids_of(became) == ["withheld"]
    assert held(running, person).births == (BORN,)
    father = named(running, "ambrose QUILLFEATHER", person)
    assert asked(father, of(running, person), at=HEALTH) is None
    assert asked(father, of(running, person), at=SCHOOL) == WhyProposed.RESPONSIBILITY_NOT_NAMED
    assert running.stored(person) == []
    words = ("Quillfeather", "QUILLFEATHER", "Ambrose", "AMBROSE")
    assert found_in_the_clear(running.outside.engine, words) == []


def test_a_name_is_the_same_in_whatever_spelling(running: InProcess):
    """A title, an accent, a second first name or the order make nobody somebody else."""
    person = known(running)
    running.receive(told(a_contact()))
    spellings = (
        "Ambrose Quillfeather",
        "QUILLFEATHER, Ambrose",
        "Dr. Ambrose Cornelius Quillfeather",
        "\u00c1mbrose  Quillfeather",
    )

    (father,) = held(running, person).responsible
    assert {named(running, name, person).reference for name in spellings} == {father.id}


def test_a_name_that_nobody_told_has_a_reference_like_any_other(running: InProcess):
    """Whoever typed it cannot tell from it whether a source names them."""
    person = known(running)
    running.receive(told(a_contact()))

    stranger = named(running, "Ambrose Merriweather", person)

    assert len(stranger.reference) == len(held(running, person).responsible[0].id)
    assert asked(stranger, of(running, person), at=HEALTH) == WhyProposed.RESPONSIBILITY_NOT_NAMED
    with pytest.raises(DecisionInvalidError, match="decider-name"):
        named(running, "Mr Quillfeather", person)


def test_a_parent_without_responsibility_decides_nothing(running: InProcess):
    """Children Act 1989 s.3(5): who cares for a child has no responsibility by that."""
    person = known(running)
    without = (
        replace(FATHER, has_responsibility=None),
        replace(FATHER, has_responsibility=False),
        replace(FATHER, kind=RelationshipKind.FOSTER_CARER),
        replace(FATHER, kind=RelationshipKind.CARER),
        Relationship(RelationshipKind.MOTHER, "Isolde Quillfeather", has_responsibility=False),
        replace(FATHER, name=None),
        replace(FATHER, period=Period(end="2025-12-31")),
    )

    running.receive(told(*(a_contact(one, f"contact {n}") for n, one in enumerate(without))))

    assert held(running, person).responsible == ()


def test_a_mother_has_it_by_birth(running: InProcess):
    """Children Act 1989 s.2: unless a source says otherwise."""
    person = known(running)
    running.receive(told(a_contact(Relationship(RelationshipKind.MOTHER, "Isolde Quillfeather"))))

    mother = named(running, "Isolde Quillfeather", person)
    assert asked(mother, of(running, person), at=HEALTH) is None


def test_a_birth_notification_names_the_mother_and_the_day(running: InProcess):
    """Births are notified of a mother (NHS Act 2006 s.269), whatever code the parent has."""
    baby = Subject("child", (), Demographics("Quillfeather", ("Wren",), "2026-01-02", "ZZ9 9ZZ"))
    recorded = running.decide(baby, response=Response.REFUSED)
    (person,) = recorded.decision.subjects
    mother = replace(by_number(MOTHER_NUMBER, "1996-02-11"), ref="mother")
    parent = Relationship(RelationshipKind.PARENT, "Isolde Quillfeather")
    running.receive(
        a_message(
            "birth",
            a_record("birth", Occurrence(OccurrenceKind.BIRTH, "Born")),
            a_record(
                "baby",
                PersonDetails(date_of_birth="2026-01-02"),
                Category.IDENTITY_AND_CONTACT,
            ),
            a_record("parent", parent, Category.FAMILY_AND_HOUSEHOLD, "child", "mother"),
            subjects=(baby, mother),
        )
    )

    (born,) = held(running, person).births
    assert born == HeldBirth(date(2026, 1, 2), HEALTH, is_registered=True)
    isolde = named(running, "Isolde Quillfeather", person)
    assert asked(isolde, of(running, person), at=SCHOOL) is None


def test_of_whom_nobody_has_decided_yet_it_is_kept_too(running: InProcess):
    """A feed's own case is somebody, and the first decision about them is checked by it."""
    running.receive(told(a_contact()))

    person = running.person(the_child())
    assert person is not None
    assert len(held(running, person).responsible) == 1


TAKEN_BACK: dict[str, Callable[[], SourceMessage]] = {
    "removed": lambda: a_message(
        "m2",
        a_removal("contact", Category.FAMILY_AND_HOUSEHOLD),
        at=LATER,
        source=Source.SCHOOLS,
    ),
    "cleared": lambda: a_message("m2", a_clearing("all"), at=LATER, source=Source.SCHOOLS),
    "said otherwise": lambda: a_message(
        "m2", a_contact(replace(FATHER, has_responsibility=False)), at=LATER, source=Source.SCHOOLS
    ),
    "all of it": lambda: a_message("m2", at=LATER, source=Source.SCHOOLS, removes_subject=True),
}


@pytest.mark.parametrize("how", TAKEN_BACK)
def test_what_its_source_takes_back_is_held_no_more(running: InProcess, how: str):
    """Also when what is older comes again after it, and until the source says it anew."""
    person = known(running)
    said = told(a_contact(scopes=("all", "some")))
    for message in (said, TAKEN_BACK[how](), replace(said, message_id="late")):
        running.receive(message)

    assert held(running, person).responsible == ()

    running.receive(replace(said, message_id="m3", version=replace(said.version, at=LAST)))
    assert len(held(running, person).responsible) == 1


def test_what_a_clearing_keeps_stays(running: InProcess):
    """A source that clears all but one contact has not taken that one back."""
    person = known(running)
    running.receive(told(a_contact(scopes=("all", "some"))))
    clearing = a_clearing("all", keeps=("some",))

    running.receive(a_message("m2", clearing, at=LATER, source=Source.SCHOOLS))

    assert len(held(running, person).responsible) == 1


def test_what_one_source_takes_back_the_other_still_says(running: InProcess):
    """A mother whom both named is still named by one."""
    person = known(running)
    running.receive(told(a_contact()))
    running.receive(a_message("h1", a_contact()))

    running.receive(TAKEN_BACK["all of it"]())

    (father,) = held(running, person).responsible
    assert father.agency == HEALTH


def test_of_an_adopted_childs_former_identity_nobody_decides(running: InProcess):
    """Adoption and Children Act 2002 s.46: the order ends every former parent's responsibility."""
    person = known(running)
    running.receive(told(a_contact()))
    with unit_of_work(running.outside) as work:
        work.joining().joins.leave_behind(person, at=NOW)

    former = named(running, "Ambrose Quillfeather", person)

    assert held(running, person) == SubjectFacts()
    assert asked(former, of(running, person), at=HEALTH) == WhyProposed.RESPONSIBILITY_NOT_NAMED


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
