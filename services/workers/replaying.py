"""Parked messages are read again, once somebody has mended what kept them from being read."""

from collections.abc import Sequence
from io import BytesIO

from connectors.ports import Received
from connectors.publishing.order import as_of
from connectors.publishing.publish import (
    IndexedDisposition,
    PublishIfPermitted,
    publish_if_permitted,
)
from connectors.registry import read_messages
from schemas.vocabulary import Source
from services.intake.postgres_kept_back import ParkedMessages, TakenOut
from services.interfaces.partners.ports import PartnerId
from services.interfaces.partners.work import PostgresPartnerWork
from services.work import Outside, unit_of_work
from services.workers.resending import publishing_again


def replay(
    parked_ids: Sequence[str], *, outside: Outside, key: bytes
) -> list[tuple[str, IndexedDisposition]]:
    """Read these parked messages again, or all; one that is still unreadable is parked again."""
    with unit_of_work(outside) as work:
        wanted = list(parked_ids) or [m.id for m in ParkedMessages(work.connection, key).list()]
    done: list[tuple[str, IndexedDisposition]] = []
    for parked_id in wanted:
        with unit_of_work(outside) as work:
            parked = ParkedMessages(work.connection, key)
            pusher, feed = parked.pusher_of(parked_id), parked.feed_of(parked_id)
            found = parked.take(parked_id)
            if found is None:
                continue
            source, messages = found.source, _messages_in(found)
            if pusher is None:
                command = PublishIfPermitted(source, messages, is_in_order=True)
                publishing = publishing_again(source, None, work, feed=feed)
                dispositions = publish_if_permitted(command, publishing=publishing)
            else:
                dispositions = _push_again(
                    source, messages, pusher, PostgresPartnerWork(work, outside)
                )
        done.extend((parked_id, disposition) for disposition in dispositions)
    return done


def _messages_in(found: TakenOut) -> list[Received]:
    """What is in it, in the place that it had among what was said of the same when it came."""
    read = read_messages(found.source, BytesIO(found.raw), received_at=found.received_at)
    return [one if found.version is None else as_of(one, found.version) for one in read]


def _push_again(
    source: Source,
    messages: Sequence[Received],
    pusher: tuple[str, str],
    work: PostgresPartnerWork,
) -> list[IndexedDisposition]:
    """On behalf of the partner that pushed it, which is told under the receipt that it has."""
    partner, told_as = pusher
    pushed = work.publish_again(PartnerId(partner), source, messages, told_as=told_as)
    return [
        IndexedDisposition(
            one.index,
            None,
            one.disposition,
            one.reason if one.field is None else f"{one.field}: {one.reason}",
        )
        for one in pushed
    ]
