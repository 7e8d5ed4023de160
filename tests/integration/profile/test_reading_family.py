"""Reading one family: who is in it, and nothing that hints at who may not be shown."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from consent.decisions.restrictions import place_restriction
from consent.ledger.events import LedgerEvent
from consent.model import Response, RestrictionScope
from schemas.identifiers import PersonId
from schemas.records.payloads import (
    Address,
    ContactDetails,
    PersonDetails,
    Relationship,
    RelationshipKind,
)
from schemas.vocabulary import Category, Label, Purpose, Source
from services.profile.model import Profile, SourceState
from services.work import Outside, unit_of_work
from tests.support.builders import NOW
from tests.support.fakes.in_process import InProcess
from tests.support.messages.source_messages import A_VISITOR, a_message, a_record, the_family

pytestmark = pytest.mark.postgres

K = RelationshipKind
_IDENTITY, _FAMILY = Category.IDENTITY_AND_CONTACT, Category.FAMILY_AND_HOUSEHOLD
_THIRD = frozenset({Label.THIRD_PARTY})
_PLACE = frozenset({Label.LOCATION})


@pytest.fixture
def running(outside: Outside) -> Iterator[InProcess]:
    """Give the main job on an empty database, child, mother and father known to it."""
    with InProcess.running(outside) as found:
        for subject in the_family():
            found.decide(subject)
        yield found


def _persons(running: InProcess) -> list[PersonId]:
    found = [running.person(subject) for subject in the_family()]
    return [person for person in found if person is not None]


def _mother_and_child(running: InProcess) -> None:
    child, mother, _ = the_family()
    running.receive(
        a_message(
            "m1",
            a_record("c", PersonDetails("Wren", ("Ava",), date_of_birth="2020-05-03"), _IDENTITY),
            a_record("a", _at("1 Mill Lane"), _IDENTITY, labels=_PLACE),
            a_record("m", PersonDetails("Wren", ("Leanne",)), _IDENTITY, "mother"),
            a_record("r", Relationship(K.MOTHER), _FAMILY, "child", "mother", labels=_THIRD),
            a_record("w", A_VISITOR, Category.PRACTITIONERS),
            subjects=(child, mother),
        )
    )
    running.settle()


def _father(running: InProcess, lives_at: str = "1 Mill Lane") -> None:
    child, _, father = the_family()
    tie = Relationship(K.FATHER, "Sam Doyle", has_responsibility=True, same_household=True)
    running.receive(
        a_message(
            "m2",
            a_record("f", PersonDetails("Doyle", ("Sam",)), _IDENTITY, "father"),
            a_record("fa", _at(lives_at), _IDENTITY, "father"),
            a_record("fr", tie, _FAMILY, "child", "father", labels=_THIRD),
            subjects=(child, father),
        )
    )
    running.settle()


def _at(line: str) -> ContactDetails:
    return ContactDetails((Address((line,)),))


def _shown(running: InProcess, person: PersonId) -> Profile:
    profile = running.read(person, Purpose.DIRECT_CARE)
    assert isinstance(profile, Profile), profile
    return profile


def _without_the_moment(profile: Profile) -> Profile:
    """What a reader sees, apart from when and from what was decided on other people."""
    sources = tuple(replace(status, last_heard=None) for status in profile.sources)
    return replace(profile, as_of=NOW, sources=sources, decided_from=())


def test_a_family_is_shown_with_who_lives_where(running: InProcess):
    """And with what each is to the child."""
    _mother_and_child(running)
    _father(running)
    child, mother, father = _persons(running)

    profile = _shown(running, child)

    relations = {person.id: person.relation for person in profile.people}
    assert relations == {child: None, mother: K.MOTHER, father: K.FATHER}
    assert profile.parents_not_named == ()
    (household,) = profile.households
    assert {member.person for member in household.members} == {child, father}


@pytest.mark.parametrize("hide", ["restricted", "refused", "never permitted"])
def test_a_father_who_may_not_be_shown_reads_like_one_who_is_not_recorded(
    running: InProcess, hide: str
):
    """Word for word: neither the sentence nor anything else tells one from the other."""
    _mother_and_child(running)
    child, _, father = _persons(running)
    before = _shown(running, child)

    if hide == "never permitted":
        running.decide(father, response=Response.REFUSED)
    _father(running, lives_at="3 Quay Street")
    if hide == "restricted":
        running.restrict(father)
    if hide == "refused":
        running.decide(father, response=Response.REFUSED)
        running.settle()
    after = _shown(running, child)

    assert after.parents_not_named == (K.FATHER,)
    assert _without_the_moment(after) == _without_the_moment(before)


def test_the_other_child_of_a_foster_carer_is_not_shown_nor_written_down_as_looked_at(
    running: InProcess,
):
    """The mother of the family stands for a carer here, the father for the other child."""
    child, carer, other = the_family()
    running.receive(
        a_message(
            "m1",
            a_record("c", PersonDetails("Wren", ("Ava",)), _IDENTITY),
            a_record("m", PersonDetails("Ashdown", ("Ruth",)), _IDENTITY, "mother"),
            a_record("o", PersonDetails("Pryce", ("Callum",)), _IDENTITY, "father"),
            a_record("r1", Relationship(K.FOSTER_CARER), _FAMILY, "child", "mother"),
            a_record("r2", Relationship(K.FOSTER_CARER), _FAMILY, "father", "mother"),
            a_record("w", A_VISITOR, Category.PRACTITIONERS),
            subjects=(child, carer, other),
        )
    )
    running.settle()
    me, ruth, callum = _persons(running)

    profile = _shown(running, me)

    assert [person.id for person in profile.people] == [me, ruth]
    (entry,) = running.ledger(LedgerEvent.PROFILE_READ)
    assert callum not in entry.fields["subjects"]


def test_none_found_is_said_only_where_no_category_is_kept_back(running: InProcess):
    """With one refused nothing tells whether there is a record of it; a protected place is none."""
    _mother_and_child(running)
    child, *_ = _persons(running)
    elsewhere = a_record("e", PersonDetails("Doyle"), _IDENTITY, "father")
    place = a_record("h", _at("2 Quay Street"), _IDENTITY, labels=_PLACE)
    running.receive(a_message("s1", elsewhere, subjects=the_family()[2:], source=Source.SCHOOLS))
    running.settle()
    states = [_state_of_schools(running, child)]

    running.receive(a_message("s2", place, source=Source.SCHOOLS))
    running.settle()
    _restrict_place(running, child)
    states.append(_state_of_schools(running, child))
    running.decide(child, response=Response.REFUSED, categories=[Category.SAFEGUARDING])
    states.append(_state_of_schools(running, child))

    assert states == [
        SourceState.NONE_FOUND,
        SourceState.NONE_FOUND,
        SourceState.NOTHING_TO_SHOW,
    ]


def _restrict_place(running: InProcess, person: PersonId) -> None:
    with unit_of_work(running.portal) as work:
        place_restriction(
            person, RestrictionScope.LOCATION, (), actor="job:test", deciding=work.deciding()
        )


def _state_of_schools(running: InProcess, person: PersonId) -> SourceState:
    statuses = {s.source: s.state for s in _shown(running, person).sources}
    return statuses[Source.SCHOOLS]
