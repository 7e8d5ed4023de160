"""What messages leave of who may decide, on a real database: sealed, for that check alone."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date

import pytest

from consent.decisions.ages import HeldBirth
from consent.decisions.deciders import (
    SubjectFacts,
    WhyProposed,
    with_decider_named,
)
from consent.errors import DecisionInvalidError
from consent.model import Response
from schemas.records.message import Demographics, SourceMessage, Subject
from schemas.records.payloads import (
    FactStatus,
    Occurrence,
    OccurrenceKind,
    Period,
    PersonDetails,
    Relationship,
    RelationshipKind,
)
from schemas.vocabulary import Category, Source
from services.work import Outside, unit_of_work
from tests.support.builders import NOW
from tests.support.consents.deciding_world import an_order
from tests.support.consents.told_deciders import (
    BORN,
    FATHER,
    HEALTH,
    LAST,
    LATER,
    SCHOOL,
    a_contact,
    asked,
    held,
    known,
    named,
    of,
    told,
)
from tests.support.fakes.in_process import InProcess, by_number, ids_of
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


@pytest.fixture
def running(outside: Outside) -> Iterator[InProcess]:
    """Give the main job on an empty database."""
    with InProcess.running(outside) as found:
        yield found


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
        replace(FATHER, period=Period(start="2099-01-01")),
        replace(FATHER, status=FactStatus.ENDED),
        replace(FATHER, status=FactStatus.UNKNOWN),
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
