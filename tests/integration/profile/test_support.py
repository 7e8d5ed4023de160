"""Help wanted, next steps and who is involved on their way: written, decided, stored, read."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from consent.decisions.restrictions import place_restriction
from consent.ledger.events import LedgerEvent
from consent.model import RelationshipGround, Response, RestrictionScope
from schemas.identifiers import DecisionId, PersonId
from schemas.records.payloads import FactStatus, Period, Plan
from schemas.vocabulary import Category, Purpose, Source
from services.people.practitioners.people import SignedInPractitioner
from services.portal.services import PortalOnDatabase
from services.profile.model import Profile
from services.profile.story.support import (
    Answer,
    HelpSaid,
    InvolvedSaid,
    StepSaid,
    SupportForm,
    SupportOutcome,
)
from services.work import Outside, unit_of_work
from services.workers.rebuild import Origin
from tests.support.builders import BOTH_HANDS, TEACHER, VISITOR
from tests.support.clock import StandingClock
from tests.support.consents.issuing import AN_ISSUER
from tests.support.fakes.in_process import InProcess
from tests.support.messages.source_messages import a_message, a_record, the_child
from tests.support.people.relating import relate
from tests.support.rebuilding import rebuilt

pytestmark = pytest.mark.postgres

CARE = Purpose.DIRECT_CARE
ONCE, AGAIN = "a" * 32, "b" * 32
SLEEP = HelpSaid("Sleep in both homes")
CLUB = HelpSaid("Friday pick-up", "Breakfast club", FactStatus.UNDER_WAY)
RING = StepSaid("Ring speech therapy", "Tom", "2026-12-03")
NUMBER = InvolvedSaid("01632 960 401")
PLAN = Plan("cin", "Child in need plan", Period("2026-01-01"))


@dataclass(frozen=True, slots=True)
class _Shared:
    """A family that shares everything, with a health visitor and a teacher who work with it."""

    running: InProcess
    services: PortalOnDatabase
    child: PersonId
    yes: DecisionId

    def who(self, practitioner: str) -> SignedInPractitioner:
        people = self.services.demonstration_people()
        return next(one for one in people if one.id == practitioner)

    def read(self, practitioner: str = VISITOR) -> Profile:
        profile = self.services.read_profile(self.who(practitioner), self.child, CARE)
        assert isinstance(profile, Profile)
        return profile

    def shown(self, practitioner: str = VISITOR) -> set[str]:
        """What of it all a practitioner is shown, once it has come round."""
        self.running.settle()
        profile = self.read(practitioner)
        return {
            *(view.wanted.text for view in profile.help_wanted),
            *(view.step.text for view in profile.next_steps),
            *(str(v.practitioner_name) for v in profile.practitioners if v.is_first_hand),
        }

    def help(self, said: HelpSaid, entry: str | None = None, once: str = ONCE) -> Answer:
        return self.services.support.say_help(
            self.who(VISITOR), self.child, said, SupportForm(once, CARE, entry)
        )

    def step(self, said: StepSaid) -> Answer:
        form = SupportForm(ONCE, CARE)
        return self.services.support.say_step(self.who(VISITOR), self.child, said, form)

    def involve(self) -> Answer:
        form = SupportForm(ONCE, CARE)
        return self.services.support.say_involved(self.who(VISITOR), self.child, NUMBER, form)


@pytest.fixture
def shared(outside: Outside, clock: StandingClock) -> Iterator[_Shared]:
    del clock  # stands still: versions of one moment are told apart
    with InProcess.running(outside) as running:
        yes = running.decide(the_child()).decision
        (child,) = yes.subjects
        with unit_of_work(running.portal) as work:
            for practitioner in (VISITOR, TEACHER):
                relate(work, practitioner, child, RelationshipGround.REFERRAL)
        services = PortalOnDatabase(running.portal, demonstration=True, receipts=AN_ISSUER)
        yield _Shared(running, services, child, yes.id)


def test_what_is_sent_twice_before_it_came_round_is_entered_once(shared: _Shared):
    """In the profile, and in the ledger: by whom, of whom, which sort, and no word of it."""
    for _ in range(2):
        assert shared.help(SLEEP) is SupportOutcome.WRITTEN
        assert shared.step(RING) is SupportOutcome.WRITTEN
        assert shared.involve() is SupportOutcome.WRITTEN

    visitor = shared.who(VISITOR).name
    assert shared.shown() == {SLEEP.text, RING.text, visitor}
    entries = shared.running.ledger(LedgerEvent.SUPPORT_WRITTEN)
    told = {(str(e.fields["kind"]), str(e.fields["status"])) for e in entries}
    assert told == {("help-wanted", "planned"), ("next-step", "planned"), ("involvement", "holds")}
    assert len(entries) == 3
    assert {e.actor for e in entries} == {f"practitioner:{VISITOR}"}
    assert all(list(e.fields["subjects"]) == [shared.child] for e in entries)
    written = b"".join(entry.body for entry in entries)
    assert not any(word.encode() in written for word in (SLEEP.text, RING.text, NUMBER.telephone))


def test_it_is_shown_as_the_family_decides_and_goes_with_its_yes(shared: _Shared):
    """To each service what it may see; after a withdrawal nothing is left in the profile."""
    shared.help(SLEEP)
    shared.involve()
    assert SLEEP.text in shared.shown(TEACHER)
    shared.running.decide(
        shared.child,
        response=Response.REFUSED,
        categories=[Category.EARLY_HELP],
        recipients=frozenset({f"agency:{Source.SCHOOLS}"}),
    )

    assert shared.shown(TEACHER) == {shared.who(VISITOR).name}
    assert SLEEP.text in shared.shown(VISITOR)
    shared.running.withdraw(shared.yes)
    shared.running.settle()
    hub = [r for r in shared.running.stored(shared.child) if r.source is Source.FAMILY_HUB]
    assert hub == []


def test_only_who_wrote_it_changes_it(shared: _Shared):
    """Another who reads it cannot, nor take it back, nor say that its writer is not involved."""
    shared.help(SLEEP)
    shared.involve()
    shared.shown()
    (view,) = shared.read(TEACHER).help_wanted
    teacher, support = shared.who(TEACHER), shared.services.support
    form = SupportForm(AGAIN, CARE, view.key)

    answers = (
        support.say_help(teacher, shared.child, CLUB, form),
        support.take_back(teacher, shared.child, form),
        support.take_back(teacher, shared.child, SupportForm(AGAIN, CARE)),
        support.say_involved(
            teacher, shared.child, InvolvedSaid("", is_over=True), SupportForm(AGAIN, CARE)
        ),
    )

    assert answers == (SupportOutcome.NOT_THEIRS,) * 4
    assert shared.shown() == {SLEEP.text, shared.who(VISITOR).name}


def test_what_was_taken_back_is_in_no_profile(shared: _Shared):
    """Nor in one that is built anew from the bus; what stands otherwise by then stands so."""
    shared.help(SLEEP)
    shared.help(CLUB, once=AGAIN)
    shared.shown()
    keys = {view.wanted.text: view.key for view in shared.read().help_wanted}
    who, support = shared.who(VISITOR), shared.services.support
    form = SupportForm(AGAIN, CARE, keys[SLEEP.text])
    assert support.take_back(who, shared.child, form) is SupportOutcome.WRITTEN
    done = HelpSaid(CLUB.text, CLUB.helper, FactStatus.ENDED)
    assert shared.help(done, keys[CLUB.text]) is SupportOutcome.WRITTEN
    assert shared.shown() == {CLUB.text}

    assert rebuilt(shared.running, Origin.BUS).compared.is_identical

    (view,) = shared.read().help_wanted
    assert (view.wanted.text, view.wanted.status) == (CLUB.text, FactStatus.ENDED)
    gone = shared.running.ledger(LedgerEvent.SUPPORT_WRITTEN)
    assert "entered-in-error" in {entry.fields["status"] for entry in gone}


def test_a_step_is_shown_to_who_is_shown_what_its_plan_is_of(shared: _Shared):
    """A step of a plan of social care is of social care too."""
    message = a_message(
        "m1", a_record("plan", PLAN, Category.SOCIAL_CARE), source=Source.SOCIAL_CARE
    )
    shared.running.receive(message)
    shared.shown()
    (plan,) = shared.read().plans

    assert shared.step(StepSaid(RING.text, RING.who, plan=plan.key)) is SupportOutcome.WRITTEN

    assert RING.text in shared.shown(TEACHER)
    (view,) = shared.read().next_steps
    assert (view.step.plan, view.category) == (plan.key, Category.SOCIAL_CARE)
    shared.running.decide(
        shared.child,
        response=Response.REFUSED,
        categories=[Category.SOCIAL_CARE],
        recipients=frozenset({f"agency:{Source.SCHOOLS}"}),
    )
    assert RING.text not in shared.shown(TEACHER)


def test_who_helps_and_where_is_hidden_with_the_place(shared: _Shared):
    """As with every source that says who works with somebody: it tells where they are seen."""
    shared.help(SLEEP)
    shared.help(CLUB, once=AGAIN)
    shared.step(RING)
    shared.involve()
    shared.shown()

    with unit_of_work(shared.running.portal) as work:
        place_restriction(
            shared.child,
            RestrictionScope.LOCATION,
            (VISITOR,),
            actor="job:test",
            deciding=work.deciding(BOTH_HANDS),
        )

    assert shared.shown(TEACHER) == {SLEEP.text}
    assert shared.shown(VISITOR) >= {SLEEP.text, CLUB.text, RING.text}


def test_saying_that_one_is_involved_opens_nothing(shared: _Shared):
    """It is no relationship: the agency can be rung, and that is all."""
    before = shared.running.count("relationship")

    shared.involve()
    shared.shown()

    assert shared.running.count("relationship") == before
    assert shared.running.count("case_load") == 1
