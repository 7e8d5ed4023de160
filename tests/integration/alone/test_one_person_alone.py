"""Whatever one person does, and in whatever order, opens nothing that was not open to them."""

import os
from collections.abc import Collection
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from consent.circumstances import Circumstances
from consent.decisions.restrictions import Change
from consent.lawfulness import Basis
from consent.model import Decider, DeciderKind, Mode, Response, RestrictionScope
from schemas.identifiers import PractitionerId
from schemas.vocabulary import Category, Purpose, Source
from services.people.linking.queue import Answer
from services.people.presence.model import ConfirmingAnswer, Way, WithWhom
from services.people.relationships.emergency import LASTS
from services.work import unit_of_work
from tests.support.builders import FATHER, MOTHER, TEACHER, VISITOR
from tests.support.consents.deciding_world import JUDGED
from tests.support.people.acting_alone import ActingAlone
from tests.support.people.alone_seen import seen_before, seen_in_an_emergency, seen_now
from tests.support.people.alone_world import (
    ACTORS,
    ROLES,
    STRANGER,
    TWIN,
    AloneWorld,
    colleagues_of,
)
from tests.support.people.presence_world import COLLEAGUE
from tests.support.rolled_back import rolled_back

pytestmark = pytest.mark.postgres

_EXAMPLES = int(os.environ.get("TELL_ONCE_ALONE_EXAMPLES", "10"))
_STEPS = 6
# Those with a case-load can do most: they come more often.
_who = st.sampled_from((*ACTORS, VISITOR, VISITOR, VISITOR, TEACHER, TEACHER, STRANGER))
_which = st.integers(0, 20)
_some_categories = st.frozensets(st.sampled_from(Category), min_size=1, max_size=3)
_deciders = st.sampled_from(
    (
        (MOTHER, Circumstances()),
        (FATHER, Circumstances()),
        (Decider(DeciderKind.YOUNG_PERSON, "ada"), JUDGED),
        (Decider(DeciderKind.ADULT_SELF, "ada"), Circumstances()),
        (Decider(DeciderKind.PRACTITIONER, VISITOR), Circumstances()),
    )
)
_NAMES = (*(f"agency:{source}" for source in Source), "role:practitioner")
_LET_IN = (VISITOR, TEACHER, COLLEAGUE, STRANGER, *ROLES.values())
_said = st.fixed_dictionaries(
    {
        "response": st.sampled_from((Response.GIVEN, *Response)),
        "categories": st.just(frozenset(Category)) | _some_categories,
        "purposes": st.sampled_from((frozenset(Purpose), frozenset({Purpose.DIRECT_CARE}))),
        "recipients": st.frozensets(st.sampled_from(_NAMES), max_size=2),
        "sources": st.frozensets(st.sampled_from(Source), max_size=2),
        "mode": st.sampled_from((None, *Mode)),
        "basis": st.sampled_from(Basis),
    }
)


