"""What became of what partners sent, when it first came, what to ask for again; in PostgreSQL."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Row, text

from connectors.ports import Received, Unreadable
from connectors.publishing.ports import Publishing
from consent import AccessRequest, SharedProfile
from consent.deciding.decide import Answers
from consent.ports import Decisions
from schemas.identifiers import PersonId
from schemas.vocabulary import Category, Disposition, Source
from services.intake.parked.postgres_parts import PartsThatWait
from services.intake.postgres_kept_back import StaysWithItsOwner
from services.interfaces.partners.errors import Fault, RequestFaultyError
from services.interfaces.partners.ports import (
    KeptDisposition,
    Page,
    PartnerId,
    PushedDisposition,
    ToResend,
)
from services.people.staffing.names_used import SHOWN_FOR

KEPT_FOR = timedelta(days=90)
EVENTS_KEPT_FOR = timedelta(days=365)
"""As long as an event may be asked for again: sent again, it must be the same as at first."""

_ADD = text("""
    INSERT INTO partner_disposition (partner_id, source, receipt, disposition, reason, field, at)
    SELECT :partner, :source, decode(receipt, 'hex'), disposition, reason, field, :at
    FROM unnest(CAST(:receipts AS text[]), CAST(:dispositions AS text[]), CAST(:reasons AS text[]),
                CAST(:fields AS text[])) AS new(receipt, disposition, reason, field)
""")
# A lower number may be committed after a higher one. What is below every transaction still under
# way is complete, and whatever comes later has a higher transaction (PostgreSQL section 9.27.7).
_PAGE = text("""
    SELECT xid::text AS xid, seq, source, encode(receipt, 'hex') AS receipt, disposition, reason,
           field, at
    FROM partner_disposition
    WHERE partner_id = :partner AND xid < pg_snapshot_xmin(pg_current_snapshot())
        AND (xid, seq) > (CAST(CAST(:xid AS text) AS xid8), CAST(:seq AS bigint))
        AND (CAST(:since AS timestamptz) IS NULL OR at >= :since)
    ORDER BY partner_disposition.xid, seq LIMIT :most
""")
_FIRST = text("""
    INSERT INTO partner_event (event, first_at)
    SELECT event, :at FROM unnest(CAST(:events AS bytea[])) AS event ORDER BY event
    ON CONFLICT DO NOTHING
""")
_PLACE = re.compile(r"([0-9]{1,19})-([0-9]{1,18})")


class PostgresDispositions:
    """services.interfaces.partners.ports.KeptDispositions."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(
        self,
        partner: PartnerId,
        source: Source,
        messages: Sequence[PushedDisposition],
        *,
        at: datetime,
    ) -> None:
        """Keep them in order."""
        self._connection.execute(
            _ADD,
            {
                "partner": partner,
                "source": source.value,
                "receipts": [message.receipt for message in messages],
                "dispositions": [message.disposition.value for message in messages],
                "reasons": [message.reason for message in messages],
                "fields": [message.field for message in messages],
                "at": at,
            },
        )

    def page(
        self, partner: PartnerId, *, since: datetime | None, cursor: str | None, most: int
    ) -> Page[KeptDisposition]:
        """Those kept since, the oldest first. Raises RequestFaultyError for a foreign cursor."""
        xid, seq = _place_of(cursor)
        rows = self._connection.execute(
            _PAGE,
            {"partner": partner, "xid": xid, "seq": seq, "since": since, "most": most + 1},
        ).all()
        shown = rows[:most]
        more = len(rows) > most
        return Page([_kept(row) for row in shown], _cursor_at(shown[-1]) if more else None)


