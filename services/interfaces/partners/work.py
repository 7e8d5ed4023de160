"""What the partner interfaces ask of the outside world, bound to one unit of work."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from functools import cached_property

from connectors.ports import Received
from connectors.publishing.batch import ref_of
from connectors.publishing.events import RecordKeys
from connectors.publishing.ports import Publishing
from connectors.publishing.publish import (
    IndexedDisposition,
    PublishIfPermitted,
    publish_if_permitted,
)
from connectors.publishing.receiving.taken import Came
from connectors.publishing.typed import namespace_of
from schemas.records.message import SourceMessage
from schemas.vocabulary import Action, Disposition, Source
from services.intake.feeds.model import CameBy, FeedChannel
from services.interfaces.partners.oauth.postgres import (
    PostgresAccessTokens,
    PostgresCredentials,
    PostgresPractitioners,
    PostgresUsedAssertions,
)
from services.interfaces.partners.oauth.postgres_pacing import PostgresPacing, TakenAhead
from services.interfaces.partners.ports import OpenWork, PartnerId, PushedDisposition
from services.interfaces.partners.push.postgres import (
    PostgresDispositions,
    PostgresReceivedFirst,
    PostgresResending,
    WithheldMessage,
    WithItsPartner,
)
from services.interfaces.partners.push.postgres_order import pushed_in_order
from services.ledger.postgres import PostgresLedger
from services.platform.keys.hashing import KeyedHasher
from services.platform.keys.vault import SecretName
from services.work import Outside, UnitOfWork, unit_of_work

_RECEIPT_DIGITS = 32


class PostgresPartnerWork:
    """services.interfaces.partners.ports.PartnerWork on PostgreSQL."""

    def __init__(
        self, work: UnitOfWork, outside: Outside, *, ahead: TakenAhead | None = None
    ) -> None:
        self._work = work
        self._ahead = ahead or TakenAhead()
        self._vault = outside.vault
        self._hasher = KeyedHasher(outside.vault.secret(SecretName.PARTNERS))

    @property
    def now(self) -> datetime:
        """The one moment of this transaction."""
        return self._work.now

    @property
    def ledger(self) -> PostgresLedger:
        """The ledger."""
        return self._work.ledger

    @cached_property
    def credentials(self) -> PostgresCredentials:
        """Who may come in."""
        return PostgresCredentials(self._work.connection)

    @cached_property
    def tokens(self) -> PostgresAccessTokens:
        """Access tokens."""
        return PostgresAccessTokens(self._work.connection, self.now, self._work.bound)

    @cached_property
    def assertions(self) -> PostgresUsedAssertions:
        """Assertions used before."""
        return PostgresUsedAssertions(self._work.connection)

    @cached_property
    def practitioners(self) -> PostgresPractitioners:
        """Who works where."""
        return PostgresPractitioners(self._work)

    @property
    def is_demonstration(self) -> bool:
        """Whether families are invented."""
        return self._work.is_demonstration

    @cached_property
    def pacing(self) -> PostgresPacing:
        """How often."""
        return PostgresPacing(self._work.connection, self._ahead)

    @cached_property
    def dispositions(self) -> PostgresDispositions:
        """What became of what."""
        return PostgresDispositions(self._work.connection)

    @cached_property
    def resending(self) -> PostgresResending:
        """What to send again."""
        return PostgresResending(self._work.connection)

    @cached_property
    def received_first(self) -> PostgresReceivedFirst:
        """When events first came."""
        return PostgresReceivedFirst(self._work.connection)

    def digest(self, kind: str, *parts: str) -> bytes:
        """A keyed hash under the partners' own key."""
        return self._hasher.digest(kind, *parts)

    def parts_that_wait(
        self, partner: PartnerId, source: Source, scopes: Sequence[str]
    ) -> Mapping[str, Sequence[bytes]]:
        """Of each scope the parts that could not be read and still wait, the older first."""
        parking_key = self._vault.secret(SecretName.PARKED)
        kept = WithItsPartner(self._work.connection, source, partner, parking_key=parking_key)
        return kept.parts_that_wait(scopes, self._publishing(partner, source))

    def publish(
        self,
        partner: PartnerId,
        source: Source,
        messages: Sequence[Received],
        *,
        came: Sequence[Came] | None = None,
    ) -> Sequence[PushedDisposition]:
        """Publish what may be published of one source's messages (publish_if_permitted)."""
        publishing = self._publishing(partner, source)
        ways = came or [Came.FILE] * len(messages)
        placed = pushed_in_order(
            self._work.connection, partner, source, messages, ways, publishing=publishing
        )
        refs = [ref_of(source, received, self._work.hasher) for received in placed]
        receipts = [self._receipt(partner, ref) for ref in refs]
        return self._publish(partner, source, placed, refs, receipts)

    def publish_again(
        self,
        partner: PartnerId,
        source: Source,
        messages: Sequence[Received],
        *,
        told_as: str,
        accepts: bool = False,
    ) -> Sequence[PushedDisposition]:
        """Publish what was parked as `told_as`, and tell its partner under that receipt."""
        refs = [ref_of(source, received, self._work.hasher) for received in messages]
        receipts = [self._receipt(partner, told_as)] * len(refs)
        pushed = self._publish(partner, source, messages, refs, receipts, accepts=accepts)
        self.dispositions.add(partner, source, pushed, at=self.now)
        return pushed

    def _publishing(self, partner: PartnerId, source: Source) -> Publishing:
        came_by = CameBy(FeedChannel.CLIENT, partner)
        return replace(self._work.publishing(source, None, came_by), sent_by=f"partner:{partner}")

    def _publish(
        self,
        partner: PartnerId,
        source: Source,
        messages: Sequence[Received],
        refs: Sequence[str],
        receipts: Sequence[str],
        *,
        accepts: bool = False,
    ) -> Sequence[PushedDisposition]:
        parking_key = self._vault.secret(SecretName.PARKED)
        kept = WithItsPartner(self._work.connection, source, partner, parking_key=parking_key)
        publishing = replace(self._publishing(partner, source), kept_back=kept)
        command = PublishIfPermitted(source, messages, accepts, is_in_order=True)
        became = publish_if_permitted(command, publishing=publishing)
        typed_by = namespace_of(publishing.feed)
        record_keys = RecordKeys(source, self._work.hasher, typed_by=typed_by)
        withheld, whole = [], []
        for received, ref, receipt, one in zip(messages, refs, receipts, became, strict=True):
            if _has_withheld(one) and isinstance(received.outcome, SourceMessage):
                message = received.outcome
                keys = _keys_of(message, record_keys)
                withheld.append(WithheldMessage(ref, receipt, keys, message.version.sort_key))
            else:
                whole.append(ref)
        kept.note(withheld, whole, at=self.now)
        return [_pushed(one, receipt) for one, receipt in zip(became, receipts, strict=True)]

    def _receipt(self, partner: PartnerId, ref: str) -> str:
        return self.digest("receipt", partner, ref).hex()[:_RECEIPT_DIGITS]


def partner_work(outside: Outside) -> OpenWork:
    """A function that opens transactions with these rights."""
    ahead = TakenAhead()

    @contextmanager
    def open_work() -> Iterator[PostgresPartnerWork]:
        with unit_of_work(outside) as work:
            yield PostgresPartnerWork(work, outside, ahead=ahead)

    return open_work


def _keys_of(message: SourceMessage, keys: RecordKeys) -> list[str]:
    return [keys.of(record) for record in message.records if record.action is Action.UPSERT]


def _has_withheld(one: IndexedDisposition) -> bool:
    """Whether something of it was not published; a part is told in the reason."""
    if one.disposition is Disposition.WITHHELD:
        return True
    return one.disposition is Disposition.PUBLISHED and one.reason is not None


def _pushed(one: IndexedDisposition, receipt: str) -> PushedDisposition:
    if one.disposition is not Disposition.PARKED:
        return PushedDisposition(one.index, receipt, one.disposition, one.reason)
    field, _, reason = (one.reason or "").partition(": ")
    return PushedDisposition(one.index, receipt, one.disposition, reason, field)
