"""Whom sources make somebody who may act: what each says, and what an adult reaches by it."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

import pytest

from connectors.publishing.events import RecordKeys
from connectors.publishing.ports import Feed, ResolvedSubject
from connectors.publishing.telling.decider_facts import DeciderTelling
from connectors.publishing.telling.decider_ports import DeciderClearing, DeciderFact
from consent.decisions.ages import Age, NamedAgency
from schemas.identifiers import PersonId
from schemas.records.message import Record
from schemas.records.payloads import FactStatus, Period, Plan, Relationship, RelationshipKind
from schemas.vocabulary import Category, Source
from services.people.deciders.documents import KeptFact, cared_for_by, responsibility_from
from services.people.deciders.naming import references_of
from services.people.family_access.acting import ChildFacts, ChildReach, WhyReach, reach_of
from services.people.family_access.ages import ages_on
from services.platform.keys.hashing import KeyedHasher
from tests.support.builders import NOW
from tests.support.messages.source_messages import a_message, the_family

TODAY = date(2026, 12, 1)
GIVER = NamedAgency(Source.HEALTH_VISITING, "RY4")
SCHOOL, COUNCIL = "9992001", "999"
CHILD, ADULT, FATHER = (PersonId(letter * 32) for letter in "abc")
HASHER = KeyedHasher(b"k" * 32)
Kind = RelationshipKind


@dataclass(slots=True)
class _Kept:
    """What a source told, as it would be kept."""

    facts: list[DeciderFact] = field(default_factory=list)

    def keep(
        self,
        told: Sequence[DeciderFact],
        cleared: Sequence[DeciderClearing],
        source: Source,
        *,
        at: datetime,
    ) -> None:
        del cleared, source, at
        self.facts.extend(told)


def told_by(source: Source, *payloads: Relationship | Plan, agency: str = SCHOOL) -> list[KeptFact]:
    """What is kept of the child once a source has sent this of them."""
    records = [
        Record(
            f"r{n}",
            Category.SOCIAL_CARE if isinstance(one, Plan) else Category.FAMILY_AND_HOUSEHOLD,
            ("child",) if isinstance(one, Plan) else ("child", "mother"),
            one,
        )
        for n, one in enumerate(payloads)
    ]
    message = a_message("m", *records, subjects=the_family(), source=source)
    telling = DeciderTelling(source, RecordKeys(source, HASHER), Feed("f", agency, is_kept=True))
    telling.gather(message, [ResolvedSubject(one) for one in (CHILD, ADULT, FATHER)])
    kept = _Kept()
    telling.write(kept, None, at=NOW)  # type: ignore[arg-type] # everybody is known
    named = NamedAgency(source, agency)
    return [
        KeptFact(one.key, named, one.said, NOW, one.other)
        for one in kept.facts
        if one.person == CHILD and one.said is not None
    ]


def reach(facts: list[KeptFact], giver: NamedAgency | None = GIVER, **more: Any) -> tuple[Any, Any]:
    """How much of a child of nine the adult reaches by these facts, and why."""
    named = frozenset(
        fact.agency
        for fact in facts
        if fact.other == ADULT
        and responsibility_from(fact, TODAY, lambda name: references_of(name, HASHER)) is not None
    )
    told: dict[str, Any] = {
        "age": Age((9,), is_certain=True),
        "named_by": named,
        "is_looked_after": bool(cared_for_by(facts, TODAY)),
        **more,
    }
    found = reach_of(ChildFacts(**told), giver, ages_on(TODAY))
    return found.reach, found.because


def a_tie(kind: RelationshipKind, *, responsible: bool | None = True, **more: Any) -> Relationship:
    """What a source says of the adult."""
    return Relationship(kind, "Ada Novak", has_responsibility=responsible, **more)


YES = (ChildReach.WHOLE, WhyReach.NAMED)
NO = (ChildReach.NONE, WhyReach.NOT_NAMED)
TIES: list[tuple[str, Relationship, tuple[Any, Any]]] = [
    # Children Act 1989 s.2(1) and (2): a mother has it by birth, a father where a source says so.
    ("a mother of whom nothing more is said", a_tie(Kind.MOTHER, responsible=None), YES),
    ("a father of whom nothing more is said", a_tie(Kind.FATHER, responsible=None), NO),
    ("a father named on the register", a_tie(Kind.FATHER), YES),
    # Adoption and Children Act 2002 s.67: an adoptive parent is the parent, in the new record.
    ("an adoptive parent", a_tie(Kind.PARENT), YES),
    ("a parent of whom nothing more is said", a_tie(Kind.PARENT, responsible=None), NO),
    # s.46 of the same: whose responsibility an adoption ended, the source ends or takes back.
    ("a birth parent whose tie has ended", a_tie(Kind.MOTHER, period=Period(end="2026-03-31")), NO),
    ("a tie whose last day is today", a_tie(Kind.FATHER, period=Period(end="2026-12-01")), YES),
    ("a tie entered in error", a_tie(Kind.FATHER, status=FactStatus.IN_ERROR), NO),
    ("a tie that begins tomorrow", a_tie(Kind.FATHER, period=Period("2099-01-01")), NO),
    # s.4A: a step-parent by agreement or order, never by marriage.
    ("a step-parent", a_tie(Kind.STEP_PARENT, responsible=None), NO),
    ("a step-parent by agreement or order", a_tie(Kind.STEP_PARENT), YES),
    # ss.5, 12, 14C: a guardian, and whoever has a child arrangements or guardianship order.
    ("a grandmother who looks after them", a_tie(Kind.GRANDPARENT, responsible=None), NO),
    ("a grandmother with an order", a_tie(Kind.GRANDPARENT), YES),
    ("a guardian", a_tie(Kind.OTHER), YES),
    # s.3(5): whoever cares for a child day by day has none by that; DOMAIN 3.4 on foster carers.
    ("a foster carer", a_tie(Kind.FOSTER_CARER), NO),
    ("a carer", a_tie(Kind.CARER), NO),
    # s.8: where a court has limited what a parent may do, the source says that they may not.
    ("a parent whom a court restricts", a_tie(Kind.MOTHER, responsible=False), NO),
    # A name that means nobody, or is an authority's own, is no adult's.
    ("a tie of one name", replace(a_tie(Kind.OTHER), name="Northfield"), NO),
    # Who has died: the relationship is over by its status.
    ("a deceased parent", a_tie(Kind.MOTHER, has_died=True, status=FactStatus.ENDED), NO),
]


@pytest.mark.parametrize(("told", "expected"), [row[1:] for row in TIES])
def test_what_a_school_says_of_an_adult(told: Relationship, expected: tuple[Any, Any]):
    """Each alone, of a child of nine, for an access that health gave."""
    assert reach(told_by(Source.SCHOOLS, told)) == expected


def test_hub_s_own_word_names_nobody():
    """What its pages write is only their writer's."""
    assert reach(told_by(Source.FAMILY_HUB, a_tie(Kind.MOTHER))) == NO


