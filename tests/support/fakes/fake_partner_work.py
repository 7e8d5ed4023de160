"""PartnerWork in memory: its promises kept (see tests/contract), no database."""

import copy
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import blake2b

from connectors.ports import Received, Unreadable
from connectors.publishing.batch import ref_of
from connectors.publishing.events import RecordKeys
from connectors.publishing.receiving.order import AsItCame, about_of, in_order
from connectors.publishing.receiving.taken import Came, Earlier
from schemas.identifiers import PractitionerId, RecordKey
from schemas.records.message import SourceMessage
from schemas.vocabulary import Disposition, Role, Source
from services.interfaces.partners.ports import (
    Credentials,
    KnownAs,
    PartnerId,
    PushedDisposition,
    ToResend,
)
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
    def is_demonstration(self) -> bool:
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

    def opaque(self, kind: str, *parts: str) -> str:
        return self.digest(kind, *parts).hex()

    def newest(self, source: Source, about: Collection[RecordKey]) -> Mapping[RecordKey, Earlier]:
        return {one: taken for one in about if (taken := self.state.newest.get((source, one)))}

    def versions(self, source: Source, refs: Collection[str]) -> Mapping[str, str | None]:
        del source
        return {ref: self.state.taken[ref] for ref in refs if ref in self.state.taken}

    def parts_that_wait(
        self, partner: PartnerId, source: Source, scopes: Sequence[str]
    ) -> Mapping[str, Sequence[bytes]]:
        """None: what is parked is not kept here."""
        del partner, source, scopes
        return {}

    def publish(
        self,
        partner: PartnerId,
        source: Source,
        messages: Sequence[Received],
        *,
        came: Sequence[Came] | None = None,
    ) -> Sequence[PushedDisposition]:
        """Published, unless the message's id is among those to withhold, or it came before."""
        keys = RecordKeys(source, self)
        ways = came or [Came.FILE] * len(messages)
        arrivals = [AsItCame(one, way) for one, way in zip(messages, ways, strict=True)]
        placed = in_order(source, arrivals, keys=keys, taken=self, hasher=self)
        for received in placed:
            self._note(source, received, keys)
        return [self._published(partner, source, received) for received in placed]

    def _note(self, source: Source, received: Received, keys: RecordKeys) -> None:
        about, version = about_of(received, keys), received.outcome.version
        if about is None or version is None:
            return
        taken = Earlier(ref_of(source, received, self), version.sort_key)
        self.state.taken[taken.ref] = taken.version
        newest = self.state.newest.setdefault((source, about), taken)
        if newest.version < taken.version:
            self.state.newest[source, about] = taken

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
        role: Role = Role.PRACTITIONER,
    ) -> None:
        """Enter a practitioner, or change where they work."""
        self.state.practitioners[practitioner] = FakePractitioner(agency, role)

    def join(self, issuer: str, subject: str, practitioner: PractitionerId) -> None:
        """Let a sign-in open the account."""
        self.state.joined.append((issuer, subject, practitioner))

    def know_as(self, partner: PartnerId, known_as: KnownAs) -> None:
        """Say as which client a provider knows the partner."""
        self.state.known_as.setdefault(partner, []).append(known_as)

    def suspend(self, partner: PartnerId) -> None:
        """Suspend a partner at once."""
        found = self.state.credentials[partner]
        self.enter(replace(found, partner=replace(found.partner, suspended_at=self.clock.now())))

    def ask_again(self, partner: PartnerId, source: Source, receipt: str) -> None:
        """Say that a withheld message may be permitted now."""
        now = self.clock.now()
        self.state.to_resend[partner, receipt] = ToResend(source, receipt, now, now)
