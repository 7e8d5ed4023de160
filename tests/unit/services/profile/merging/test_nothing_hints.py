"""Nobody can tell from what they are shown whether there is something that they are not shown."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from consent import AccessRequest, Practitioner
from consent.deciding.decide import Answers
from consent.model import (
    LegitimateRelationship,
    Mode,
    RelationshipGround,
    Restriction,
    SharingDecision,
)
from schemas.identifiers import PersonId, PractitionerId
from schemas.records.kinds import MessageKind
from schemas.records.payloads import RelationshipKind
from schemas.records.published import PublishedRecord
from schemas.vocabulary import Label, Source
from services.cli.profile.profiles import profile_document
from services.intake.unread import ParkedAbout
from services.interfaces.families.bundle import represented
from services.interfaces.families.negotiation import MediaType
from services.people.practitioners.people import Directory, Heard
from services.people.relationships.model import MayOpen
from services.profile.model import Profile
from services.profile.ports import Disclosure
from services.profile.reading import Reading, read_profile
from tests.support.builders import CHILD, DAY, NOW, VISITOR
from tests.support.clock import StandingClock
from tests.support.fakes.fake_decisions import FakeDecisions
from tests.support.fakes.fake_ledger import FakeLedger
from tests.support.fakes.fake_stored_records import FakeStoredRecords
from tests.support.people.seen import leaves
from tests.support.traces.hidden_world_strategies import refusals, restrictions, worlds
from tests.support.traces.hidden_worlds import ORDER, World, works_with

_CLOCK = StandingClock(NOW + DAY)
_PARKED = [
    ParkedAbout(f"{number:032d}", source, kind, kind is MessageKind.VACCINATION, NOW)
    for number, (source, kind) in enumerate(
        (source, kind)
        for source in (Source.HEALTH_VISITING, Source.SOCIAL_CARE)
        for kind in (MessageKind.VACCINATION, MessageKind.SAFETY_ALERT, MessageKind.UNKNOWN)
    )
]


class _CaseLoads:
    """The viewer works with the child, and with nobody else."""

    def save(self, records: Sequence[PublishedRecord]) -> None:
        """Not asked."""

    def forget(self, records: Collection[tuple[PersonId, str]]) -> None:
        """Not asked."""

    def relationships(
        self, practitioner: PractitionerId, persons: Collection[PersonId]
    ) -> Sequence[LegitimateRelationship]:
        """The child's case-load."""
        is_theirs = practitioner == VISITOR and CHILD in persons
        return [works_with(CHILD)] if is_theirs else []

    def may_open(
        self, practitioner: PractitionerId, persons: Collection[PersonId]
    ) -> Mapping[PersonId, MayOpen]:
        """The same; that somebody is protected follows from what is on record."""
        return {p: MayOpen(tuple(self.relationships(practitioner, [p]))) for p in persons}

    def of(
        self, practitioner: PractitionerId, *, most: int
    ) -> Sequence[tuple[PersonId, RelationshipGround]]:
        """Not asked."""
        raise NotImplementedError


class _Looks:
    def save(self, look: Disclosure) -> None:
        """Not asked."""


@dataclass(frozen=True)
class _Unread:
    parked: Sequence[ParkedAbout] = ()

    def about(self, person: PersonId) -> Sequence[ParkedAbout]:
        """All of it is about the child."""
        return self.parked if person == CHILD else ()

    def may_hold(self, person: PersonId) -> Collection[Source]:
        """Nothing waits."""
        del person
        return ()


def _nobody(_workers: Collection[str], _agencies: Collection[str]) -> Directory:
    """Nobody is in the directory."""
    return Directory({}, {})


@dataclass(frozen=True)
class _Stored:
    records: FakeStoredRecords
    decisions: FakeDecisions


def _a_store(world: World, records: Sequence[PublishedRecord]) -> _Stored:
    stored = _Stored(FakeStoredRecords(), FakeDecisions())
    stored.records.upsert(records)
    for decision in world.decisions:
        stored.decisions.save(decision, at=NOW, actor="job:test")
    for restriction in world.restrictions:
        stored.decisions.place(restriction, actor="job:test")
    return stored


