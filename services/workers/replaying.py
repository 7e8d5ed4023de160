"""Parked messages are read again, once somebody has mended what kept them from being read."""

from collections.abc import Sequence
from dataclasses import replace
from io import BytesIO

from connectors.ports import Received
from connectors.publishing.publish import (
    IndexedDisposition,
    PublishIfPermitted,
    publish_if_permitted,
)
from connectors.publishing.receiving.order import as_of
from connectors.registry import read_messages
from schemas.vocabulary import Source
from services.intake.parked.model import ParkedMessage, ParkedState, TakenOut
from services.intake.parked.postgres import ParkedMessages
from services.interfaces.partners.ports import PartnerId
from services.interfaces.partners.work import PostgresPartnerWork
from services.people.governance.queue import ItemKind, raise_item
from services.platform.keys.vault import SecretName
from services.work import Outside, unit_of_work
from services.workers.resending import publishing_again


def replay(
    parked_ids: Sequence[str], *, outside: Outside, key: bytes, accepts: bool = False
) -> list[tuple[str, IndexedDisposition]]:
    """Read these parked messages again, or all; one that is still unreadable is parked again.

    What was said of one stands if it is; `accepts` takes each as of whom its number names.
    """
    with unit_of_work(outside) as work:
        wanted = list(parked_ids) or [m.id for m in ParkedMessages(work.connection, key).list()]
    done: list[tuple[str, IndexedDisposition]] = []
    for parked_id in wanted:
        with unit_of_work(outside) as work:
            parked = ParkedMessages(work.connection, key)
            pusher, feed = parked.pusher_of(parked_id), parked.feed_of(parked_id)
            before = parked.find(parked_id)
            told = work.unread.told(parked_id)
            found = parked.take(parked_id)
            if found is None or before is None:
                continue
            source, messages = found.source, _messages_in(found, before.origin)
            if pusher is None:
                command = PublishIfPermitted(source, messages, accepts, is_in_order=True)
                publishing = publishing_again(source, None, work, feed=feed)
                dispositions = publish_if_permitted(command, publishing=publishing)
            else:
                dispositions = _push_again(
                    source, messages, pusher, PostgresPartnerWork(work, outside), accepts=accepts
                )
            _keep_saying(before, parked)
            if told is not None:
                work.unread.still(told)
        done.extend((parked_id, disposition) for disposition in dispositions)
    return done


def _keep_saying(before: ParkedMessage, parked: ParkedMessages) -> None:
    """Let what was said of it stand, where it is parked again for the same reason.

    One that was accepted and is parked all the same waits anew: whatever it is now was not seen.
    """
    now = parked.find(before.id)
    is_same = now is not None and (now.field, now.reason) == (before.field, before.reason)
    if is_same and before.state is not ParkedState.ACCEPTED:
        parked.set(before)


def _messages_in(found: TakenOut, origin: str | None) -> list[Received]:
    """What is in it, in the place that it had among what was said of the same when it came."""
    read = [
        replace(one, origin=origin)
        for one in read_messages(found.source, BytesIO(found.raw), received_at=found.received_at)
    ]
    return [one if found.version is None else as_of(one, found.version) for one in read]


def _push_again(
    source: Source,
    messages: Sequence[Received],
    pusher: tuple[str, str],
    work: PostgresPartnerWork,
    *,
    accepts: bool,
) -> list[IndexedDisposition]:
    """On behalf of the partner that pushed it, which is told under the receipt that it has."""
    partner, told_as = pusher
    pushed = work.publish_again(
        PartnerId(partner), source, messages, told_as=told_as, accepts=accepts
    )
    return [
        IndexedDisposition(
            one.index,
            None,
            one.disposition,
            one.reason if one.field is None else f"{one.field}: {one.reason}",
        )
        for one in pushed
    ]


# What is done about parked messages without anybody's command: one that two people have accepted is
# read again here, since the portal publishes nothing; of one that cannot wait governance is told.

_ACTOR = "job:connectors"


def look_after_parked(outside: Outside) -> int:
    """Read again what was accepted, and tell governance of what is urgent; gives how many."""
    key = outside.vault.secret(SecretName.PARKED)
    with unit_of_work(outside) as work:
        messages = ParkedMessages(work.connection, key)
        accepted = [message.id for message in messages.list(states=[ParkedState.ACCEPTED])]
        urgent = messages.to_be_told(at=work.now)
        for message in urgent:
            raise_item(
                ItemKind.PARKED_URGENT,
                message.id,
                by=_ACTOR,
                queue=work.queue,
                ledger=work.ledger,
                at=work.now,
            )
    if accepted:
        replay(accepted, outside=outside, key=key, accepts=True)
    return len(accepted) + len(urgent)
