"""Whatever one person sends to the pages, and in whatever order, they read no more than before."""

import os
from contextlib import ExitStack
from datetime import datetime
from functools import cache

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

from consent.circumstances import InvalidationReason
from consent.lawfulness import Basis
from consent.model import Response, RestrictionScope
from consent.question import EMERGENCY_OPENS
from schemas.identifiers import PractitionerId
from schemas.vocabulary import Category, Purpose, Source
from services.people.presence.model import ConfirmingAnswer, Way, WithWhom
from services.people.relationships.emergency import LASTS
from services.portal.frame.session import FormPurpose
from tests.support.builders import TEACHER, VISITOR
from tests.support.people.alone_world import (
    ACTORS,
    ROLES,
    STRANGER,
    TWIN,
    WORDS,
    AloneWorld,
)
from tests.support.people.posting_alone import PostingAlone, Read, posting
from tests.support.people.presence_world import COLLEAGUE
from tests.support.people.seen import OWN_WORDS
from tests.support.portal.pages import Form
from tests.support.rolled_back import rolled_back

pytestmark = pytest.mark.postgres

# A history here takes ten times as long as one over the use cases.
_EXAMPLES = max(2, int(os.environ.get("TELL_ONCE_ALONE_EXAMPLES", "10")) // 10)
_STEPS = 6
_who = st.sampled_from((*ACTORS, VISITOR, VISITOR, TEACHER, STRANGER, STRANGER))
_which = st.integers(0, 20)
_NAMES = ("Maria Quillfeather", "Ivo Marlow", "Eve Twin", "")


def _some(*options: str) -> st.SearchStrategy[list[str]]:
    """All of these, or any."""
    return st.just(list(options)) | st.lists(st.sampled_from(options), unique=True, max_size=3)


_said = st.fixed_dictionaries(
    {
        "decided-by": st.sampled_from(
            ("mother", "father", "other-parent", "young-person", "adult-self", "practitioner")
        ),
        "decider-name": st.sampled_from(_NAMES),
        "response": st.sampled_from(("given", *(one.value for one in Response))),
        "basis": st.sampled_from([one.value for one in Basis]),
        "categories": _some(*(one.value for one in Category)),
        "purposes": _some(*(one.value for one in Purpose)),
        "recipients": st.sampled_from((["everyone"], *([one.value] for one in Source))),
        "sources": st.sampled_from((["every-source"], *([one.value] for one in Source))),
        "gateways": st.sampled_from(([], ["children-act-1989-s47"], ["children-act-2004-s10"])),
        "article-9": st.sampled_from(("", "art-9-2-g", "art-9-2-h")),
        "why-refused": st.just("not-said"),
        "why-not-asked": st.just("would-raise-risk"),
        "channel": st.just("in-person"),
        "present": st.sampled_from((["alone"], ["partner-present"])),
        "competence": _some("shared", "who", "consequences", "weighs", "freely"),
        "presumed-competent": st.sampled_from(("", "yes")),
        "reason": st.sampled_from([one.value for one in InvalidationReason]),
    }
)
_CHANGES = {
    "withdraw": FormPurpose.WITHDRAW_DECISION,
    "end": FormPurpose.END_DECISION,
    "invalidate": FormPurpose.INVALIDATE_DECISION,
    "object": FormPurpose.OBJECT_TO_DECISION,
    "replace": FormPurpose.REPLACE_DECISION,
    "confirm": FormPurpose.CONFIRM_DECISION,
}
_STORY = {
    "correct": FormPurpose.CORRECT_STORY,
    "confirm": FormPurpose.CONFIRM_STORY,
    "keep": FormPurpose.KEEP_STORY,
}
_TOLD: Form = {"told-by": "mother", "text": OWN_WORDS, "words": OWN_WORDS}
_ALARM: Form = {"reason": "child-missing", "why": "not-reached", "words": OWN_WORDS}


class OnePersonOverHttp(RuleBasedStateMachine):
    """Somebody of any role, by every form that there is, shown to them or not."""

    world: AloneWorld

    def __init__(self) -> None:
        super().__init__()
        self._began = self.world.clock.now()
        self._history = ExitStack()
        self._opened_at: datetime | None = None
        self._accounts: tuple[PractitionerId, ...] = ()
        self.alone: PostingAlone

    def teardown(self) -> None:
        """It is as if nothing had been."""
        self._history.close()
        self.world.clock.pass_by(self._began - self.world.clock.now())

    @initialize(actor=_who)
    def comes_upon_the_family(self, actor: PractitionerId) -> None:
        """With every account of the same human being's."""
        others = (TWIN, *ROLES.values()) if actor in ROLES.values() else ()
        self._accounts = tuple(dict.fromkeys((actor, *others)))
        # Histories of their own, which are over before this one begins.
        self._before = _before(self.world, actor)
        self._in_an_emergency = _in_an_emergency(self.world, actor)
        acting = self._history.enter_context(rolled_back(self.world.running.outside))
        self.alone = self._history.enter_context(posting(self.world, acting, actor))

    @rule(said=_said, of_the_mother=st.booleans())
    def records(self, said: Form, *, of_the_mother: bool) -> None:
        """Anything, of the child or of the mother, by their address."""
        person = self.world.mother if of_the_mother else self.world.child
        address = f"/families/{person}/consent/new"
        self.alone.send(address, FormPurpose.RECORD_DECISION, said)

    @rule(said=_said, which=st.integers(0, 1))
    def records_by_number(self, said: Form, which: int) -> None:
        """Without having opened anybody."""
        form = {**said, **self.alone.typed(which)}
        self.alone.send("/record-a-decision", FormPurpose.RECORD_DECISION, form)

    @rule(said=_said, which=_which, what=st.sampled_from(sorted(_CHANGES)))
    def changes(self, said: Form, which: int, what: str) -> None:
        """Any decision that there is, in any way."""
        decision = self._one("sharing_decision", "decision_id", which)
        address = f"{self._family}/consent/{decision}/{what}"
        self.alone.send(address, _CHANGES[what], said)

    @rule()
    def asks_to_work_with_them(self) -> None:
        """And accepts every request that there is, by every account."""
        address = "/ask-to-work-with"
        form = {**self.alone.typed(0), "words": OWN_WORDS}
        self.alone.send(address, FormPurpose.ASK_TO_WORK_WITH, form)
        for asked in self.alone.ids("relationship_request", "request_id"):
            accepts = {"answer": "accept"}
            self._by_every_account(f"/requests/{asked}/answer", FormPurpose.ANSWER_REQUEST, accepts)

    @rule(whom=st.sampled_from(WithWhom), is_typed=st.booleans())
    def says_that_they_are_there(self, whom: WithWhom, *, is_typed: bool) -> None:
        """Whoever it is."""
        form = {**self.alone.typed(0), "with": whom.value, "room": ["alone"]}
        address = "/here" if is_typed else f"{self._family}/here"
        self.alone.send(address, FormPurpose.FAMILY_IS_HERE, form)

    @rule(code=st.sampled_from(("000000", "123456")))
    def guesses_a_code(self, code: str) -> None:
        """That was sent to somebody else, if to anybody."""
        here = f"/here/{self.alone.presence}"
        self.alone.send(f"{here}/code", FormPurpose.CONFIRM_FAMILY, {}, shown_at=here)
        self.alone.send(
            f"{here}/typed-code",
            FormPurpose.CONFIRM_FAMILY,
            {"code": code},
            shown_at=f"{here}/code",
        )

    @rule(way=st.sampled_from(Way), answer=st.sampled_from(ConfirmingAnswer))
    def confirms_that_it_is_them(self, way: Way, answer: ConfirmingAnswer) -> None:
        """Asks somebody else, and answers by every account."""
        here = f"/here/{self.alone.presence}"
        asked = {"way": way.value}
        self.alone.send(f"{here}/request", FormPurpose.CONFIRM_FAMILY, asked, shown_at=here)
        door = "colleagues" if way is Way.COLLEAGUE else "officer"
        for one in self.alone.ids("presence_request", "request_id"):
            answered = {"answer": answer.value}
            self._by_every_account(f"/{door}/{one}", FormPurpose.ANSWER_CONFIRMATION, answered)

    @rule(refused=_some(*(one.value for one in Category)))
    def writes_a_sheet(self, refused: list[str]) -> None:
        """A no on it counts."""
        address = f"/here/{self.alone.presence}/sheet"
        form = {"story": OWN_WORDS, "proposed": OWN_WORDS, "refused": refused}
        self.alone.send(address, FormPurpose.WRITE_SHEET, form)

    @rule()
    def adds_to_the_story(self) -> None:
        """Also about the mother."""
        form = {**_TOLD, "about": [self.world.mother]}
        self.alone.send(f"{self._family}/story/new", FormPurpose.ADD_STORY, form)

    @rule(what=st.sampled_from(sorted(_STORY)), which=_which)
    def changes_the_story(self, what: str, which: int) -> None:
        """Corrects, confirms and keeps whatever of it there is."""
        entry = self._one("record", "record_key", which)
        self.alone.send(f"{self._family}/story/{entry}/{what}", _STORY[what], _TOLD)

    @rule(scope=st.sampled_from([one.value for one in RestrictionScope]))
    def protects(self, scope: str) -> None:
        """At once, from others."""
        here = f"{self._family}/protection"
        self.alone.send(f"{here}/place", FormPurpose.PROTECT, {"scope": scope}, shown_at=here)

    @rule(change=st.sampled_from(("lift", "last")))
    def ends_protection(self, change: str) -> None:
        """Asks for every restriction there is, and answers by every account."""
        here = f"{self._family}/protection"
        for restriction in self.alone.ids("restriction", "restriction_id"):
            asked = {"restriction": restriction, "change": change, "asked-safely": "yes"}
            self.alone.send(f"{here}/ask", FormPurpose.PROTECT, asked, shown_at=here)
        for order in self.alone.ids("two_hands_order", "order_id"):
            confirms = {"order": order, "answer": "confirm"}
            self._by_every_account(f"{here}/answer", FormPurpose.PROTECT, confirms)

    @rule(name=st.sampled_from(("Amara Okafor", "Tom Bartlett", "Ruth Vane")))
    def names_a_worker(self, name: str) -> None:
        """As if the family had."""
        address = f"{self._family}/consent/who-must-not-see"
        self.alone.send(address, FormPurpose.NAME_EXCLUDED, {"worker": name})

    @rule()
    def opens_an_emergency(self) -> None:
        """The one exception."""
        if _opens_an_emergency(self.alone):
            self._opened_at = self.world.clock.now()

    @rule()
    def closes(self) -> None:
        """What is open for minutes."""
        self.alone.send(f"{self._family}/close", FormPurpose.CLOSE_FAMILY, {}, shown_at="/")

    @rule(hours=st.sampled_from((1, 24, 72)))
    def lets_time_pass(self, hours: int) -> None:
        """Which ends some things."""
        self.world.clock.pass_by(LASTS * 2 * hours)

    @invariant()
    def nothing_is_read_that_was_not_read_before(self) -> None:
        """But what an emergency opens, while it does."""
        if not hasattr(self, "alone"):
            return
        may = self._before
        if self._opened_at is not None and self.world.clock.now() < self._opened_at + LASTS:
            may |= self._in_an_emergency
        more = self.alone.read() - may
        assert not more, (self.alone.who, sorted(more))

    @property
    def _family(self) -> str:
        return f"/families/{self.world.child}"

    def _one(self, table: str, column: str, which: int) -> str:
        found = self.alone.ids(table, column)
        return found[which % len(found)]

    def _by_every_account(self, address: str, purpose: FormPurpose, form: Form) -> None:
        for account in self._accounts:
            self.alone.sign_in(account)
            self.alone.send(address, purpose, form)
        self.alone.sign_in(self.alone.who)


def _opens_an_emergency(alone: PostingAlone) -> bool:
    """By a fresh sign-in, about the number of the child; whether it did."""
    alone.sign_in(alone.who)
    form = {**alone.typed(0), **_ALARM}
    answer = alone.send("/emergency", FormPurpose.EMERGENCY, form)
    return answer.headers.get("location", "").startswith("/families/")


def test_no_sequence_of_forms_that_one_person_sends_shows_them_anything(alone: AloneWorld):
    """Of any role; nor is a system that may speak for them told anything."""

    class Here(OnePersonOverHttp):
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


@cache
def _before(world: AloneWorld, reader: PractitionerId) -> Read:
    with rolled_back(world.running.outside) as acting, posting(world, acting, reader) as alone:
        return alone.read()


@cache
def _in_an_emergency(world: AloneWorld, reader: PractitionerId) -> Read:
    with rolled_back(world.running.outside) as acting, posting(world, acting, reader) as alone:
        began = world.clock.now()
        _opens_an_emergency(alone)
        found = alone.read()
        world.clock.pass_by(began - world.clock.now())
        return found


def test_an_emergency_shows_what_its_row_says_and_so_it_is_a_family_that_can_be_seen(
    alone: AloneWorld,
):
    """To a colleague who sees nothing of it otherwise, on pages and through a partner."""
    before, after = _before(alone, COLLEAGUE), _in_an_emergency(alone, COLLEAGUE)

    shown = {found[-1] for found in after}
    assert not before
    assert {c for c, words in WORDS.items() if words & shown} == EMERGENCY_OPENS
    assert {Category(found[1]) for found in after if found[0] == "asked"} <= EMERGENCY_OPENS
