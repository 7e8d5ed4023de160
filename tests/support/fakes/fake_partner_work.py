"""PartnerWork in memory: its promises kept (see tests/contract), no database."""

import copy
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import blake2b

from connectors.ports import Received, Unreadable
from schemas.identifiers import PractitionerId
from schemas.records.message import SourceMessage
from schemas.vocabulary import Disposition, Source
from services.interfaces.partners.ports import Credentials, PartnerId, PushedDisposition, ToResend
from services.platform.errors import ServiceUnavailableError
from tests.support.clock import StandingClock
from tests.support.fakes.fake_ledger import FakeLedger
from tests.support.fakes.fake_partner_ports import (
    FakeAssertions,
    FakeCredentials,
    FakeDispositions,
    FakePacing,
    FakePractitioner,
    FakePractitioners,
    FakeReceivedFirst,
    FakeResending,
    FakeState,
    FakeTokens,
)


class FakePartnerWork:
    """One transaction (partners.ports.PartnerWork). Every port is this one object."""

    def __init__(
        self, state: FakeState, ledger: FakeLedger, now: datetime, withheld: set[str]
    ) -> None:
        self.state = state
        self.ledger = ledger
        self.now = now
        self._withheld = withheld

    @property
    def credentials(self) -> FakeCredentials:
        return FakeCredentials(self.state)

    @property
    def tokens(self) -> FakeTokens:
        return FakeTokens(self.state, self.now)

    @property
    def practitioners(self) -> FakePractitioners:
        return FakePractitioners(self.state)

    @property
    def may_name_practitioners(self) -> bool:
        return self.state.is_demonstration

    @property
    def assertions(self) -> FakeAssertions:
        return FakeAssertions(self.state)

    @property
    def pacing(self) -> FakePacing:
        return FakePacing(self.state, self.now)

    @property
    def dispositions(self) -> FakeDispositions:
        return FakeDispositions(self.state)

    @property
    def resending(self) -> FakeResending:
        return FakeResending(self.state)

    @property
    def received_first(self) -> FakeReceivedFirst:
        return FakeReceivedFirst(self.state)

    def digest(self, kind: str, *parts: str) -> bytes:
        return blake2b("\x1f".join((kind, *parts)).encode(), digest_size=32).digest()

    def publish(
        self, partner: PartnerId, source: Source, messages: Sequence[Received]
    ) -> Sequence[PushedDisposition]:
        """Published, unless the message's id is among those to withhold, or it came before."""
        return [self._published(partner, source, received) for received in messages]

    def _published(
        self, partner: PartnerId, source: Source, received: Received
    ) -> PushedDisposition:
        outcome = received.outcome
        told = outcome.message_id if isinstance(outcome, SourceMessage) else received.raw().hex()
        receipt = self.digest("receipt", partner, source, told or "").hex()[:32]
        if isinstance(outcome, Unreadable):
            return PushedDisposition(
                received.index, receipt, Disposition.PARKED, outcome.reason, outcome.field
            )
        if self.state.published.get(receipt) is Disposition.PUBLISHED:
            became, why = Disposition.DUPLICATE, "received-before"
        elif told in self._withheld:
            became, why = Disposition.WITHHELD, "nothing-recorded"
        else:
            became, why = Disposition.PUBLISHED, None
        if became is not Disposition.DUPLICATE:
            self.state.published[receipt] = became
            self.state.to_resend.pop((partner, receipt), None)
        return PushedDisposition(received.index, receipt, became, why)


@dataclass(slots=True)
class FakePartners:
    """Partners in memory; `open_work` is what an application is made over.

    Messages whose id is in `withheld` are withheld. Set `is_broken` and no transaction opens.
    """

    clock: StandingClock = field(default_factory=StandingClock)
    ledger: FakeLedger = field(default_factory=FakeLedger)
    withheld: set[str] = field(default_factory=set)
    is_broken: bool = False
    state: FakeState = field(default_factory=FakeState)

    @contextmanager
    def open_work(self) -> Iterator[FakePartnerWork]:
        """One transaction: what it changed is kept only when the block ends."""
        if self.is_broken:
            raise ServiceUnavailableError("the fake was made unavailable")
        with self.ledger.transaction():
            work = FakePartnerWork(
                copy.deepcopy(self.state), self.ledger, self.clock.now(), self.withheld
            )
            yield work
        self.state = work.state

    def enter(self, credentials: Credentials) -> None:
        """Onboard a partner, or change one."""
        self.state.credentials[credentials.partner.id] = credentials

    def employ(
        self,
        practitioner: PractitionerId,
        agency: str,
        worker_ref: str | None = None,
        *,
        opens_records: bool = True,
    ) -> None:
        """Enter a practitioner."""
        who = FakePractitioner(agency, worker_ref, opens_records)
        self.state.practitioners[practitioner] = who

    def suspend(self, partner: PartnerId) -> None:
        """Suspend a partner at once."""
        found = self.state.credentials[partner]
        self.enter(replace(found, partner=replace(found.partner, suspended_at=self.clock.now())))

    def ask_again(self, partner: PartnerId, source: Source, receipt: str) -> None:
        """Say that a withheld message may be permitted now."""
        now = self.clock.now()
        self.state.to_resend[partner, receipt] = ToResend(source, receipt, now, now)
