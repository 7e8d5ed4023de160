"""Whatever one person does about sharing, and in whatever order, opens nothing to their agency."""

import os
from collections.abc import Callable
from datetime import timedelta
from itertools import product

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from consent import AccessRequest, Practitioner, decide
from consent.agreement import Agency
from consent.circumstances import InvalidationReason
from consent.decisions.changing import end_decision, invalidate_decision, withdraw_decision
from consent.decisions.confirming import confirm_decision
from consent.decisions.keeping import Asker, Recorded
from consent.decisions.objecting import ObjectTo, object_to
from consent.decisions.recording import record_decision
from consent.errors import DecisionInvalidError
from consent.lawfulness import Basis, Gateway
from consent.model import (
    Decider,
    DeciderKind,
    LegitimateRelationship,
    Mode,
    RelationshipGround,
    Response,
    SharingDecision,
)
from schemas.vocabulary import Category, Purpose, Role, Source
from tests.support.builders import BOTH_HANDS, DAY, FATHER, MOTHER, NOW, VISITOR
from tests.support.consents.deciding_world import ACTOR, JUDGED, WREN, World, an_order

_EXAMPLES = int(os.environ.get("TELL_ONCE_ORACLE_EXAMPLES", "25"))
ALONE = Asker(VISITOR, Agency.HEALTH_VISITING, case_load_since=NOW - DAY)
NAMES = (
    *(f"agency:{agency}" for agency in Agency),
    "role:practitioner",
    f"practitioner:{VISITOR}",
)
SUBJECT = WREN
CATEGORIES = (Category.CHILD_HEALTH, Category.EDUCATION)
PURPOSES = (Purpose.DIRECT_CARE, Purpose.SAFEGUARDING)
SOURCES = (Source.HEALTH_VISITING, Source.SCHOOLS)


def _some(values: tuple) -> st.SearchStrategy[frozenset]:
    return st.frozensets(st.sampled_from(values), max_size=2)


_deciders = st.sampled_from((MOTHER, FATHER, Decider(DeciderKind.YOUNG_PERSON, "wren")))
_said = st.fixed_dictionaries(
    {
        "response": st.sampled_from((Response.GIVEN, Response.GIVEN, Response.REFUSED)),
        "categories": _some(CATEGORIES).map(lambda some: some or frozenset(CATEGORIES)),
        "purposes": _some(PURPOSES).map(lambda some: some or frozenset(PURPOSES)),
        "recipients": _some(NAMES),
        "sources": _some(SOURCES),
        "mode": st.sampled_from((None, *Mode)),
        "basis": st.sampled_from((Basis.CONSENT, Basis.PUBLIC_TASK, Basis.LEGAL_OBLIGATION)),
        "decided_by": _deciders,
        "days": st.sampled_from((None, 1, 3)),
    }
)
_which = st.integers(0, 20)


class OnePersonAlone(RuleBasedStateMachine):
    """A health visitor with a case-load, where a family and others have decided some things."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World(asker=BOTH_HANDS)
        self.person = self.world.persons.resolve_or_create(SUBJECT, at=NOW)
        self.before: tuple[SharingDecision, ...] = ()

    @initialize(said=st.lists(_said, max_size=3))
    def others_decide(self, said: list[dict]) -> None:
        """With two hands, before."""
        for one in said:
            self._try(lambda one=one: self._record(one))
        self.before = self._decisions()
        self.world.asker = ALONE

    @rule(said=_said, supersedes=st.none() | _which)
    def records(self, said: dict, supersedes: int | None) -> None:
        """Anything, also in the place of something."""
        old = None if supersedes is None else self._one(supersedes)
        if old is None:
            self._try(lambda: self._record(said))
        else:
            as_before = {"decided_by": old.decided_by, "supersedes": old.id}
            self._try(lambda: self._record(said | as_before))

    @rule(which=_which)
    def withdraws(self, which: int) -> None:
        """Anything."""
        self._do(which, lambda d: withdraw_decision(d.id, actor=ACTOR, deciding=self._deciding))

    @rule(which=_which)
    def ends(self, which: int) -> None:
        """Anything."""
        self._do(which, lambda d: end_decision(d.id, actor=ACTOR, deciding=self._deciding))

    @rule(which=_which)
    def invalidates(self, which: int) -> None:
        """Anything."""
        why = InvalidationReason.WRONG_PERSON
        deciding = self._deciding
        self._do(which, lambda d: invalidate_decision(d.id, why, actor=ACTOR, deciding=deciding))

    @rule(which=_which)
    def objects(self, which: int) -> None:
        """To anything, for the mother."""
        deciding = self._deciding
        self._do(which, lambda d: object_to(ObjectTo(d.id, MOTHER, ACTOR), deciding=deciding))

    @rule(which=_which)
    def confirms(self, which: int) -> None:
        """What waits for somebody else."""
        self._do(which, lambda d: confirm_decision(d.id, actor=ACTOR, deciding=self._deciding))

    @rule(hours=st.sampled_from((6, 24, 72)))
    def lets_time_pass(self, hours: int) -> None:
        """Which ends some things."""
        self.world.clock.pass_by(timedelta(hours=hours))

    @invariant()
    def nothing_is_open_that_was_not(self) -> None:
        """To anybody of the agency, in any role, whatever is asked."""
        at = self.world.clock.now()
        told = self.world.decisions.on_record([self.person])[self.person]
        without = type(told)(self.before, told.restrictions, told.agreements)
        for request in self._everything():
            if decide(request, told).is_permitted:
                assert decide(request, without).is_permitted, (request, at)

    def _everything(self) -> list[AccessRequest]:
        at, person = self.world.clock.now(), self.person
        relationship = LegitimateRelationship(
            VISITOR, person, RelationshipGround.CASE_LOAD, NOW - DAY
        )
        who = Practitioner(VISITOR, Role.PRACTITIONER, Source.HEALTH_VISITING, (relationship,))
        asked = product(CATEGORIES, SOURCES, PURPOSES, Mode)
        return [AccessRequest((person,), c, s, who, at, p, mode=m) for c, s, p, m in asked]

    @property
    def _deciding(self):  # noqa: ANN202 as the world says
        return self.world.deciding

    def _decisions(self) -> tuple[SharingDecision, ...]:
        return self.world.decisions.on_record([self.person])[self.person].decisions

    def _one(self, which: int) -> SharingDecision | None:
        known = self._decisions()
        return known[which % len(known)] if known else None

    def _record(self, said: dict) -> Recorded:
        said = dict(said)
        days = said.pop("days")
        until = None if days is None else self.world.clock.now() + days * DAY
        is_young = said["decided_by"].kind is DeciderKind.YOUNG_PERSON
        more = {"circumstances": JUDGED} if is_young else {}
        is_duty = said["basis"] is Basis.LEGAL_OBLIGATION
        law = {"gateways": frozenset({Gateway.CHILDREN_ACT_2004_S11})} if is_duty else {}
        order = an_order(subjects=(self.person,), until=until, **said, **more, **law)
        return record_decision(order, deciding=self._deciding)

    def _do(self, which: int, act: Callable[[SharingDecision], object]) -> None:
        decision = self._one(which)
        if decision is not None:
            self._try(lambda: act(decision))

    @staticmethod
    def _try(act: Callable[[], object]) -> None:
        try:
            act()
        except DecisionInvalidError:
            return


TestOnePersonAlone = OnePersonAlone.TestCase
TestOnePersonAlone.settings = settings(
    max_examples=_EXAMPLES,
    stateful_step_count=6,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
