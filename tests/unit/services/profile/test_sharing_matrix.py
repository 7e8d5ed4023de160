"""The sharing matrix says what pages show: every cell beside the profile, and what it may tell."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from consent import OnRecord, Practitioner
from consent.model import (
    Decider,
    DeciderKind,
    LegitimateRelationship,
    Mode,
    Proposal,
    RelationshipGround,
    Response,
    SharingAct,
    SharingDecision,
)
from schemas.identifiers import DecisionId, PersonId, PractitionerId, RecordKey
from schemas.records.payloads import Occurrence, OccurrenceKind, Period
from schemas.records.published import PublishedRecord
from schemas.vocabulary import SERVICES_HERE, Category, Purpose, Role, Source
from services.people.practitioners.people import Directory, Heard
from services.people.relationships.model import MayOpen
from services.profile.families.sharing import EVERYDAY, Cell, Shared, a_worker_of, sharing_matrix
from services.profile.model import Profile
from services.profile.ports import Disclosure
from services.profile.reading import Reading, read_profile
from services.profile.viewing import ReadProfile, Viewing
from tests.support.builders import ALL_AGREED, CHILD, DAY, FATHER, MOTHER, NOW, VISITOR, a_permit
from tests.support.clock import StandingClock
from tests.support.fakes.fake_decisions import FakeDecisions
from tests.support.fakes.fake_ledger import FakeLedger
from tests.support.fakes.fake_stored_records import FakeStoredRecords
from tests.support.traces.hidden_world_strategies import worlds
from tests.support.traces.hidden_worlds import World

AT = NOW + DAY
ME = ReadProfile(CHILD, VISITOR, Role.PRACTITIONER, Source.HEALTH_VISITING, Purpose.DIRECT_CARE)
_PLAIN = [
    PublishedRecord(
        RecordKey(f"{number:032x}"),
        source,
        category,
        (CHILD,),
        "2026-01-01/1",
        Occurrence(OccurrenceKind.REVIEW, "A review", Period("2026-01-01")),
    )
    for number, (source, category) in enumerate((s, c) for s in Source for c in Category)
]
"""Of every category of every source one record, about the child alone and kept to nobody."""


@dataclass(frozen=True)
class _Outside:
    """All but the decisions: whoever asks works with the child; nothing is unread or heard of."""

    asker: Practitioner

    def relationships(
        self, _practitioner: PractitionerId, persons: Collection[PersonId]
    ) -> Sequence[LegitimateRelationship]:
        return [r for r in self.asker.relationships if r.subject in persons]

    def may_open(
        self, practitioner: PractitionerId, persons: Collection[PersonId]
    ) -> Mapping[PersonId, MayOpen]:
        return {p: MayOpen(tuple(self.relationships(practitioner, [p]))) for p in persons}

    def of(self, _practitioner: PractitionerId, *, most: int) -> Sequence[object]:
        raise NotImplementedError(most)

    def about(self, _person: PersonId) -> Sequence[object]:
        return ()

    def may_hold(self, _person: PersonId) -> Collection[Source]:
        return ()

    def save(self, _look: Disclosure) -> None:
        return None


def shown_to(asker: Practitioner, purposes: Iterable[Purpose], world: World) -> set[object]:
    """What of every category of every source stands on the asker's page for one of these."""
    outside, decisions, records = _Outside(asker), FakeDecisions(), FakeStoredRecords()
    records.upsert(_PLAIN)
    for decision in world.decisions:
        decisions.save(decision, at=NOW, actor="job:test")
    for restriction in world.restrictions:
        decisions.place(restriction, actor="job:test")
    reading = Reading(
        records,
        outside,
        decisions,
        lambda _workers, _agencies: Directory({}, {}),
        lambda: dict.fromkeys(Source, Heard(NOW, None)),
        outside,
        outside,
        FakeLedger(),
        StandingClock(AT),
    )
    found: set[object] = set()
    for purpose in purposes:
        order = ReadProfile(CHILD, asker.id, asker.role, asker.agency, purpose)
        profile = read_profile(order, reading=reading)
        if isinstance(profile, Profile):
            found |= {(e.category, e.provenance.source) for e in profile.timeline}
    return found


def matrix_on(on_record: OnRecord, order: ReadProfile = ME) -> dict[tuple[Category, Source], Cell]:
    """The matrix, as a health visitor with this case reads it."""
    works = LegitimateRelationship(order.practitioner, CHILD, RelationshipGround.CASE_LOAD, NOW)
    asker = Practitioner(order.practitioner, order.role, order.agency, (works,))
    known = {CHILD: on_record}
    cells = sharing_matrix(Viewing(order, asker, known, AT))
    return {(cell.category, cell.service): cell for cell in cells}


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(world=worlds)
def test_every_cell_agrees_with_the_page_of_whoever_it_is_about(world: World):
    """For each service: what its worker is shown, and nothing else; and so for oneself."""
    decisions = FakeDecisions()
    for decision in world.decisions:
        decisions.save(decision, at=NOW, actor="job:test")
    for restriction in world.restrictions:
        decisions.place(restriction, actor="job:test")
    matrix = matrix_on(decisions.on_record({CHILD})[CHILD])

    for service in SERVICES_HERE:
        is_own = service.value == ME.agency
        me = Practitioner(VISITOR, ME.role, ME.agency, (_works(VISITOR),))
        asker = me if is_own else a_worker_of(service, CHILD, AT)
        shown = shown_to(asker, (ME.purpose,) if is_own else EVERYDAY, world)
        for category in Category:
            permitted = matrix[category, service].permitted
            on_page = {source for source in Source if (category, source) in shown}
            assert permitted == on_page, (category, service)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(world=worlds, category=st.sampled_from(Category), service=st.sampled_from(SERVICES_HERE))
