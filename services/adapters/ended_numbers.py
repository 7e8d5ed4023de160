"""Numbers that are somebody's no longer: kept, so that what comes late still finds them."""

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, text

from schemas.identifiers import PersonId
from services.adapters.tokens import EndedKind, Token

# Also where somebody else is known by it: it stays theirs until the two are found to be one.
_INSERT = text("""
    INSERT INTO person_token (token, person_id, kind)
    SELECT token, person, kind
    FROM unnest(CAST(:tokens AS bytea[]), CAST(:persons AS text[]), CAST(:kinds AS text[]))
         AS new(token, person, kind)
    ON CONFLICT DO NOTHING
""")
_END = text("""
    UPDATE person_token SET kind = ended.kind
    FROM unnest(CAST(:tokens AS bytea[]), CAST(:persons AS text[]), CAST(:kinds AS text[]))
         AS ended(token, person, kind)
    WHERE person_token.token = ended.token AND person_token.person_id = ended.person
      AND person_token.kind <> ended.kind
""")


def end_tokens(
    connection: Connection, ended: Mapping[PersonId, Sequence[tuple[Token, EndedKind]]]
) -> None:
    """Write down that these numbers are the persons' no longer; nothing to do for most."""
    rows = [(t, person, kind) for person, tokens in ended.items() for t, kind in tokens]
    if not rows:
        return
    wanted = {
        "tokens": [token.value for token, _, _ in rows],
        "persons": [person for _, person, _ in rows],
        "kinds": [kind.value for _, _, kind in rows],
    }
    connection.execute(_INSERT, wanted)
    connection.execute(_END, wanted)
