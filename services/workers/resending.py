"""What was withheld comes again once it may be permitted (DESIGN.md section 11)."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from io import BytesIO
from itertools import islice

from connectors.publishing.ports import Publishing
from connectors.publishing.publish import PublishIfPermitted, publish_if_permitted
from connectors.publishing.receiving.order import refs_of
from connectors.registry import ROWS, WithheldWait, read_messages
from schemas.envelope import Event
from schemas.identifiers import PersonId
from schemas.topics import SHARING_DECISIONS
from schemas.vocabulary import Source
from services.intake.postgres_kept_back import HELD_FOR, FileRead, files_to_reread
from services.interfaces.connections.telling.announcing import tell_again
from services.interfaces.partners.push.postgres import ask_partners_again
from services.people.linking.postgres.queue import PostgresLinkQueue
from services.platform.bus.ports import EventBus
from services.platform.database.activity import ActivityKind, wait_for_those_in_flight
from services.work import Outside, UnitOfWork
from services.workers.consuming import Consumer

# Files read again for what was withheld of them: only that, and never all of it in memory.

_BATCH = 100


def reread(
    source: Source, read: FileRead, refs: Collection[str], work: UnitOfWork, *, feed: str | None
) -> None:
    """Decide again on those messages of a file that are meant by `refs`, and came by that feed.

    The file is its owner's: where it is gone, its owner has to send it again.
    """
    wanted = frozenset(refs)
    path, publishing = read.path, publishing_again(source, read, work, feed=feed)
    titles = work.schools.titles_of_file(source, path, read.school)
    try:
        modified = datetime.fromtimestamp(path.stat().st_mtime, tz=work.now.tzinfo)
        with path.open("rb") as file:
            found = (
                one
                for one in read_messages(source, file, received_at=modified, own_titles=titles)
                if not wanted.isdisjoint(refs_of(source, one, work.hasher))
            )
            while batch := list(islice(found, _BATCH)):
                publish_if_permitted(PublishIfPermitted(source, batch), publishing=publishing)
    except OSError:
        return


def publishing_again(
    source: Source, read: FileRead | None, work: UnitOfWork, *, feed: str | None
) -> Publishing:
    """What to publish with what came before by this feed, which may have ended since."""
    publishing = work.publishing(source, read)
    if feed is None:
        return publishing
    return replace(publishing, feed=work.feeds.in_force(feed) or publishing.feed)


GROUP = "connectors"
_FILE_SOURCES = tuple(row.source for row in ROWS if row.withheld is WithheldWait.ITS_FILE)


def resender(bus: EventBus, outside: Outside) -> Consumer:
    """A member of the group that asks the connectors for what was withheld."""
    return Consumer(bus, GROUP, (SHARING_DECISIONS,), outside, resend)


def resend(events: Sequence[Event], work: UnitOfWork) -> None:
    """Decide again on every message held back that may be about these persons.

    Whoever they may be is looked for again too, by what may now be compared.

    A message that is being withheld at this moment, on what was decided before, is waited for:
    nobody else would ask for it.
    """
    wait_for_those_in_flight(work.connection, ActivityKind.PUBLISHING)
    persons = sorted(work.clusters.concerned_by({PersonId(event.subject) for event in events}))
    PostgresLinkQueue(work.connection).add_known(persons, at=work.now)
    tokens = [token for person in persons for token in work.persons.tokens_of_person(person)]
    tokens += work.likenesses.waiting_tokens_of(persons)
    _resend_held(tokens, work)
    for source in _FILE_SOURCES:
        refs = work.dispositions.withheld_refs(source, tokens)
        for feed, of_feed in work.dispositions.by_feed(source, refs).items():
            for read in files_to_reread(work.connection, source, of_feed):
                reread(source, read, of_feed, work, feed=feed)
    tell_again(persons, work)
    for source in Source:
        refs = work.dispositions.withheld_refs(source, tokens)
        ask_partners_again(work.connection, source, refs, decisions=work.decisions, at=work.now)


def _resend_held(tokens: Sequence[bytes], work: UnitOfWork) -> None:
    refs = work.dispositions.withheld_refs(HELD_FOR, tokens)
    for feed, of_feed in work.dispositions.by_feed(HELD_FOR, refs).items():
        messages = [
            received
            for raw in work.health_visiting_store.kept(of_feed)
            for received in read_messages(HELD_FOR, BytesIO(raw), received_at=work.now)
        ]
        if messages:
            command = PublishIfPermitted(HELD_FOR, messages)
            publishing = publishing_again(HELD_FOR, None, work, feed=feed)
            publish_if_permitted(command, publishing=publishing)
