"""What was written when somebody asked: to be let in, or a service to help. It goes after a time.

Who may ask about whom, and what was decided, is history of opaque ids and stays; the words go. A
request to a service goes whole, once it is over: what the ledger has of it proves what became of it
and what the service was shown.
"""

from collections.abc import Mapping
from typing import Final

from sqlalchemy import Connection, text

_WORDS: Final = text("""
    DELETE FROM relationship_words w WHERE NOT w.person_id = ANY(CAST(:held AS text[]))
        AND (EXISTS (SELECT FROM relationship r
                     WHERE r.relationship_id = w.relationship_id AND r.known_at < :before)
             OR EXISTS (SELECT FROM relationship_request q
                        WHERE q.request_id = w.relationship_id AND q.known_at < :before))
""")
# Those of whom it is told go with it, and what happened: they are rows of the request's. Of whom
# something is held is asked of both.
_CONNECTIONS: Final = text("""
    DELETE FROM connection c WHERE c.changed_at < :before
        AND c.status IN ('finished', 'declined', 'lapsed', 'withdrawn')
        AND NOT EXISTS (
            SELECT FROM connection_person p WHERE p.connection_id = c.connection_id
            AND p.person_id = ANY(CAST(:held AS text[])))
        AND NOT c.person_id = ANY(CAST(:held AS text[]))
""")


def forget_what_was_asked(connection: Connection, wanted: Mapping[str, object]) -> int:
    """Delete what is older than `before` and of nobody who is `held`; gives how much.

    Neither is read before it goes: what it says is sealed under keys that this role cannot open.
    A request that is still open stays, however old: something may become of it yet. Those who are
    held are neither the one who would be rung nor anybody else of whom something is told.
    """
    asked = connection.execute(_CONNECTIONS, wanted).rowcount
    return asked + connection.execute(_WORDS, wanted).rowcount
