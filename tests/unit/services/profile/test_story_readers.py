"""Who could read an entry: asked from `decide`, and told in words."""

import pytest

from consent import OnRecord, Practitioner
from consent.deciding.decide import Answers
from consent.lawfulness import Basis
from consent.model import SharingDecision
from schemas.identifiers import PersonId
from schemas.records.published import KeptTo
from schemas.vocabulary import SERVICES_HERE, Category, Purpose, Role, Source
from services.portal.story.form_words import in_a_row, readers_in_words
from services.profile.model import StoryScope
from services.profile.story.entries import Readers, named_in, readers_of
from services.profile.story.reading import Colleague, NamedReader, StoryReaders
from tests.support.builders import (
    CHILD,
    NOW,
    SIBLING,
    TEACHER,
    VISITOR,
    a_permit,
    a_restriction,
    on_record,
)

OPEN = StoryScope((CHILD,))
HEALTH, SCHOOLS = "agency:health-visiting", "agency:schools"
TOM = Practitioner(TEACHER, Role.PRACTITIONER, Source.SCHOOLS)
PRIYA = Practitioner(VISITOR, Role.PRACTITIONER, Source.HEALTH_VISITING)


def a_story_permit(**more: object) -> SharingDecision:
    return a_permit(category=Category.STORY, **more)


def readers(scope: StoryScope, found: OnRecord, *named: Practitioner) -> Readers:
    answers = Answers(dict.fromkeys(scope.about, found))
    return readers_of(scope, answers=answers, named=named, at=NOW)


def test_without_a_decision_nobody_is_a_reader():
    """Nothing means no, also where one is named."""
    assert readers(OPEN, on_record(), TOM) == Readers((), {TEACHER: ()})


def test_each_agency_is_asked_for_each_purpose():
    """A decision names purposes and recipients; so do the readers."""
    found = on_record(
        a_story_permit(purpose=[Purpose.EARLY_HELP, Purpose.DIRECT_CARE], recipients={HEALTH}),
        a_story_permit(id="a2" * 16, purpose=Purpose.EARLY_HELP, recipients={SCHOOLS}),
    )

    agencies = {found.agency: found.purposes for found in readers(OPEN, found).agencies}

    assert agencies == {
        Source.HEALTH_VISITING: (Purpose.EARLY_HELP, Purpose.DIRECT_CARE),
        Source.SCHOOLS: (Purpose.EARLY_HELP,),
    }


def test_where_only_lead_practitioners_may_that_is_said():
    """A decision may name a role."""
    found = readers(OPEN, on_record(a_story_permit(recipients={"role:lead-practitioner"})))

    assert all(reader.leads_only for reader in found.agencies)
    assert len(found.agencies) == len(SERVICES_HERE)


def test_of_a_protected_person_only_those_on_the_list_are_readers():
    """They are asked about by name, and nobody else is told of."""
    found = on_record(a_story_permit(), a_restriction(VISITOR))

    answer = readers(OPEN, found, PRIYA, TOM)

    assert answer.agencies == ()
    assert answer.by_name == {VISITOR: (Purpose.DIRECT_CARE,), TEACHER: ()}
    assert named_in(OPEN, {CHILD: found}, NOW) == {VISITOR}


def test_a_duty_is_told_beside_what_is_kept():
    """The family hears before it says it that the law may go over this."""
    duty = a_story_permit(id="a2" * 16, purpose=Purpose.SAFEGUARDING, basis=Basis.LEGAL_OBLIGATION)
    kept = StoryScope((CHILD,), frozenset({HEALTH}))

    found = readers(kept, on_record(a_story_permit(), duty))

    purposes = {reader.agency: reader.purposes for reader in found.agencies}
    assert purposes[Source.SCHOOLS] == (Purpose.SAFEGUARDING,)
    assert purposes[Source.HEALTH_VISITING] == (Purpose.DIRECT_CARE, Purpose.SAFEGUARDING)


def test_each_of_those_it_is_about_has_a_say():
    """Nobody may read what one of them does not share."""
    both = StoryScope((CHILD, SIBLING))

    assert readers(both, on_record(a_story_permit())).agencies == ()


@pytest.mark.parametrize(
    ("kept_to", "named"),
    [
        pytest.param({f"practitioner:{TEACHER}"}, {TEACHER}, id="whom it is kept to"),
        pytest.param({HEALTH}, {VISITOR}, id="whom a decision names"),
    ],
)
def test_those_who_are_named_are_asked_about(kept_to: set[KeptTo], named: set[str]):
    """By the entry itself, or by what is on record about its persons."""
    by_name = {f"practitioner:{VISITOR}"} if VISITOR in named else set[str]()
    found = on_record(a_story_permit(recipients=by_name))
    scope = StoryScope((CHILD, PersonId("c9" * 16)), frozenset(kept_to))

    assert named_in(scope, {CHILD: found}, NOW) == named


def test_words_group_those_who_may_read_for_the_same():
    """And name those whom only their name lets in."""
    scope = StoryScope((CHILD,), frozenset({SCHOOLS, f"practitioner:{VISITOR}"}))
    found = readers(scope, on_record(a_story_permit()), PRIYA)
    priya = Colleague(VISITOR, "Priya Nair", "Health visitor", "Trust")
    seen = StoryReaders(found.agencies, (NamedReader(priya, found.by_name[VISITOR]),), True)

    words = readers_in_words(seen, scope.kept_to)

    assert words.lines == (
        "School, for direct care",
        "Priya Nair, Health visitor, for direct care",
    )
    assert words.kept_to == ("School", "Priya Nair, Health visitor")


@pytest.mark.parametrize(
    ("words", "said"),
    [((), ""), (("Early help",), "early help"), (("A", "B"), "a and b"), ("abc", "a, b and c")],
)
def test_a_list_is_written_as_it_is_spoken(words: tuple[str, ...], said: str):
    """With one "and"."""
    assert in_a_row(words) == said