class OnePersonAlone(RuleBasedStateMachine):
    """Somebody of any role, with the family on their case-load or not, in one history."""

    world: AloneWorld

    def __init__(self) -> None:
        super().__init__()
        self._began = self.world.clock.now()
        self._history = rolled_back(self.world.running.outside)
        self._acting = self._history.__enter__()
        self.alone: ActingAlone

    def teardown(self) -> None:
        """Nobody beside them sees more either; and then it is as if nothing had been."""
        try:
            for reader in self._beside:
                self._sees_no_more(reader)
        finally:
            self._history.__exit__(None, None, None)
            self.world.clock.pass_by(self._began - self.world.clock.now())

    @initialize(actor=_who)
    def comes_upon_the_family(self, actor: PractitionerId) -> None:
        """With a second account of the same human being's."""
        others = (TWIN, *ROLES.values()) if actor in ROLES.values() else ()
        accounts = dict.fromkeys((actor, *others))
        self.alone = ActingAlone(self.world, self._acting, tuple(accounts))

    @rule(said=_said, decider=_deciders, days=st.sampled_from((None, 1)), old=st.none() | _which)
    def records(self, said: dict, decider: tuple, days: int | None, old: int | None) -> None:
        """Anything, also in the place of something."""
        decided_by, circumstances = decider
        until = None if days is None else self.world.clock.now() + timedelta(days=days)
        supersedes = None if old is None else self._one(old)
        more = {"decided_by": decided_by, "circumstances": circumstances, "until": until}
        self.alone.record(**said, **more, supersedes=supersedes)

    @rule(which=_which)
    def withdraws(self, which: int) -> None:
        """Anything, a refusal too."""
        self.alone.withdraw(self._one(which))

    @rule(which=_which)
    def ends(self, which: int) -> None:
        """Anything."""
        self.alone.end(self._one(which))

    @rule(which=_which)
    def invalidates(self, which: int) -> None:
        """Anything."""
        self.alone.invalidate(self._one(which))

    @rule(which=_which, objector=st.sampled_from((MOTHER, FATHER)))
    def objects(self, which: int, objector: Decider) -> None:
        """To anything, for one of the parents."""
        self.alone.object_to(self._one(which), objector)

    @rule(which=_which)
    def confirms(self, which: int) -> None:
        """What waits for somebody else."""
        self.alone.confirm(self._one(which))

    @rule()
    def asks_to_work_with_them(self) -> None:
        """And answers."""
        self.alone.ask_to_work_with()

    @rule(receiver=st.sampled_from((None, COLLEAGUE, STRANGER, TEACHER)))
    def offers(self, receiver: PractitionerId | None) -> None:
        """Somebody, or oneself."""
        self.alone.offer(receiver or self.alone.who.id)

    @rule(covered=st.sampled_from((VISITOR, TEACHER)), is_student=st.booleans())
    def writes_a_rota(self, covered: PractitionerId, *, is_student: bool) -> None:
        """For oneself."""
        self.alone.write_cover(covered, is_student=is_student)

    @rule()
    def lists_themselves_as_a_lead(self) -> None:
        """Both hands are theirs."""
        self.alone.list_as_lead()

    @rule()
    def registers_a_feed(self) -> None:
        """Both hands are theirs."""
        self.alone.register_feed()

    @rule()
    def types_a_file(self) -> None:
        """Which is read in as their agency's."""
        self.alone.type_a_file()

    @rule(with_whom=st.sampled_from(WithWhom), is_typed=st.booleans())
    def says_that_they_are_there(self, with_whom: WithWhom, *, is_typed: bool) -> None:
        """Whoever it is."""
        self.alone.begin_presence(with_whom, is_typed=is_typed)

    @rule()
    def guesses_a_code(self) -> None:
        """More often than one may."""
        self.alone.guess_code(*(f"{number:06}" for number in range(7)))

    @rule(way=st.sampled_from(Way), answer=st.sampled_from(ConfirmingAnswer))
    def confirms_that_it_is_them(self, way: Way, answer: ConfirmingAnswer) -> None:
        """By every account that they have."""
        self.alone.confirm_presence(way, answer)

    @rule(refused=_some_categories)
    def writes_a_sheet(self, refused: frozenset[Category]) -> None:
        """A no on it counts."""
        self.alone.write_sheet(*refused)

    @rule(about=st.booleans())
    def adds_to_the_story(self, *, about: bool) -> None:
        """Also about the mother."""
        self.alone.add_story(*([self.world.mother] if about else []))

    @rule(purpose=st.sampled_from((Purpose.DIRECT_CARE, Purpose.SAFEGUARDING)))
    def changes_the_story(self, purpose: Purpose) -> None:
        """Corrects, confirms and keeps it."""
        self.alone.change_story(purpose)

    @rule()
    def searches(self) -> None:
        """By number."""
        self.alone.search()

    @rule(scope=st.sampled_from(RestrictionScope))
    def places_a_restriction(self, scope: RestrictionScope) -> None:
        """Of the child."""
        self.alone.protect(scope)

    @rule(
        allowed=st.none() | st.frozensets(st.sampled_from(_LET_IN), max_size=4),
        scope=st.sampled_from(RestrictionScope),
        safely=st.booleans(),
    )
    def changes_restrictions(
        self, allowed: frozenset | None, scope: RestrictionScope, *, safely: bool
    ) -> None:
        """Lifts them, or lets in whomever they like, themselves too."""
        let_in = None if allowed is None else allowed | {self.alone.who.id}
        self.alone.change_restrictions(Change(let_in, scope, safely))

    @rule(worker=st.sampled_from((VISITOR, TEACHER, COLLEAGUE, STRANGER)))
    def excludes(self, worker: PractitionerId) -> None:
        """Somebody whom the family is said to have named."""
        self.alone.exclude(worker)

    @rule()
    def ends_exclusions(self) -> None:
        """All of them."""
        self.alone.end_exclusions()

    @rule()
    def opens_an_emergency(self) -> None:
        """The one exception."""
        self.alone.open_emergency()

    @rule()
    def closes(self) -> None:
        """What is open for minutes."""
        self.alone.close()

    @rule(answer=st.sampled_from(Answer), is_joined_by_a_program=st.booleans())
    def says_who_is_one(self, answer: Answer, *, is_joined_by_a_program: bool) -> None:
        """Of the child and a family of their own, and of two who are one."""
        self.alone.say_who_is_one(answer, is_joined_by_a_program=is_joined_by_a_program)

    @rule(hours=st.sampled_from((1, 24, 72)))
    def lets_time_pass(self, hours: int) -> None:
        """Which ends some things."""
        self.alone.let_pass(timedelta(hours=hours))

    @invariant()
    def nothing_is_seen_that_was_not_seen_before(self) -> None:
        """By them, but what an emergency opens, while it does."""
        if hasattr(self, "alone"):
            self._sees_no_more(self.alone.who.id)

    @invariant()
    def nobody_who_works_with_them_is_left_in_the_dark(self) -> None:
        """But whom the family is said to have named: each by themselves, and no more than three."""
        if not hasattr(self, "alone"):
            return
        with unit_of_work(self._acting.portal) as work:
            for reader in {VISITOR, TEACHER} - self.alone.excluded:
                found = work.relationships.may_open(reader, [self.world.child])
                assert not found[self.world.child].is_restricted, reader

    @property
    def _beside(self) -> Collection[PractitionerId]:
        """Others of their agency, and a stranger."""
        actor = self.alone.who.id if hasattr(self, "alone") else STRANGER
        return {*colleagues_of(actor), STRANGER} - {actor}

    def _sees_no_more(self, reader: PractitionerId) -> None:
        may = seen_before(self.world, reader)
        if self._is_open(reader):
            may |= seen_in_an_emergency(self.world, reader)
        more = seen_now(self.world, reader, self._acting.portal) - may
        assert not more, (self.alone.who.id, reader, sorted(more))

    def _is_open(self, reader: PractitionerId) -> bool:
        opened = self.alone.last_emergency
        is_theirs = opened is not None and reader == self.alone.who.id
        return is_theirs and self.world.clock.now() < opened + LASTS

    def _one(self, which: int):  # noqa: ANN202 a decision's id
        return self.alone.made[which % len(self.alone.made)]


def test_no_sequence_of_one_persons_acts_opens_anything(alone: AloneWorld):
    """Of any role; but for what they open in an emergency."""

    class Here(OnePersonAlone):
        world = alone

    run_state_machine_as_test(
        Here,
        settings=settings(
            max_examples=_EXAMPLES,
            stateful_step_count=_STEPS,
            deadline=None,
            phases=[Phase.generate],  # a history of six acts is read as it is
            suppress_health_check=list(HealthCheck),
        ),
    )
