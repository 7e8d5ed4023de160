"""One press says that an entry is wrong: what sort of mistake, on which day, and how often.

Who pressed is not known: there is nobody signed in, and no word of theirs is taken.
"""

from datetime import date
from typing import Any, Final

from sqlalchemy import Connection, Row, text

from schemas.vocabulary import LabelledCode

_MOST_A_DAY: Final = 999


class Mistake(LabelledCode):
    """What may be wrong."""

    SOMETHING = "something", "Something is wrong"
    NUMBER = "telephone", "The telephone number is wrong"
    TIMES = "times", "The days or times are wrong"
    CLOSED = "closed", "It does not exist any more"


_PRESS: Final = text(f"""
    INSERT INTO directory_flag AS f (service_id, kind, on_day, presses)
    SELECT service_id, :kind, :day, 1 FROM directory_service WHERE service_id = :id
    ON CONFLICT (service_id, kind, on_day)
        DO UPDATE SET presses = least(f.presses + 1, {_MOST_A_DAY})
    RETURNING presses
""")  # noqa: S608 of constant parts
_OPEN: Final = text("""
    SELECT f.service_id, s.name, s.feed_id, s.partner_code, f.kind, max(f.on_day) AS last,
        sum(f.presses) AS presses
    FROM directory_flag AS f JOIN directory_service AS s USING (service_id)
    WHERE f.answered_by IS NULL AND (CAST(:partner AS text) IS NULL OR s.partner_code = :partner)
    GROUP BY f.service_id, s.name, s.feed_id, s.partner_code, f.kind
    ORDER BY last DESC, presses DESC LIMIT 200
""")
_ANSWER: Final = text("""
    UPDATE directory_flag SET answered_by = :by WHERE service_id = :id AND answered_by IS NULL
""")


def flag(connection: Connection, service: str, mistake: Mistake, day: date) -> bool:
    """Note that somebody says so; False where there is no such entry."""
    values = {"id": service, "kind": mistake.value, "day": day}
    return connection.execute(_PRESS, values).first() is not None


def open_flags(connection: Connection, partner: str | None = None) -> list[Row[Any]]:
    """What nobody has answered yet, of one partner's entries or of all, newest first."""
    return list(connection.execute(_OPEN, {"partner": partner}))


def answer_flags(connection: Connection, service: str, by: str) -> int:
    """Note that somebody has looked at what was said about an entry; gives how much there was."""
    return connection.execute(_ANSWER, {"id": service, "by": by}).rowcount
