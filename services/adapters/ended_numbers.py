"""Numbers that are somebody's no longer: kept, so that what comes late still finds them."""

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, text

from schemas.identifiers import PersonId
from services.adapters.tokens import EndedKind, Token, TokenKind

# A number that nobody has is this person's, as one that was; somebody else's stays theirs.
_INSERT = text("""
    INSERT INTO person_token (token, person_id, kind)
    SELECT token, person, kind
    FROM unnest(CAST(:tokens AS bytea[]), CAST(:persons AS text[]), CAST(:kinds AS text[]))
         AS new(token, person, kind)
    WHERE NOT EXISTS (SELECT FROM person_token WHERE person_token.token = new.token)
    ON CONFLICT DO NOTHING
""")
_END = text("""
    UPDATE person_token SET kind = ended.kind
    FROM unnest(CAST(:tokens AS bytea[]), CAST(:persons AS text[]), CAST(:kinds AS text[]))
         AS ended(token, person, kind)
    WHERE person_token.token = ended.token AND person_token.person_id = ended.person
      AND person_token.kind <> ended.kind
""")
# The number that replaced it is the same human being's, whoever the shared side took them for.
_SUPERSEDE_FOR_ALL = text("""
    UPDATE person_token SET kind = :superseded
    WHERE token = ANY(:tokens) AND kind = :nhs_number
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
    replaced = [
        token.value
        for token, _, kind in rows
        if kind is EndedKind.SUPERSEDED and token.kind is TokenKind.NHS_NUMBER
    ]
    for_all = {"tokens": replaced, "superseded": EndedKind.SUPERSEDED.value}
    connection.execute(_SUPERSEDE_FOR_ALL, {**for_all, "nhs_number": TokenKind.NHS_NUMBER.value})
