"""Parked messages, read again."""

from collections.abc import Sequence
from io import BytesIO

from connectors.publishing import MessageDisposition, PublishIfPermitted, publish_if_permitted
from services.adapters.parked_messages import ParkedMessages
from services.adapters.unit_of_work import Outside, unit_of_work
from services.workers.reading_files import read_messages


def replay(
    parked_ids: Sequence[str], *, outside: Outside, key: bytes
) -> list[tuple[str, MessageDisposition]]:
    """Read these parked messages again, or all; one that is still unreadable is parked again."""
    with unit_of_work(outside) as work:
        wanted = list(parked_ids) or [m.id for m in ParkedMessages(work.connection, key).list()]
    done: list[tuple[str, MessageDisposition]] = []
    for parked_id in wanted:
        with unit_of_work(outside) as work:
            found = ParkedMessages(work.connection, key).take(parked_id)
            if found is None:
                continue
            source, raw, at = found
            messages = list(read_messages(source, BytesIO(raw), received_at=at))
            command = PublishIfPermitted(source, messages)
            dispositions = publish_if_permitted(command, publishing=work.publishing(source, None))
        done.extend((parked_id, disposition) for disposition in dispositions)
    return done
