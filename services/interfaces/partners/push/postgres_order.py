"""Pushed messages in the order in which they were taken; in PostgreSQL."""

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import Connection, text

from connectors.ports import Received
from connectors.publishing.events import RecordKeys
from connectors.publishing.ports import Publishing
from connectors.publishing.receiving.order import AsItCame, about_of, in_order
from connectors.publishing.receiving.taken import Came, Earlier
from connectors.publishing.typed import namespace_of
from schemas.identifiers import RecordKey
from schemas.vocabulary import Source
from services.interfaces.partners.ports import PartnerId

# The latest first: where the same was withheld twice, that is what counts.
_BEFORE = text("""
    SELECT o.about, encode(o.ref, 'hex') AS ref, o.version FROM message_outcome o
    WHERE o.source = :source AND (o.about = ANY(:again) OR (o.about = ANY(:now) AND EXISTS (
        SELECT FROM partner_withheld w
        WHERE w.source = o.source AND w.ref = o.ref AND w.partner_id = :partner
            AND w.asked_at IS NOT NULL)))
    ORDER BY o.version DESC
""")


def pushed_in_order(
    connection: Connection,
    partner: PartnerId,
    source: Source,
    messages: Sequence[Received],
    came: Sequence[Came],
    *,
    publishing: Publishing,
) -> Sequence[Received]:
    """Each under the id and the version under which it is taken (`order.in_order`).

    What was withheld and is asked for again comes as what it was, and is no newer; so does an
    event that comes again.
    """
    keys = RecordKeys(source, publishing.hasher, typed_by=namespace_of(publishing.feed))
    abouts = [about_of(received, keys) for received in messages]
    of_way = {
        way: [about for about, way_of in zip(abouts, came, strict=True) if about and way_of is way]
        for way in Came
    }
    before = _before(connection, partner, source, again=of_way[Came.AGAIN], now=of_way[Came.NOW])
    arrivals = [
        AsItCame(received, way, before.get(about, ()) if about else ())
        for received, way, about in zip(messages, came, abouts, strict=True)
    ]
    return in_order(
        source,
        arrivals,
        keys=keys,
        taken=publishing.dispositions,
        hasher=publishing.hasher,
    )


def _before(
    connection: Connection,
    partner: PartnerId,
    source: Source,
    *,
    again: Collection[RecordKey],
    now: Collection[RecordKey],
) -> Mapping[RecordKey, Sequence[Earlier]]:
    """What was taken of the same events' people, and what this partner is asked for again."""
    if not again and not now:
        return {}
    wanted = {"partner": partner, "source": source.value, "again": list(again), "now": list(now)}
    found: dict[RecordKey, list[Earlier]] = {}
    for row in connection.execute(_BEFORE, wanted):
        found.setdefault(RecordKey(row.about), []).append(Earlier(row.ref, row.version))
    return found
