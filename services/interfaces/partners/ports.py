"""Partners, what they may do, and what their interfaces need from the outside world.

All calls join one transaction.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Generic, NewType, Protocol, TypeVar

from connectors.ports import Received
from connectors.publishing.receiving.taken import Came
from connectors.registry import ROWS
from consent.ports import Ledger
from schemas.vocabulary import Disposition, LabelledCode, Source
from services.interfaces.partners.acting import ActingFor, Practitioners

# What a partner may be allowed to do: the scopes of its access tokens (RFC 6749 section 3.3).


class Scope(LabelledCode):
    """One thing that a partner may do; for each source that is pushed there is EVENTS_<source>."""

    _ignore_ = "_row"
    for _row in ROWS:
        if _row.pushed is not None:
            vars()[f"EVENTS_{_row.source.name}"] = _row.scope, _row.pushed.scope_label
    DISPOSITIONS_READ = "dispositions:read", "See what became of what it sent itself"
    ACCESS_EVALUATE = "access:evaluate", "Ask whether a practitioner may see something"
    ACCESS_EXPLAIN = "access:explain", "Be told why something may not be seen"
    FAMILIES_READ = "families:read", "Show a family to a practitioner whom the token names"
    COMMUNITY_WRITE = "community.write", "Read and answer requests to a service of its own"


_OF_SOURCE = {row.source: Scope(row.scope) for row in ROWS if row.pushed is not None}
PUSHING = frozenset(_OF_SOURCE.values())
"""The scopes that let a partner send events of one source."""


def scope_of(source: Source) -> Scope | None:
    """The scope that sending events of this source takes; None where nobody may send them."""
    return _OF_SOURCE.get(source)


Item_co = TypeVar("Item_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Page(Generic[Item_co]):
    """Some of a long list, and where the next page begins; None when there is no more now."""

    items: Sequence[Item_co]
    next: str | None


PartnerId = NewType("PartnerId", str)
"""A partner's name, which is its OAuth client id and its name in the ledger: `northfield-csc`."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How often something may be done: a bucket of `burst` that fills at `per_second`."""

    per_second: float
    burst: int


@dataclass(frozen=True, slots=True)
class Partner:
    """A partner system as it was onboarded; `la_code` is whom it sends social care for.

    `agencies` are those for whose practitioners it may ask, by their codes; `answers_for` is whose
    services' requests it answers, by the directory's code of who offers them.
    """

    id: PartnerId
    scopes: frozenset[Scope]
    pace: Pace
    la_code: str | None = None
    suspended_at: datetime | None = None
    agencies: frozenset[str] = frozenset()
    answers_for: str | None = None


@dataclass(frozen=True, slots=True)
class Caller:
    """Who sent a request, by an access token that holds, and what it may do with it."""

    partner: PartnerId
    scopes: frozenset[Scope]
    pace: Pace
    la_code: str | None
    token_hash: bytes = field(repr=False)
    acting: ActingFor | None = None
    agencies: frozenset[str] = frozenset()
    answers_for: str | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Credentials:
    """What a partner shows that it is itself with, as far as it is valid now.

    `keys` are public keys by their id, as JSON Web Keys; `secret_hashes` keyed hashes.
    """

    partner: Partner
    keys: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    secret_hashes: Collection[bytes] = ()


class CredentialKind(LabelledCode):
    """What a partner shows that it is itself with."""

    PUBLIC_KEY = "public-key", "A key whose private half it holds"
    SECRET = "secret", "A secret that it was given"


@dataclass(frozen=True, slots=True)
class CredentialEntry:
    """One credential: since when and until when; `kid` names a public key."""

    kind: CredentialKind
    kid: str | None
    added_at: datetime
    valid_until: datetime | None


@dataclass(frozen=True, slots=True, order=True)
class KnownAs:
    """As which client a partner is known to a provider of sign-in, by the provider's issuer."""

    issuer: str
    client: str


@dataclass(frozen=True, slots=True)
class PartnerEntry:
    """A partner with its credentials, the newest first, and whose tokens it may bring."""

    partner: Partner
    added_at: datetime
    credentials: Sequence[CredentialEntry]
    known_as: Sequence[KnownAs] = ()


@dataclass(frozen=True, slots=True)
class PushedDisposition:
    """What became of one message of a push: codes and opaque ids, no content.

    `index` counts from 0 in what was sent. `receipt` is the same whenever the same message comes.
    """

    index: int
    receipt: str
    disposition: Disposition
    reason: str | None = None
    field: str | None = None


@dataclass(frozen=True, slots=True)
class KeptDisposition:
    """A disposition as it is kept for its partner to read again."""

    source: Source
    receipt: str
    disposition: Disposition
    reason: str | None
    field: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class ToResend:
    """A message that was withheld and may be permitted now."""

    source: Source
    receipt: str
    withheld_at: datetime
    asked_at: datetime


class PartnerCredentials(Protocol):
    """Who may come in, as onboarded; read only."""

    def find(self, partner: PartnerId, *, at: datetime) -> Credentials | None:
        """The partner with what of its credentials is valid now, also when it is suspended."""

    def known_as(self, partner: PartnerId) -> Mapping[str, Collection[str]]:
        """As which clients providers of sign-in know it, by their issuers: two officers said so."""


