"""Whether a source that has to be asked answers; a profile says so (DESIGN.md section 7)."""

from datetime import datetime

from sqlalchemy import Connection, text

from schemas.vocabulary import Source

_NOT_ANSWERING = text("""
    INSERT INTO source_status (source, failing_since) VALUES (:source, :at)
    ON CONFLICT (source) DO UPDATE
        SET failing_since = coalesce(source_status.failing_since, excluded.failing_since)
""")
_ANSWERING = text("UPDATE source_status SET failing_since = NULL WHERE source = :source")


def note_not_answering(connection: Connection, source: Source, *, at: datetime) -> None:
    """From now on, or since it was said before, the source does not answer."""
    connection.execute(_NOT_ANSWERING, {"source": source.value, "at": at})


def note_answering(connection: Connection, source: Source) -> None:
    """The source answers, whether or not it has anything to say."""
    connection.execute(_ANSWERING, {"source": source.value})
