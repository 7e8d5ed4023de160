"""The ports behind PartnerWork in memory, over one state that a commit keeps."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from connectors.publishing.receiving.taken import Earlier
from schemas.identifiers import PractitionerId, RecordKey
from schemas.vocabulary import OPENS_FAMILY_RECORDS, Disposition, Role, Source
from services.interfaces.partners.acting import ActingFor, OpenedAccount
from services.interfaces.partners.errors import Fault, RequestFaultyError
from services.interfaces.partners.ports import (
    Caller,
    Credentials,
    KeptDisposition,
    KnownAs,
    Pace,
    Page,
    PartnerId,
    PushedDisposition,
    Scope,
    ToResend,
)
from services.people.signing_in.demonstration import DEMONSTRATION


@dataclass(frozen=True, slots=True)
class FakeToken:
    """A token that was given out."""

    partner: PartnerId
    scopes: frozenset[Scope]
    until: datetime
    acting: ActingFor | None = None


@dataclass(frozen=True, slots=True)
class FakePractitioner:
    """Somebody who works here."""

    agency: str
    role: Role = Role.PRACTITIONER


@dataclass(slots=True)
class FakeState:
    """Everything that a commit keeps."""

    credentials: dict[PartnerId, Credentials] = field(default_factory=dict)
    tokens: dict[bytes, FakeToken] = field(default_factory=dict)
    practitioners: dict[PractitionerId, FakePractitioner] = field(default_factory=dict)
    joined: list[tuple[str, str, PractitionerId]] = field(default_factory=list)
    known_as: dict[PartnerId, list[KnownAs]] = field(default_factory=dict)
    assertions: dict[tuple[PartnerId, bytes], datetime] = field(default_factory=dict)
    buckets: dict[str, datetime] = field(default_factory=dict)
    dispositions: list[tuple[PartnerId, KeptDisposition]] = field(default_factory=list)
    to_resend: dict[tuple[PartnerId, str], ToResend] = field(default_factory=dict)
    first: dict[bytes, datetime] = field(default_factory=dict)
    published: dict[str, Disposition] = field(default_factory=dict)
    newest: dict[tuple[Source, RecordKey], Earlier] = field(default_factory=dict)
    taken: dict[str, str] = field(default_factory=dict)
    is_demonstration: bool = False


@dataclass(slots=True)
class FakeCredentials:
    state: FakeState

    def find(self, partner: PartnerId, *, at: datetime) -> Credentials | None:
        del at
        return self.state.credentials.get(partner)

    def known_as(self, partner: PartnerId) -> Mapping[str, Collection[str]]:
        found: dict[str, set[str]] = {}
        for one in self.state.known_as.get(partner, ()):
            found.setdefault(one.issuer, set()).add(one.client)
        return found


@dataclass(slots=True)
class FakeTokens:
    state: FakeState
    now: datetime

    def save(
        self,
        token_hash: bytes,
        partner: PartnerId,
        scopes: Collection[Scope],
        *,
        until: datetime,
        acting: ActingFor | None = None,
    ) -> None:
        kept = self.state.tokens.items()
        self.state.tokens = {h: t for h, t in kept if t.partner != partner or t.until > self.now}
        self.state.tokens[token_hash] = FakeToken(partner, frozenset(scopes), until, acting)

    def caller(self, token_hash: bytes, *, at: datetime) -> Caller | None:
        token = self.state.tokens.get(token_hash)
        known = None if token is None else self.state.credentials.get(token.partner)
        if token is None or known is None or token.until <= at:
            return None
        theirs = known.partner
        if theirs.suspended_at is not None:
            return None
        scopes, acting = token.scopes & theirs.scopes, self._still(token.acting, theirs.agencies)
        known_for = theirs.la_code, token_hash, acting, theirs.agencies
        return Caller(theirs.id, scopes, theirs.pace, *known_for)

    def _still(self, acting: ActingFor | None, agencies: Collection[str]) -> ActingFor | None:
        if acting is None:
            return None
        who = self.state.practitioners.get(acting.practitioner)
        opens = who is not None and who.role in OPENS_FAMILY_RECORDS
        return acting if who is not None and opens and who.agency in agencies else None

    def keep_from_suspension(self, partner: PartnerId) -> None:
        """Nothing here runs beside anything else."""


@dataclass(slots=True)
class FakePractitioners:
    state: FakeState

    def opened_by(self, issuer: str, subject: str) -> Sequence[OpenedAccount]:
        if issuer == DEMONSTRATION and self.state.is_demonstration:
            opened = [PractitionerId(subject)]
        else:
            opened = [who for i, s, who in self.state.joined if (i, s) == (issuer, subject)]
        here = self.state.practitioners
        return [
            OpenedAccount(who, here[who].agency, here[who].role) for who in opened if who in here
        ]


@dataclass(slots=True)
class FakeAssertions:
    state: FakeState

    def use(self, partner: PartnerId, token_id: bytes, *, until: datetime, at: datetime) -> bool:
        del at
        if (partner, token_id) in self.state.assertions:
            return False
        self.state.assertions[partner, token_id] = until
        return True


@dataclass(slots=True)
class FakePacing:
    state: FakeState
    now: datetime

    def take(self, bucket: str, pace: Pace) -> timedelta | None:
        one = timedelta(seconds=1 / pace.per_second)
        free = max(self.state.buckets.get(bucket, self.now), self.now) + one
        wait = free - self.now - one * pace.burst
        if wait > timedelta(0):
            return wait
        self.state.buckets[bucket] = free
        return None

    def take_ahead(self, bucket: str, pace: Pace) -> timedelta | None:
        return self.take(bucket, pace)


@dataclass(slots=True)
class FakeDispositions:
    state: FakeState

    def add(
        self,
        partner: PartnerId,
        source: Source,
        messages: Sequence[PushedDisposition],
        *,
        at: datetime,
    ) -> None:
        self.state.dispositions += [
            (
                partner,
                KeptDisposition(source, m.receipt, m.disposition, m.reason, m.field, at),
            )
            for m in messages
        ]

    def page(
        self, partner: PartnerId, *, since: datetime | None, cursor: str | None, most: int
    ) -> Page[KeptDisposition]:
        start = _number(cursor)
        own = [
            (n, kept)
            for n, (owner, kept) in enumerate(self.state.dispositions, 1)
            if owner == partner and n > start and (since is None or kept.at >= since)
        ]
        shown = own[:most]
        return Page([kept for _, kept in shown], f"n{shown[-1][0]}" if len(own) > most else None)


@dataclass(slots=True)
class FakeResending:
    state: FakeState

    def page(self, partner: PartnerId, *, cursor: str | None, most: int) -> Page[ToResend]:
        if cursor is not None and len(cursor) != 32:
            raise RequestFaultyError([Fault("query.cursor", "is-not-one-of-ours")])
        own = sorted(r for p, r in self.state.to_resend if p == partner and r > (cursor or ""))
        items = [self.state.to_resend[partner, r] for r in own[:most]]
        return Page(items, items[-1].receipt if len(own) > most else None)


@dataclass(slots=True)
class FakeReceivedFirst:
    state: FakeState

    def first(self, events: Sequence[bytes], *, at: datetime) -> Mapping[bytes, datetime]:
        return {event: self.state.first.setdefault(event, at) for event in events}


def _number(cursor: str | None) -> int:
    if cursor is None:
        return 0
    if not cursor.startswith("n") or not cursor[1:].isdigit():
        raise RequestFaultyError([Fault("query.cursor", "is-not-one-of-ours")])
    return int(cursor[1:])
