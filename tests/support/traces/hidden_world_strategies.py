"""Families in which everything meets that can hide something, small enough that it often does.

Few persons and few names; restrictions, refusals, permissions of existence alone, entries that the
family keeps to some.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import count

from hypothesis import strategies as st

from consent.lawfulness import Basis
from consent.model import Mode, Response, Restriction, RestrictionScope, SharingDecision
from schemas.identifiers import DecisionId, PractitionerId, RecordKey
from schemas.records.payloads import (
    Address,
    ContactDetails,
    Involvement,
    Occurrence,
    OccurrenceKind,
    Period,
    PersonDetails,
    Plan,
    Relationship,
    RelationshipKind,
    StoryConfirmation,
    StoryEntry,
)
from schemas.records.published import PublishedRecord, kept_to_category
from schemas.vocabulary import Category, Label, Purpose, Source
from tests.support.builders import (
    CHILD,
    DAY,
    FATHER,
    MOTHER,
    MOTHER_ID,
    NOW,
    SIBLING,
    SOCIAL_WORKER,
    VISITOR,
    YOUNG_PERSON,
    a_permit,
)
from tests.support.traces.hidden_worlds import FATHER_ID, OTHER, PERSONS, World

_ME = f"practitioner:{VISITOR}"
_OTHERS = f"agency:{Source.SCHOOLS}"
_PAYLOADS = st.one_of(
    st.builds(
        PersonDetails,
        family_name=st.sampled_from(["Wren", "Doyle"]),
        given_names=st.sampled_from([("Ava",), ("Sam",)]),
        date_of_birth=st.sampled_from([None, "2020-05-03", "1990-01-01"]),
        is_verified=st.booleans(),
    ),
    st.sampled_from(
        [ContactDetails((Address((line,), use=use),)) for line in "12" for use in ("home", "old")]
    ),
    st.builds(
        Relationship,
        kind=st.sampled_from(RelationshipKind),
        name=st.sampled_from([None, "Sam Doyle", "Leanne Wren"]),
        has_responsibility=st.sampled_from([None, True, False]),
        same_household=st.sampled_from([None, True]),
        addresses=st.sampled_from([(), (Address(("1",)),)]),
    ),
    st.builds(
        Involvement,
        service=st.just("Health visiting"),
        agency_code=st.sampled_from([None, "RY4"]),
        practitioner_name=st.sampled_from([None, "Ann Lee"]),
        period=st.sampled_from([Period(), Period("2024-01-01", "2025-01-01")]),
    ),
    st.just(Occurrence(OccurrenceKind.REVIEW, "A review", Period("2026-01-01"))),
    st.just(Plan("child-protection", "A plan", Period("2026-01-01"))),
    st.builds(
        StoryEntry,
        text=st.just("We moved."),
        told_by=st.just("Mother"),
        written_by=st.just("Ann Lee"),
        written_at=st.sampled_from(["2026-01-01T09:00:00Z", "2026-01-02T09:00:00Z"]),
        corrects=st.sampled_from([None, *(f"{n:032x}" for n in range(4))]),
    ),
    st.builds(
        StoryConfirmation,
        confirms=st.sampled_from([(f"{n:032x}",) for n in range(4)]),
        told_by=st.just("Mother"),
        written_by=st.just("Ann Lee"),
        written_at=st.just("2026-01-03T09:00:00Z"),
    ),
)
_ONE = [(CHILD,), (CHILD,), (MOTHER_ID,), (FATHER_ID,), (SIBLING,), (OTHER,)]
_TWO = [(CHILD, MOTHER_ID), (CHILD, FATHER_ID), (SIBLING, MOTHER_ID), (OTHER, FATHER_ID)]
_KEPT = (frozenset[str](),) * 3 + (
    frozenset({_ME}),
    frozenset({_OTHERS}),
    frozenset({kept_to_category(Category.SOCIAL_CARE)}),
)
_RECORDS = st.builds(
    PublishedRecord,
    key=st.just(RecordKey("")),
    source=st.sampled_from(Source),
    category=st.sampled_from(Category),
    persons=st.sampled_from([*_ONE, *_TWO, (CHILD, MOTHER_ID, SIBLING)]),
    version=st.sampled_from(["2026-01-01/1", "2026-01-02/1", "2026-02-01/1"]),
    payload=_PAYLOADS,
    labels=st.sampled_from(
        [
            frozenset[Label](),
            frozenset({Label.LOCATION}),
            frozenset({Label.PROTECTED_LOCATION}),
            frozenset({Label.THIRD_PARTY}),
        ]
    ),
    kept_to=st.sampled_from(_KEPT),
)


_TIES = st.builds(
    lambda record, persons, kind: replace(
        record,
        category=Category.FAMILY_AND_HOUSEHOLD,
        persons=persons,
        payload=Relationship(kind, has_responsibility=True, same_household=True),
        labels=frozenset[Label](),
    ),
    _RECORDS,
    st.sampled_from(_TWO),
    st.sampled_from([RelationshipKind.MOTHER, RelationshipKind.FATHER, RelationshipKind.SIBLING]),
)


def _sets(values: Sequence[str], most: int) -> st.SearchStrategy[frozenset[str]]:
    return st.just(frozenset(values)) | st.sets(
        st.sampled_from(values), min_size=1, max_size=most
    ).map(frozenset)


_DECISIONS = st.builds(
    SharingDecision,
    id=st.just(DecisionId("")),
    subjects=_sets(PERSONS, 3),
    response=st.sampled_from([*[Response.GIVEN] * 5, Response.REFUSED, Response.DETRIMENTAL]),
    categories=_sets(tuple(Category), 3),
    purposes=st.sampled_from([frozenset(Purpose), frozenset({Purpose.DIRECT_CARE})]),
    basis=st.just(Basis.CONSENT),
    decided_by=st.sampled_from([MOTHER, FATHER, YOUNG_PERSON]),
    decided_at=st.sampled_from([NOW - 3 * DAY, NOW - 2 * DAY]),
    recipients=st.sampled_from([frozenset[str](), frozenset({_ME}), frozenset({_OTHERS})]),
    sources=st.just(frozenset[Source]()) | _sets(tuple(Source), 2),
    mode=st.sampled_from([Mode.CONTENT, Mode.CONTENT, Mode.CONTENT, Mode.EXISTENCE]),
    withdrawn_at=st.sampled_from([None, None, None, NOW - DAY]),
)
# Without somebody agreeing to much there would be little to see.
_AGREED = st.builds(
    a_permit,
    subjects=st.sampled_from([PERSONS, PERSONS, PERSONS[:3], PERSONS[:1]]),
    category=st.just(tuple(Category)),
    decided_by=st.sampled_from([MOTHER, SOCIAL_WORKER]),
)
_RESTRICTIONS = st.builds(
    Restriction,
    id=st.just(""),
    subject=st.sampled_from(PERSONS[1:]),
    scope=st.sampled_from(RestrictionScope),
    allowed=st.sampled_from([frozenset[PractitionerId](), frozenset({VISITOR})]),
    placed_at=st.just(NOW - DAY),
)


def _numbered(
    records: Sequence[PublishedRecord],
    more: Sequence[PublishedRecord],
    decisions: Sequence[SharingDecision],
    restrictions: Sequence[Restriction],
) -> World:
    number = count()
    keys = [RecordKey(f"{next(number):032x}") for _ in (*records, *more)]
    seen = [replace(r, key=keys[n]) for n, r in enumerate(records)]
    added = [replace(r, key=keys[len(records) + n]) for n, r in enumerate(more)]
    return World(
        seen,
        added,
        [replace(d, id=DecisionId(f"d{n:031x}")) for n, d in enumerate(decisions)],
        [replace(r, id=f"e{n:031x}") for n, r in enumerate(restrictions)],
    )


worlds = st.builds(
    _numbered,
    st.lists(_RECORDS | _TIES, max_size=10),
    st.lists(_RECORDS | _TIES, min_size=1, max_size=4),
    st.tuples(_AGREED, st.lists(_DECISIONS, max_size=4)).map(lambda both: [both[0], *both[1]]),
    st.lists(_RESTRICTIONS, max_size=2),
)
refusals = st.builds(
    replace,
    _DECISIONS,
    id=st.just(DecisionId("f" * 32)),
    response=st.sampled_from([Response.REFUSED, Response.OBJECTED, Response.DETRIMENTAL]),
)
restrictions = st.builds(replace, _RESTRICTIONS, id=st.just("f" * 32))