def _shown(stored: _Stored, parked: Sequence[ParkedAbout] = ()) -> object:
    reading = Reading(
        stored.records,
        _CaseLoads(),
        stored.decisions,
        _nobody,
        lambda: dict.fromkeys(Source, Heard(NOW, None)),
        _Unread(parked),
        _Looks(),
        FakeLedger(),
        _CLOCK,
    )
    return read_profile(ORDER, reading=reading)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(world=worlds)
def test_two_worlds_that_differ_in_what_is_hidden_look_the_same(world: World):
    """Field for field and byte for byte, on the page and in both forms of the interface."""
    without = _a_store(world, world.records)
    hidden = world.hidden(without.decisions)
    assume(hidden)
    having = _a_store(world, [*world.records, *hidden])

    seen, seen_with = _shown(without), _shown(having)

    assert seen_with == seen
    if isinstance(seen, Profile) and isinstance(seen_with, Profile):
        for form in MediaType:
            assert represented(seen_with, form) == represented(seen, form)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(world=worlds, parked=st.sets(st.sampled_from(_PARKED), min_size=1))
def test_what_could_not_be_read_is_told_to_nobody_who_may_not_know_of_such(
    world: World, parked: set[ParkedAbout]
):
    """Field for field and byte for byte the same as without it; to others it is told."""
    stored = _a_store(world, world.records)
    hidden = [one for one in sorted(parked, key=str) if not _may_know_of(one, stored)]

    seen, seen_with = _shown(stored), _shown(stored, hidden)

    assert seen_with == seen
    if isinstance(seen, Profile) and isinstance(seen_with, Profile):
        for form in MediaType:
            assert represented(seen_with, form) == represented(seen, form)
        told = _shown(stored, sorted(parked, key=str))
        assert isinstance(told, Profile)
        counted = sum(s.unread.count for s in told.sources if s.unread is not None)
        assert counted == len(parked) - len(hidden)


def _may_know_of(parked: ParkedAbout, stored: _Stored) -> bool:
    """Whether a record of the child in each category of which it may be, and a place, may be."""
    answers = Answers(stored.decisions.on_record({CHILD}))
    viewer = Practitioner(VISITOR, ORDER.role, ORDER.agency, (works_with(CHILD),))
    return all(
        answers.to(
            AccessRequest(
                (CHILD,),
                category,
                parked.source,
                viewer,
                NOW + DAY,
                ORDER.purpose,
                labels=frozenset({Label.LOCATION}),
                mode=Mode.EXISTENCE,
            )
        ).is_permitted
        for category in parked.kind.categories
    )


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(world=worlds, refusal=refusals, restriction=restrictions)
def test_a_refusal_or_a_restriction_shows_nobody_more_of_a_family(
    world: World, refusal: SharingDecision, restriction: Restriction
):
    """Whoever else refuses whatever, and whoever is protected: what is shown only gets less."""
    records = [*world.records, *world.more]
    before = _told(_shown(_a_store(world, records)))

    refused = replace(world, decisions=[*world.decisions, refusal])
    restricted = replace(world, restrictions=[*world.restrictions, restriction])

    assert _told(_shown(_a_store(refused, records))) <= before
    assert _told(_shown(_a_store(restricted, records))) <= before


def _told(shown: object) -> frozenset[tuple[str, ...]]:
    """Each thing that is said, in which part of the page, but for what somebody is to the child.

    That is told by one word for each person, that of the source that counts most; where its word
    goes, another's, which was permitted before as well, takes its place.
    """
    if not isinstance(shown, Profile):
        return frozenset()
    told = leaves(profile_document(shown), ())
    return frozenset((place[0], place[-1]) for place in told if place[-1] not in _KINDS)


_KINDS = frozenset(kind.value for kind in RelationshipKind)
