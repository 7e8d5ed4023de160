"""What was withheld comes again once it may be permitted (DESIGN.md section 11)."""

from collections.abc import Sequence
from datetime import datetime
from io import BytesIO
from pathlib import Path

from connectors.publishing import PublishIfPermitted, publish_if_permitted
from schemas.envelope import Event
from schemas.identifiers import PersonId
from schemas.topics import SHARING_DECISIONS
from schemas.vocabulary import Source
from services.adapters.expiring import forget_expired_messages
from services.adapters.in_flight import Kind, wait_for_those_in_flight
from services.adapters.kept_back import files_to_reread
from services.adapters.unit_of_work import Outside, UnitOfWork, unit_of_work
from services.event_bus import EventBus
from services.workers.consuming import Consumer
from services.workers.reading_files import read_messages

GROUP = "connectors"
_FILE_SOURCES = (Source.SCHOOLS, Source.SOCIAL_CARE)


def resender(bus: EventBus, outside: Outside) -> Consumer:
    """A member of the group that asks the connectors for what was withheld."""
    return Consumer(bus, GROUP, (SHARING_DECISIONS,), outside, resend)


def resend(events: Sequence[Event], work: UnitOfWork) -> None:
    """Decide again on every message held back that may be about these persons.

    A message that is being withheld at this moment, on what was decided before, is waited for:
    nobody else would ask for it.
    """
    wait_for_those_in_flight(work.connection, Kind.PUBLISHING)
    persons = sorted({PersonId(event.subject) for event in events})
    tokens = [token for person in persons for token in work.persons.tokens_of_person(person)]
    _resend_held(tokens, work)
    for source in _FILE_SOURCES:
        refs = work.outcomes.withheld_refs(source, tokens)
        for path in files_to_reread(work.connection, source, refs):
            _reread(source, path, work)


def _resend_held(tokens: Sequence[bytes], work: UnitOfWork) -> None:
    source = Source.HEALTH_VISITING
    refs = work.outcomes.withheld_refs(source, tokens)
    held = work.health_visiting_store.held(refs)
    messages = [
        received
        for raw in held
        for received in read_messages(source, BytesIO(raw), received_at=work.now)
    ]
    if messages:
        command = PublishIfPermitted(source, messages)
        publish_if_permitted(command, publishing=work.publishing(source, None))


def _reread(source: Source, path: Path, work: UnitOfWork) -> None:
    """The file is its owner's: where it is gone, its owner has to send it again."""
    try:
        modified = datetime.fromtimestamp(path.stat().st_mtime, tz=work.now.tzinfo)
        with path.open("rb") as file:
            messages = list(read_messages(source, file, received_at=modified))
    except OSError:
        return
    command = PublishIfPermitted(source, messages)
    publish_if_permitted(command, publishing=work.publishing(source, path))


def forget_expired(outside: Outside) -> int:
    """Let go of messages that were held for their whole time; gives how many."""
    with unit_of_work(outside) as work:
        return forget_expired_messages(work.connection, work.now)
