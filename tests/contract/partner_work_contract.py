"""What everything behind the partner interfaces keeps (services.interfaces.partners.ports)."""

from abc import ABC, abstractmethod
from contextlib import AbstractContextManager, suppress
from datetime import datetime, timedelta
from typing import Protocol

import pytest

from schemas.identifiers import PractitionerId
from schemas.records.message import SourceMessage
from schemas.vocabulary import Disposition, Role, Source
from services.interfaces.partners.errors import RequestFaultyError
from services.interfaces.partners.ports import (
    Credentials,
    KnownAs,
    Pace,
    PartnerId,
    PartnerWork,
    PushedDisposition,
    Scope,
)
from tests.support.assertions import P256, RSA, public
from tests.support.clock import StandingClock
from tests.support.partners import NORTHFIELD, OTHER, a_partner

MINUTE = timedelta(minutes=1)
SCOPES = frozenset({Scope.EVENTS_SCHOOLS, Scope.DISPOSITIONS_READ})
SOURCE = Source.HEALTH_VISITING


class _RolledBackError(Exception):
    pass


class PartnerWorld(Protocol):
    """Two partners behind the ports, and the hands that keep them."""

    clock: StandingClock

    def open_work(self) -> AbstractContextManager[PartnerWork]:
        """Commit at the end of the block, roll back when it raises."""

    def enter(self, credentials: Credentials) -> None:
        """Onboard a partner."""

    def employ(
        self, practitioner: PractitionerId, agency: str, role: Role = Role.PRACTITIONER
    ) -> None:
        """Enter a practitioner, or where they work now."""

    def join(self, issuer: str, subject: str, practitioner: PractitionerId) -> None:
        """Let a sign-in open the account of somebody who is there."""

    def know_as(self, partner: PartnerId, known_as: KnownAs) -> None:
        """Say as which client a provider knows the partner."""

    def suspend(self, partner: PartnerId) -> None:
        """Suspend a partner."""

    def let_pass(self, time: timedelta) -> None:
        """Let time go by for whatever fills buckets."""

    def permit(self, message: SourceMessage) -> None:
        """Let everything of the message be shared."""


