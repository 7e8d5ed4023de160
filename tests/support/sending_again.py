"""Samples of every source sent again, and what of a shared profile must be the same after it."""

import os
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

from sqlalchemy import text

from connectors.registry import ROWS
from schemas.identifiers import RecordKey
from schemas.records.payloads import StoryConfirmation, StoryEntry
from schemas.vocabulary import Disposition, Source
from services.bootstrap import Application, DatabaseRole, opened
from services.lifecycle.rebuild.postgres_swap import ShadowCompared
from services.lifecycle.retention.rules import retention_rules
from services.platform.settings import Settings
from services.work import unit_of_work
from services.workers.draining import drain
from services.workers.files.reading import files_below, ingest
from services.workers.rebuild import Origin, rebuild
from tests.support.reading import DEMONSTRATION
from tests.support.rebuilding import without_progress

SAMPLES = DEMONSTRATION / "families"
_UPDATED = re.compile(r'(?<=<lastUpdated value=")[^"]+')
_HEADER = re.compile(r"<MessageHeader>\s*<id value=\"([^\"]+)\"")
_DATE_OF_FILE = re.compile(r"(?<=<DateTime>)[^<]+")
_LATER = timedelta(days=1)
# But for clearings, which each lie in their own scope: that one took something shows in the rest.
_RECORDS = """
    SELECT person_id, source, record_key, version, removed FROM record
    WHERE NOT record_key = ANY(scopes)
"""

Place = tuple[str, Source, RecordKey]
"""Whose record, of which source, under which key."""


@dataclass(frozen=True, slots=True)
class Profile:
    """The shared profile without its content: what stands with which version, what was removed.

    `links` are the records that each entry of a story corrects or confirms.
    """

    versions: dict[Place, str]
    removed: frozenset[Place]
    links: dict[RecordKey, tuple[RecordKey, ...]]

    @property
    def counts(self) -> Counter[tuple[str, Source]]:
        """How many records stand, by person and source."""
        return Counter((person, source) for person, source, _ in self.versions)

    def left_behind(self, before: "Profile") -> list[Place]:
        """What stands as before though its source has said everything again since."""
        return [
            place
            for place, version in self.versions.items()
            if place[1] is not Source.FAMILY_HUB and version == before.versions.get(place)
        ]


@contextmanager
def opened_folder(data: Path) -> Iterator[Application]:
    """Open a data folder that nobody serves, as commands do, and bring it to what holds today.

    What an older version let stand may not be shared by the rules of this one.
    """
    with opened(Settings(data=data)) as application:
        drain(application)
        built_anew(application, dry_run=False)
        yield application


def profile_in(application: Application) -> Profile:
    """What stands now."""
    outside = application.outside(DatabaseRole.OWNER)
    with outside.engine.connect() as connection:
        rows = connection.execute(text(_RECORDS)).all()
    places = {
        (row.person_id, Source(row.source), RecordKey(row.record_key)): row.version
        for row in rows
        if not row.removed
    }
    removed = {(row.person_id, Source(row.source), row.record_key) for row in rows if row.removed}
    return Profile(places, frozenset(removed), _links(application))


def built_anew(application: Application, *, dry_run: bool = True) -> ShadowCompared:
    """How what is built from the bus differs from what stands."""
    bus = application.open_bus(DatabaseRole.OWNER)
    try:
        built = rebuild(
            Origin.BUS,
            bus=bus,
            outside=application.outside(DatabaseRole.OWNER),
            rules=retention_rules(None),
            progress=without_progress,
            dry_run=dry_run,
        )
    finally:
        bus.close()
    return built.compared


def send(application: Application, folder: Path) -> Counter[Disposition]:
    """Read in what lies below a folder for each source, and do all that follows from it."""
    outside = application.outside(DatabaseRole.CONNECTORS)
    became: Counter[Disposition] = Counter()
    for source, files in _files_of(folder):
        became.update(row.message.disposition for row in ingest(source, files, outside=outside))
    drain(application)
    return became


def said_again_later(into: Path) -> Path:
    """Every sample as its source would send it another day: the same, and nothing else, anew."""
    for source, files in _files_of(SAMPLES):
        below = into / source.value
        below.mkdir(parents=True)
        for file in files:
            written = below / file.name
            written.write_text(_a_day_later(file.read_text(encoding="utf-8")), encoding="utf-8")
            day_after = file.stat().st_mtime + _LATER.total_seconds()
            os.utime(written, (day_after, day_after))
    return into


def _files_of(folder: Path) -> Iterator[tuple[Source, list[Path]]]:
    for row in ROWS:
        if row.read is not None and (folder / row.command_word).is_dir():
            yield row.source, files_below([folder / row.command_word])


def _a_day_later(message: str) -> str:
    """With another header: what has no date of its own is dated by its file."""
    header = _HEADER.search(message)
    if header is not None:
        message = message.replace(header[1], str(uuid5(NAMESPACE_URL, f"urn:uuid:{header[1]}")))
    for date in (_UPDATED, _DATE_OF_FILE):
        message = date.sub(_a_day_after, message, count=1)
    return message


def _a_day_after(date: "re.Match[str]") -> str:
    return (datetime.fromisoformat(date[0]) + _LATER).isoformat()


def _links(application: Application) -> dict[RecordKey, tuple[RecordKey, ...]]:
    links: dict[RecordKey, tuple[RecordKey, ...]] = {}
    with unit_of_work(application.outside(DatabaseRole.OWNER)) as work:
        persons = [row.person_id for row in work.connection.execute(text("SELECT * FROM person"))]
        for record in work.records.open(work.records.about(persons, outdated=True)):
            match record.payload:
                case StoryEntry(corrects=corrects):
                    links[record.key] = () if corrects is None else (RecordKey(corrects),)
                case StoryConfirmation(confirms=confirms):
                    links[record.key] = tuple(RecordKey(key) for key in confirms)
                case _:
                    pass
    return links