def test_a_word_that_shares_is_never_said_where_nothing_is_shown(
    world: World, category: Category, service: Source
):
    """And what is told of a cell rests on decisions of which its reader may know."""
    on_record = OnRecord(tuple(world.decisions), tuple(world.restrictions), (ALL_AGREED,))
    works = Practitioner(VISITOR, ME.role, ME.agency, (_works(VISITOR),))
    known = {CHILD: on_record}
    viewing = Viewing(ME, works, known, AT)
    may_know = {d.id for d in world.decisions if viewing.may_know_of(d)}

    cell = matrix_on(on_record)[category, service]

    if cell.word in (Shared.SHARED, Shared.DUTY):
        assert cell.permitted
    if cell.word in (Shared.REFUSED, Shared.WAITING, Shared.DISAGREED):
        assert not cell.permitted
    assert {*cell.because, *cell.overridden} <= may_know


def _works(who: PractitionerId) -> LegitimateRelationship:
    return LegitimateRelationship(who, CHILD, RelationshipGround.CASE_LOAD, NOW)


# What each word means, by one decision or two.

STORY_TO_SCHOOL = (Category.STORY, Source.SCHOOLS)


def _said(number: int, by: Decider = MOTHER, **changes: object) -> SharingDecision:
    """Whatever the number is: about everything, for every everyday purpose."""
    made = a_permit(
        id=DecisionId(f"{number:032x}"),
        categories=frozenset(Category),
        purposes=frozenset(EVERYDAY),
        decided_by=by,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def _no(number: int, by: Decider = MOTHER, **changes: object) -> SharingDecision:
    """A no of which it may be known that it exists."""
    return _said(number, by, response=Response.REFUSED, mode=Mode.CONTENT, **changes)


def _word(*decisions: SharingDecision) -> Cell:
    return matrix_on(OnRecord(decisions, agreements=(ALL_AGREED,)))[STORY_TO_SCHOOL]


def test_nothing_decided_is_not_shared():
    """The first test of a policy."""
    matrix = matrix_on(OnRecord(agreements=(ALL_AGREED,)))

    words = {cell.word for cell in matrix.values()}
    assert words == {Shared.NOT_SHARED, Shared.OWN}
    assert not any(cell.permitted for cell in matrix.values())


def test_a_yes_is_shared_until_its_end():
    """For each service, and its own record stays its own."""
    yes = _said(1, until=AT + 30 * DAY)
    matrix = matrix_on(OnRecord((yes,), agreements=(ALL_AGREED,)))

    assert matrix[STORY_TO_SCHOOL].word is Shared.SHARED
    assert matrix[STORY_TO_SCHOOL].until == yes.until
    assert matrix[Category.EDUCATION, Source.SCHOOLS].word is Shared.OWN
    assert matrix[Category.EDUCATION, Source.HEALTH_VISITING].word is Shared.SHARED


def test_a_no_of_whoever_said_yes_is_a_no_of_the_family():
    """It wins over the yes, and the cell says over which."""
    later = _no(2, decided_at=NOW + DAY / 2, categories=frozenset({Category.STORY}))

    cell = _word(_said(1), later)

    assert (cell.word, cell.because, cell.overridden) == (
        Shared.REFUSED,
        (later.id,),
        (DecisionId(f"{1:032x}"),),
    )


def test_two_who_do_not_agree_are_not_told_apart():
    """The effect is told, not who said what."""
    cell = _word(_said(1, MOTHER), _no(2, FATHER, categories=frozenset({Category.STORY})))

    assert (cell.word, cell.because) == (Shared.DISAGREED, ())


def test_what_is_only_proposed_waits():
    """It shares nothing."""
    waits = Proposal(SharingAct.RECORD, f"practitioner:{VISITOR}", NOW, NOW + 14 * DAY)
    told = replace(_said(1).circumstances, recorded_by=f"practitioner:{VISITOR}")

    cell = _word(_said(1, proposed=waits, circumstances=told))

    assert cell.word is Shared.WAITING
    assert not cell.permitted


def test_what_nobody_may_know_of_reads_as_where_nobody_decided():
    """A no that may not be known of, and no yes beside it."""
    cell = _word(_said(1, response=Response.REFUSED, mode=None))

    assert (cell.word, cell.because, cell.overridden) == (Shared.NOT_SHARED, (), ())


def test_deciders_are_two():
    """The builders' mother and father are parents."""
    assert MOTHER.kind is FATHER.kind is DeciderKind.PARENT
    assert MOTHER != FATHER