class PostgresReceivedFirst:
    """services.interfaces.partners.ports.ReceivedFirst."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def first(self, events: Sequence[bytes], *, at: datetime) -> Mapping[bytes, datetime]:
        """For each keyed hash of an event the moment it first came, which may be now."""
        self._connection.execute(_FIRST, {"events": list(set(events)), "at": at})
        rows = self._connection.execute(
            text("SELECT event, first_at FROM partner_event WHERE event = ANY(:events)"),
            {"events": list(set(events))},
        )
        return {bytes(row.event): row.first_at for row in rows}


def forget_old_pushes(connection: Connection, at: datetime) -> None:
    """Let go of what is no longer told of pushes and uses of names. For the connectors' role."""
    connection.execute(
        text("DELETE FROM partner_disposition WHERE at <= :before"), {"before": at - KEPT_FOR}
    )
    connection.execute(
        text("DELETE FROM partner_event WHERE first_at <= :before"),
        {"before": at - EVENTS_KEPT_FOR},
    )
    connection.execute(
        text("DELETE FROM partner_use WHERE at <= :before"), {"before": at - SHOWN_FOR}
    )


def _kept(row: Row[tuple[object, ...]]) -> KeptDisposition:
    return KeptDisposition(
        Source(row.source),
        row.receipt,
        Disposition(row.disposition),
        row.reason,
        row.field,
        row.at,
    )


def _cursor_at(row: Row[tuple[object, ...]]) -> str:
    return f"{row.xid}-{row.seq}"


def _place_of(cursor: str | None) -> tuple[str, int]:
    if cursor is None:
        return "0", 0
    place = _PLACE.fullmatch(cursor)
    if place is None:
        raise RequestFaultyError([Fault("query.cursor", "is-not-one-of-ours")])
    return str(int(place[1])), int(place[2])


# What was withheld from pushes: which to ask for again, by keyed hashes and nothing else.

_BEHIND = text("""
    SELECT DISTINCT w.ref, o.withheld, t.person_id
    FROM partner_withheld w
    JOIN message_outcome o USING (source, ref)
    LEFT JOIN withheld_token k USING (source, ref)
    LEFT JOIN person_token t USING (token)
    WHERE w.source = :source AND w.ref = ANY(:refs)
""")
_ASK = text("""
    UPDATE partner_withheld SET asked_at = CASE WHEN ref = ANY(:permitted)
        THEN coalesce(asked_at, :at) END
    WHERE source = :source AND ref = ANY(:refs)
""")
_PAGE_TO_RESEND = text("""
    SELECT w.source, encode(w.receipt, 'hex') AS receipt, w.withheld_at, w.asked_at
    FROM partner_withheld w JOIN message_outcome o USING (source, ref)
    WHERE w.partner_id = :partner AND w.asked_at IS NOT NULL AND o.withheld <> '{}'
        AND w.receipt > decode(:after, 'hex')
    ORDER BY w.receipt LIMIT :most
""")
_RECEIPT = re.compile("[0-9a-f]{32}")


class PostgresResending:
    """services.interfaces.partners.ports.Resending."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def page(self, partner: PartnerId, *, cursor: str | None, most: int) -> Page[ToResend]:
        """What to send again, in the order of receipts, which are the cursors."""
        if cursor is not None and _RECEIPT.fullmatch(cursor) is None:
            raise RequestFaultyError([Fault("query.cursor", "is-not-one-of-ours")])
        rows = self._connection.execute(
            _PAGE_TO_RESEND, {"partner": partner, "after": cursor or "", "most": most + 1}
        ).all()
        items = [
            ToResend(Source(row.source), row.receipt, row.withheld_at, row.asked_at)
            for row in rows[:most]
        ]
        return Page(items, items[-1].receipt if len(rows) > most else None)


def ask_partners_again(
    connection: Connection,
    source: Source,
    refs: Collection[str],
    *,
    decisions: Decisions,
    at: datetime,
) -> None:
    """Ask for those of these withheld messages that may be permitted now, and for no others.

    Who they are about is known by keyed hashes and their categories by what was withheld; the
    messages themselves are with their owners. So this is a guess to one side: what comes again is
    decided on when it comes.
    """
    raw = [bytes.fromhex(ref) for ref in refs]
    rows = connection.execute(_BEHIND, {"source": source.value, "refs": raw}).all()
    if not rows:
        return
    persons = {PersonId(row.person_id) for row in rows if row.person_id is not None}
    answers = Answers(decisions.on_record(persons))
    permitted = {
        bytes(row.ref)
        for row in rows
        if row.person_id is not None
        and _may_be_shared(answers, source, PersonId(row.person_id), row.withheld, at)
    }
    found = {bytes(row.ref) for row in rows}
    connection.execute(
        _ASK,
        {"source": source.value, "refs": list(found), "permitted": list(permitted), "at": at},
    )


def _may_be_shared(
    answers: Answers, source: Source, person: PersonId, withheld: Sequence[str], at: datetime
) -> bool:
    requests = (
        AccessRequest((person,), Category(category), source, SharedProfile(), at)
        for category in withheld
    )
    return any(answers.to(request).is_permitted for request in requests)


# What is withheld stays with its partner: kept is only what to ask for again.

_NOTE = text("""
    INSERT INTO partner_withheld
        (partner_id, source, ref, receipt, record_keys, version, withheld_at)
    VALUES (:partner, :source, :ref, decode(:receipt, 'hex'), :keys, :version, :at)
    ON CONFLICT (source, ref, partner_id) DO UPDATE SET receipt = excluded.receipt,
        record_keys = :keys, version = :version, withheld_at = :at, asked_at = NULL
