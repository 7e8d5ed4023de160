"""The use of somebody's own page: since when, how they signed in, and whom they let see it.

For themselves alone: that there is one is told to nobody else, also not by saying that it is
withheld.
"""

from collections.abc import Collection, Iterator
from datetime import datetime

from sqlalchemy import Connection, text

from schemas.identifiers import PersonId
from schemas.uk_time import uk_day
from schemas.vocabulary import Category, Source
from services.interfaces.subject_access.held import Beside
from services.interfaces.subject_access.postgres_beside import FoundBeside
from services.people.family_access.letting_see.postgres import LetSeeStanding
from services.people.family_access.letting_see.postgres_taken_off import TakenOffStanding
from services.people.family_access.model import BY_PROVIDER, AccessEnd, AccessStanding

_ACCESSES = text("""
    SELECT a.access_id, a.warrant, a.known_at, g.name AS agency, g.kind, p.name AS who,
           last.standing, last.because, last.known_at AS last_at
    FROM family_access a
        JOIN LATERAL (SELECT * FROM family_access l WHERE l.access_id = a.access_id
                      ORDER BY l.state DESC LIMIT 1) last ON true
        LEFT JOIN agency g ON g.agency_code = a.agency_code
        LEFT JOIN practitioner p ON p.practitioner_id = a.given_by
    WHERE a.person_id = ANY(:persons) AND a.state = 1 ORDER BY a.known_at, a.access_id
""")
_SESSIONS = text("""
    SELECT s.opened_at FROM family_session s
    WHERE s.access_id = :access ORDER BY s.opened_at
""")
_LET_SEE = text("""
    SELECT l.standing, l.known_at FROM family_let_see l WHERE l.person_id = ANY(:persons)
    ORDER BY l.known_at, l.let_see_id, l.state
""")

_TAKEN_OFF = text("""
    SELECT t.standing, t.known_at FROM family_taken_off t
    WHERE t.other_person_id = ANY(:persons) ORDER BY t.known_at, t.taking_id, t.state
""")


def own_page(connection: Connection, persons: Collection[PersonId]) -> Iterator[FoundBeside]:
    """What is kept of it, the earliest first; whom they let see is named by what they are alone."""
    wanted = {"persons": list(persons)}
    for row in connection.execute(_ACCESSES, wanted).all():
        opened = connection.execute(_SESSIONS, {"access": row.access_id}).scalars()
        is_over = row.standing == AccessStanding.ENDED
        lines = (
            ("Who gave it", row.who or ""),
            ("Agency", row.agency or ""),
            ("Signed in with", "A provider" if row.warrant == BY_PROVIDER else "A code"),
            ("Signed in on", "; ".join(map(_moment, opened))),
            ("Ended on", _moment(row.last_at) if is_over else ""),
            ("Ended because", AccessEnd(row.because).label if is_over else ""),
        )
        kind = Source.FAMILY_HUB if row.kind is None else Source(row.kind)
        yield _found(kind, row.known_at, lines)
    for row in connection.execute(_TAKEN_OFF, wanted).all():
        is_off = row.standing == TakenOffStanding.OFF
        words = "A child was taken off your page" if is_off else "Your page shows a child again"
        yield _found(Source.FAMILY_HUB, row.known_at, (("What changed", words),))
    for row in connection.execute(_LET_SEE, wanted).all():
        is_let = row.standing == LetSeeStanding.LET
        said = "Let a parent see the page" if is_let else "Stopped letting a parent see the page"
        yield _found(Source.FAMILY_HUB, row.known_at, (("Said", said),))


def _found(kind: Source, at: datetime, lines: tuple[tuple[str, str], ...]) -> FoundBeside:
    told = tuple((label, words) for label, words in lines if words)
    return FoundBeside(Beside.OWN_PAGE, kind, Category.PRACTITIONERS, at, told)


def _moment(at: datetime) -> str:
    day = uk_day(at)
    return f"{day.day} {day:%B %Y}"