def test_authority_that_looks_after_a_child_decides_in_person():
    """Children Act 1989 s.33(3): parents and grandmother reach nothing by their page while it does.

    A placement that is over changes nothing any more.
    """
    in_care = Plan("looked-after", "Care order", Period("2026-01-01"))
    over = replace(in_care, period=Period("2025-01-01", "2026-01-31"))
    school = told_by(Source.SCHOOLS, a_tie(Kind.GRANDPARENT))

    by_council = told_by(Source.SOCIAL_CARE, in_care, agency=COUNCIL)
    assert reach(school + by_council) == (ChildReach.NONE, WhyReach.LOOKED_AFTER)
    assert reach(school + told_by(Source.SOCIAL_CARE, over, agency=COUNCIL)) == YES


def test_whose_page_no_worker_gave_needs_two_who_name_them():
    """A provider says who somebody is; without a meeting one agency's word makes no parent."""
    school = told_by(Source.SCHOOLS, a_tie(Kind.FATHER))
    council = told_by(Source.SOCIAL_CARE, a_tie(Kind.FATHER), agency=COUNCIL)

    assert reach(school, giver=None) == NO
    assert reach(school + school, giver=None) == NO
    assert reach(school + council, giver=None) == YES


@pytest.mark.parametrize(
    ("age", "is_let", "expected"),
    [
        ((15,), True, (ChildReach.OWN_PART, WhyReach.REVIEW_AGE)),
        ((16,), False, (ChildReach.NONE, WhyReach.PARENTS_OFF)),
        ((16,), True, (ChildReach.WHOLE, WhyReach.LET_SEE)),
        ((15, 16), True, (ChildReach.WHOLE, WhyReach.LET_SEE)),
        ((17, 18), True, (ChildReach.NONE, WhyReach.PARENTS_OFF)),
        ((31,), True, (ChildReach.NONE, WhyReach.PARENTS_OFF)),
    ],
)
def test_from_sixteen_a_parent_reaches_what_the_young_person_lets_them(
    age: tuple[int, ...], expected: tuple[Any, Any], *, is_let: bool
):
    """And from eighteen nobody acts for anybody (Children Act 1989 s.105)."""
    facts = told_by(Source.SCHOOLS, a_tie(Kind.MOTHER))

    assert reach(facts, age=Age(age, is_certain=True), is_let_see=is_let) == expected


def test_letting_somebody_see_lifts_nothing_else():
    """Neither protection, nor care, nor that no source names them any more."""
    facts = told_by(Source.SCHOOLS, a_tie(Kind.MOTHER))
    grown: dict[str, Any] = {"age": Age((16,), is_certain=True), "is_let_see": True}

    assert reach([], **grown) == NO
    assert reach(facts, **grown, is_protected=True) == (ChildReach.NONE, WhyReach.PROTECTED)
    assert reach(facts, **grown, is_looked_after=True)[0] is ChildReach.NONE