""")
_FORGET = text("DELETE FROM partner_withheld WHERE source = :source AND ref = ANY(:refs)")
_FORGET_REMOVED = text("""
    DELETE FROM partner_withheld WHERE partner_id = :partner AND source = :source
        AND record_keys <@ CAST(:keys AS text[]) AND record_keys <> '{}' AND version <= :version
""")
_PUSHED = text("UPDATE parked SET partner_id = :partner WHERE source = :source AND ref = :ref")


@dataclass(frozen=True, slots=True)
class WithheldMessage:
    """A message of which something was withheld, by keyed hashes alone."""

    ref: str
    receipt: str
    record_keys: Sequence[str]
    version: str


class WithItsPartner(StaysWithItsOwner):
    """connectors.publishing.ports.KeptBack for pushes; `note` keeps the book of what to ask for.

    A message that could not be read is parked as everybody's are, with whose it is.
    """

    def __init__(
        self, connection: Connection, source: Source, partner: PartnerId, *, parking_key: bytes
    ) -> None:
        super().__init__(connection, source, parking_key)
        self._partner = partner
        self._removed: list[tuple[Sequence[str], str]] = []

    def parts_that_wait(
        self, scopes: Sequence[str], publishing: Publishing
    ) -> Mapping[str, Sequence[bytes]]:
        """Of each scope the parts that could not be read and still wait, the older first."""
        waiting = PartsThatWait(self._connection, self._source, self._key)
        return waiting.within(scopes, publishing)

    def clear(self, record_keys: Sequence[str], *, version: str) -> None:
        """Remember that their source has removed the records; `note` acts on it."""
        if record_keys:
            self._removed.append((list(record_keys), version))

    def park(
        self, ref: str, received: Received, why: Unreadable, *, at: datetime, feed: str | None
    ) -> None:
        """Keep the message sealed, with whose it is: they are told when it is read again."""
        super().park(ref, received, why, at=at, feed=feed)
        self._connection.execute(_PUSHED, self._own | {"ref": bytes.fromhex(ref)})

    def note(
        self, withheld: Sequence[WithheldMessage], whole: Collection[str], *, at: datetime
    ) -> None:
        """Keep the book after messages came: what is to be asked for, and what no longer."""
        # (1) What was withheld is asked for once that changes.
        rows = [self._own | _row(one) | {"at": at} for one in withheld]
        if rows:
            self._connection.execute(_NOTE, rows)
        # (2) Whoever sends it: it is published.
        refs = [bytes.fromhex(ref) for ref in whole]
        self._connection.execute(_FORGET, {"source": self._source.value, "refs": refs})
        # (3) Last, because a message and its removal may come together.
        for keys, version in self._removed:
            removed = self._own | {"keys": keys, "version": version}
            self._connection.execute(_FORGET_REMOVED, removed)

    @property
    def _own(self) -> dict[str, object]:
        return {"partner": self._partner, "source": self._source.value}


def _row(one: WithheldMessage) -> dict[str, object]:
    return {
        "ref": bytes.fromhex(one.ref),
        "receipt": one.receipt,
        "keys": list(one.record_keys),
        "version": one.version,
    }