class AccessTokens(Protocol):
    """Access tokens, of which only a keyed hash is kept."""

    def save(
        self,
        token_hash: bytes,
        partner: PartnerId,
        scopes: Collection[Scope],
        *,
        until: datetime,
        acting: ActingFor | None = None,
    ) -> None:
        """Keep a token that was given out; those of the partner that are over are forgotten.

        One that names a practitioner is kept as a use of their name too.
        """

    def caller(self, token_hash: bytes, *, at: datetime) -> Caller | None:
        """Whose token it is; None when it is over or unknown, or its partner is suspended.

        It names its practitioner only while the partner may speak for them.
        """

    def keep_from_suspension(self, partner: PartnerId) -> None:
        """Let nobody suspend the partner until this transaction ends; ask for `caller` after it.

        So what was done for a partner was done before it was suspended, and nothing after.
        """


class UsedAssertions(Protocol):
    """Assertions that were shown once (RFC 7523 section 3, jti)."""

    def use(self, partner: PartnerId, token_id: bytes, *, until: datetime, at: datetime) -> bool:
        """Remember its keyed hash until it is over; false when it was used before.

        Of several processes that are shown the same one, one alone is told true.
        """


class Pacing(Protocol):
    """Token buckets that every process shares, filled by one clock that they share too."""

    def take(self, bucket: str, pace: Pace) -> timedelta | None:
        """Take one; None when there was one, else how long it is until there is."""

    def take_ahead(self, bucket: str, pace: Pace) -> timedelta | None:
        """The same for what is asked often: a process may take some ahead, to write more seldom.

        In all it is never more than the pace. While one process holds some that it has not used,
        another may hear a little early that there is none.
        """


class KeptDispositions(Protocol):
    """What became of what a partner sent: its own, and nobody else's."""

    def add(
        self,
        partner: PartnerId,
        source: Source,
        messages: Sequence[PushedDisposition],
        *,
        at: datetime,
    ) -> None:
        """Keep them in order."""

    def page(
        self, partner: PartnerId, *, since: datetime | None, cursor: str | None, most: int
    ) -> Page[KeptDisposition]:
        """Those kept since, the oldest first.

        Following `next` from the beginning meets every disposition exactly once, also those of
        transactions that were under way meanwhile. Raises RequestFaultyError for a cursor that
        is none of ours.
        """


class Resending(Protocol):
    """What was withheld from a partner's pushes and may be permitted now."""

    def page(self, partner: PartnerId, *, cursor: str | None, most: int) -> Page[ToResend]:
        """What to send again, in the order of receipts. Raises RequestFaultyError as above."""


class ReceivedFirst(Protocol):
    """When each event first came, so that one sent again is the same message and not a newer."""

    def first(self, events: Sequence[bytes], *, at: datetime) -> Mapping[bytes, datetime]:
        """For each keyed hash of an event the moment it first came, which may be now."""


class PartnerWork(Protocol):
    """One transaction for one request."""

    @property
    def now(self) -> datetime:
        """The one moment of this transaction."""

    @property
    def ledger(self) -> Ledger:
        """The ledger."""

    @property
    def credentials(self) -> PartnerCredentials:
        """Who may come in."""

    @property
    def tokens(self) -> AccessTokens:
        """Access tokens."""

    @property
    def assertions(self) -> UsedAssertions:
        """Assertions used before."""

    @property
    def practitioners(self) -> Practitioners:
        """Who works where."""

    @property
    def is_demonstration(self) -> bool:
        """Whether families are invented: only there its own tokens say who somebody is."""

    @property
    def pacing(self) -> Pacing:
        """How often."""

    @property
    def dispositions(self) -> KeptDispositions:
        """What became of what."""

    @property
    def resending(self) -> Resending:
        """What to send again."""

    @property
    def received_first(self) -> ReceivedFirst:
        """When events first came."""

    def digest(self, kind: str, *parts: str) -> bytes:
        """A keyed hash of 32 bytes under the partners' own key; `kind` keeps uses apart."""

    def parts_that_wait(
        self, partner: PartnerId, source: Source, scopes: Sequence[str]
    ) -> Mapping[str, Sequence[bytes]]:
        """Of each scope the parts that could not be read and still wait, the older first."""

    def publish(
        self,
        partner: PartnerId,
        source: Source,
        messages: Sequence[Received],
        *,
        came: Sequence[Came] | None = None,
    ) -> Sequence[PushedDisposition]:
        """Publish what may be published of one source's messages (publish_if_permitted).

        Nothing of what is withheld is kept but keyed hashes; the partner is its owner. `came` says
        of each what its moment means, where its source gives it no date: by default that its file
        was written then. What was withheld, and is asked for again, comes as what it was.
        """


OpenWork = Callable[[], AbstractContextManager[PartnerWork]]
"""Opens a transaction: committed when the block ends, rolled back when it raises.

Raises ServiceUnavailableError when database or ledger cannot be reached or written.
"""
