"""What was withheld from pushes: which to ask for again, by keyed hashes and nothing else."""

import re
from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Connection, text

from connectors.publishing_ports import DecisionStore
from consent import AccessRequest, SharedProfile
from consent.answers import Answers
from schemas.identifiers import PersonId
from schemas.vocabulary import Category, Source
from services.partners.errors import Fault, RequestFaultyError
from services.partners.paging import Page
from services.partners.ports import PartnerId, ToResend

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
_PAGE = text("""
    SELECT w.source, encode(w.receipt, 'hex') AS receipt, w.withheld_at, w.asked_at
    FROM partner_withheld w JOIN message_outcome o USING (source, ref)
    WHERE w.partner_id = :partner AND w.asked_at IS NOT NULL AND o.withheld <> '{}'
        AND w.receipt > decode(:after, 'hex')
    ORDER BY w.receipt LIMIT :most
""")
_RECEIPT = re.compile("[0-9a-f]{32}")


class PostgresResending:
    """services.partners.ports.Resending."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def page(self, partner: PartnerId, *, cursor: str | None, most: int) -> Page[ToResend]:
        """What to send again, in the order of receipts, which are the cursors."""
        if cursor is not None and _RECEIPT.fullmatch(cursor) is None:
            raise RequestFaultyError([Fault("query.cursor", "is-not-one-of-ours")])
        rows = self._connection.execute(
            _PAGE, {"partner": partner, "after": cursor or "", "most": most + 1}
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
    decisions: DecisionStore,
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