class PartnerWorkContract(ABC):
    """The suite; subclasses give the world."""

    @pytest.fixture
    @abstractmethod
    def world(self) -> PartnerWorld:
        """Give a world without partners."""

    @pytest.fixture
    def now(self, world: PartnerWorld) -> datetime:
        """Enter two partners, and tell the time."""
        for name in (NORTHFIELD, OTHER):
            keys = public(P256, RSA)
            world.enter(Credentials(a_partner(name, *SCOPES), keys, [name.encode()]))
        return world.clock.now()

    def test_a_partner_is_found_with_its_credentials(
        self, world: PartnerWorld, now: datetime
    ) -> None:
        """As they were entered; nobody else is."""
        with world.open_work() as work:
            found = work.credentials.find(NORTHFIELD, at=now)
            nobody = work.credentials.find(PartnerId("nobody"), at=now)

        assert found is not None
        assert found.partner == a_partner(NORTHFIELD, *SCOPES)
        assert {kid: dict(key) for kid, key in found.keys.items()} == public(P256, RSA)
        assert list(found.secret_hashes) == [NORTHFIELD.encode()]
        assert nobody is None

    def test_a_suspended_partner_is_found_as_such(self, world: PartnerWorld, now: datetime) -> None:
        """With the moment."""
        world.suspend(NORTHFIELD)

        with world.open_work() as work:
            found = work.credentials.find(NORTHFIELD, at=now)

        assert found is not None
        assert found.partner.suspended_at == now

    def test_a_token_is_its_partners_while_it_lasts(
        self, world: PartnerWorld, now: datetime
    ) -> None:
        """For no more than its scopes, and not after its end."""
        with world.open_work() as work:
            work.tokens.save(b"hash", NORTHFIELD, [Scope.EVENTS_SCHOOLS], until=now + MINUTE)

        with world.open_work() as work:
            work.tokens.keep_from_suspension(NORTHFIELD)
            caller = work.tokens.caller(b"hash", at=now)
            assert work.tokens.caller(b"hash", at=now + MINUTE) is None
            assert work.tokens.caller(b"other", at=now) is None

        assert caller is not None
        assert (caller.partner, caller.scopes) == (NORTHFIELD, {Scope.EVENTS_SCHOOLS})
        assert (caller.la_code, caller.token_hash) == ("999", b"hash")

    def test_a_token_is_for_no_more_than_its_partner_may_do(
        self, world: PartnerWorld, now: datetime
    ) -> None:
        """Whatever it was given for."""
        with world.open_work() as work:
            work.tokens.save(b"hash", NORTHFIELD, list(Scope), until=now + MINUTE)
            caller = work.tokens.caller(b"hash", at=now)

        assert caller is not None
        assert caller.scopes == SCOPES

    def test_a_suspended_partners_tokens_are_nobodys(
        self, world: PartnerWorld, now: datetime
    ) -> None:
        """Those of others are theirs."""
        with world.open_work() as work:
            work.tokens.save(b"1", NORTHFIELD, SCOPES, until=now + MINUTE)
            work.tokens.save(b"2", OTHER, SCOPES, until=now + MINUTE)
        world.suspend(NORTHFIELD)

        with world.open_work() as work:
            assert work.tokens.caller(b"1", at=now) is None
            assert work.tokens.caller(b"2", at=now) is not None

    def test_an_assertion_is_used_once(self, world: PartnerWorld, now: datetime) -> None:
        """By each partner; what was rolled back was not used."""
        with suppress(_RolledBackError), world.open_work() as work:
            assert work.assertions.use(NORTHFIELD, b"id", until=now + MINUTE, at=now)
            raise _RolledBackError

        with world.open_work() as work:
            first = work.assertions.use(NORTHFIELD, b"id", until=now + MINUTE, at=now)
        with world.open_work() as work:
            again = work.assertions.use(NORTHFIELD, b"id", until=now + MINUTE, at=now)
            others = work.assertions.use(OTHER, b"id", until=now + MINUTE, at=now)

        assert (first, again, others) == (True, False, True)

    def test_a_bucket_empties_and_fills_again(self, world: PartnerWorld, now: datetime) -> None:
        """As many at once as it holds, then one when the wait is over; another is not touched."""
        del now
        pace = Pace(per_second=10.0, burst=3)
        with world.open_work() as work:
            taken = [work.pacing.take("a", Pace(0.001, 3)) for _ in range(4)]
            other = work.pacing.take("b", pace)
            waits = [work.pacing.take("b", pace) for _ in range(3)]

        world.let_pass(timedelta(seconds=1))
        with world.open_work() as work:
            full = [work.pacing.take("b", pace) for _ in range(4)]

        assert taken[:3] == [None, None, None]
        assert taken[3] is not None
        assert timedelta(seconds=990) < taken[3] <= timedelta(seconds=1000)
        assert (other, waits[:2]) == (None, [None, None])
        assert waits[2] is not None
        assert full[:3] == [None, None, None]
        assert full[3] is not None

    def test_of_what_is_taken_ahead_there_is_exactly_as_much(
        self, world: PartnerWorld, now: datetime
    ) -> None:
        """Whoever asks alone gets the whole bucket, and not one more."""
        del now
        pace = Pace(per_second=0.001, burst=40)

        taken = []
        for _ in range(50):
            with world.open_work() as work:
                taken.append(work.pacing.take_ahead("often", pace))

        assert taken[:40] == [None] * 40
        assert all(wait is not None and wait > timedelta(0) for wait in taken[40:])

    def test_dispositions_are_kept_for_their_partner_in_order(
        self, world: PartnerWorld, now: datetime
    ) -> None:
        """Each as it was told."""
        parked = PushedDisposition(1, "b" * 32, Disposition.PARKED, "missing", "Patient.name")
        sent = [PushedDisposition(0, "a" * 32, Disposition.PUBLISHED), parked]
        with world.open_work() as work:
            work.dispositions.add(NORTHFIELD, SOURCE, sent, at=now)
            work.dispositions.add(OTHER, SOURCE, sent[:1], at=now)

        with world.open_work() as work:
            page = work.dispositions.page(NORTHFIELD, since=None, cursor=None, most=10)

        assert [k.receipt for k in page.items] == ["a" * 32, "b" * 32]
        assert (page.items[1].reason, page.items[1].field) == ("missing", "Patient.name")
        assert page.items[1].disposition is Disposition.PARKED
        assert page.next is None

    def test_pages_of_dispositions_follow_one_another(
        self, world: PartnerWorld, now: datetime
    ) -> None:
        """Each once, from a moment on if asked."""
        for number in range(5):
            with world.open_work() as work:
                one = PushedDisposition(0, f"{number}" * 32, Disposition.PUBLISHED)
                work.dispositions.add(NORTHFIELD, SOURCE, [one], at=now + number * MINUTE)

        with world.open_work() as work:
            found, cursor = [], None
            while not found or cursor:
                page = work.dispositions.page(NORTHFIELD, since=None, cursor=cursor, most=2)
                found += [kept.receipt[0] for kept in page.items]
                cursor = page.next
            late = work.dispositions.page(NORTHFIELD, since=now + 3 * MINUTE, cursor=None, most=9)

        assert found == ["0", "1", "2", "3", "4"]
        assert [kept.receipt[0] for kept in late.items] == ["3", "4"]

    def test_a_cursor_that_is_none_is_a_fault_of_the_request(
        self, world: PartnerWorld, now: datetime
    ) -> None:
        """Of either list."""
        with world.open_work() as work:
            with pytest.raises(RequestFaultyError, match="cursor"):
                work.dispositions.page(NORTHFIELD, since=now, cursor="x", most=1)
            with pytest.raises(RequestFaultyError, match="cursor"):
                work.resending.page(NORTHFIELD, cursor="x", most=1)

    def test_an_event_first_came_when_it_first_came(
        self, world: PartnerWorld, now: datetime
    ) -> None:
        """However often it comes again."""
        events = [b"1" * 32, b"2" * 32]
        with world.open_work() as work:
            assert work.received_first.first(events[:1] * 2, at=now) == {events[0]: now}
        with world.open_work() as work:
            later = work.received_first.first(events, at=now + MINUTE)

        assert later == {events[0]: now, events[1]: now + MINUTE}

    def test_a_digest_is_the_same_and_of_its_kind(self, world: PartnerWorld, now: datetime) -> None:
        """Whatever else is hashed."""
        del now
        with world.open_work() as work:
            assert work.digest("a", "x") == work.digest("a", "x")
            assert len({work.digest("a", "x"), work.digest("b", "x"), work.digest("a", "y")}) == 3
