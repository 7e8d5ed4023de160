"""Adopting an agreement: one transaction holds the version, its proof and the news of it."""

from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256

import pytest

from consent.agreement import Agreement
from consent.agreements.adopting import AdoptAgreement, Adopted, Adopting, adopt_agreement
from consent.errors import AgreementInvalidError
from consent.ledger.events import LedgerEvent
from schemas.envelope import EventType
from schemas.topics import SHARING_DECISIONS
from schemas.vocabulary import Purpose
from tests.support.builders import CHILD, MOTHER_ID, NOW, SIBLING, a_rule, an_agreement
from tests.support.clock import StandingClock
from tests.support.consents.agreements import file_of
from tests.support.fakes.fake_agreements import FakeAgreements
from tests.support.fakes.fake_decisions import FakeOutbox
from tests.support.fakes.fake_ledger import FakeLedger

PERSONS = (CHILD, SIBLING, MOTHER_ID)
NARROW = an_agreement(a_rule(purposes=[Purpose.DIRECT_CARE]), version="test-2")
PAST = an_agreement(valid_until=date(2026, 3, 1))
FUTURE = an_agreement(valid_from=date(2026, 3, 3))


@dataclass
class World:
    """Everything that adopting touches; nothing is adopted yet."""

    agreements: FakeAgreements = field(default_factory=lambda: FakeAgreements(*PERSONS))
    outbox: FakeOutbox = field(default_factory=FakeOutbox)
    ledger: FakeLedger = field(default_factory=FakeLedger)

    def adopt(self, agreement: Agreement, *, although_not_valid: bool = False) -> Adopted:
        """Adopt it now."""
        order = AdoptAgreement(file_of(agreement), "job:test", although_not_valid)
        clock = StandingClock()
        return adopt_agreement(
            order, adopting=Adopting(self.agreements, self.outbox, self.ledger, clock)
        )


@pytest.fixture
def world() -> World:
    """Give ports of which nothing is known yet."""
    return World()


def test_an_agreement_its_entry_and_the_news_of_it_go_together(world: World):
    """Everybody about whom something is decided is looked at again."""
    adopted = world.adopt(NARROW)

    (kept,) = world.agreements.lock_and_list()
    (entry,) = world.ledger.of(LedgerEvent.AGREEMENT_ADOPTED)
    assert (kept.agreement, kept.adopted_at, kept.adopted_by) == (NARROW, NOW, "job:test")
    assert entry.fields["version"] == "test-2"
    assert entry.fields["sha256"] == kept.sha256 == sha256(file_of(NARROW)).hexdigest()
    assert entry.fields["adoption"] == kept.id
    assert adopted.persons == len(PERSONS)
    assert {event.key for event in world.outbox.events} == set(PERSONS)
    assert {(e.topic, e.type) for e in world.outbox.events} == {
        (SHARING_DECISIONS, EventType.DECISION_CHANGED)
    }
    assert all(kept.id.encode() in event.data for event in world.outbox.events)


def test_adopting_what_is_adopted_changes_nothing(world: World):
    """A command may be run twice."""
    first = world.adopt(NARROW)
    again = world.adopt(NARROW)

    assert again == Adopted(first.adoption, None)
    assert len(world.ledger.appended) == 1
    assert len(world.outbox.events) == len(PERSONS)


def test_a_version_says_one_thing_for_ever(world: World):
    """Whoever reads the ledger must find what it named."""
    world.adopt(NARROW)

    with pytest.raises(AgreementInvalidError, match="version: was-adopted-with-another-content"):
        world.adopt(an_agreement(version="test-2"))

    assert len(world.agreements.lock_and_list()) == 1


def test_an_earlier_version_may_be_adopted_again(world: World):
    """It counts from then on, although no time has passed by the clock."""
    for agreement in (NARROW, an_agreement(), NARROW):
        world.adopt(agreement)

    times = [adoption.adopted_at for adoption in world.agreements.lock_and_list()]
    assert times == sorted(set(times))
    assert len(times) == 3


@pytest.mark.parametrize(("agreement", "element"), [(PAST, "valid_until"), (FUTURE, "valid_from")])
def test_an_agreement_that_is_not_valid_today_is_not_adopted_by_mistake(
    world: World, agreement: Agreement, element: str
):
    """It would deny everything from now on; who means that can say so."""
    with pytest.raises(AgreementInvalidError, match=f"^{element}: is-in-the-"):
        world.adopt(agreement)

    assert world.agreements.lock_and_list() == ()
    assert world.adopt(agreement, although_not_valid=True).entry_id is not None


def test_what_cannot_be_read_is_not_adopted(world: World):
    """Nothing is kept, entered or announced."""
    order = AdoptAgreement(b"{}", "job:test")
    adopting = Adopting(world.agreements, world.outbox, world.ledger, StandingClock())

    with pytest.raises(AgreementInvalidError, match=r"^agreement: lacks"):
        adopt_agreement(order, adopting=adopting)

    assert (world.agreements.lock_and_list(), world.ledger.appended) == ((), ())
