"""What of answering partners goes by itself: codes and sessions, links, people who answer no more.

The sweep of retention deletes it as a role that reads none of it; the ledger says what became.
"""

from datetime import datetime
from typing import Final

from sqlalchemy import Connection, text

_CLOSED: Final = (
    text("DELETE FROM answering_code WHERE created_at < :before"),
    text("DELETE FROM answering_session WHERE until < :before"),
    text("DELETE FROM community_proposal WHERE proposed_at < :before"),
)
_LINKS: Final = (
    text("DELETE FROM answering_link WHERE made_at < :before"),
    text("DELETE FROM answering_mail WHERE queued_at < :before"),
)
# Who answered once and does no more: the row stays, as all that is bound does, without anybody.
_PAST_PEOPLE: Final = text("""
    DELETE FROM community_people AS p
    WHERE EXISTS (SELECT FROM community_partner AS later
                  WHERE later.partner_code = p.partner_code AND later.state = p.state + 1
                      AND later.known_at < :before)
""")
_PAST_TERMS: Final = text("DELETE FROM partner_terms WHERE accepted_at < :before")


def forget_closed(connection: Connection, before: datetime) -> int:
    """Delete codes and sessions that open nothing any more, and what nobody confirmed."""
    return sum(connection.execute(each, {"before": before}).rowcount for each in _CLOSED)


def forget_past(connection: Connection, before: datetime) -> int:
    """Delete what no request that is open can need; how many rows went.

    Links and mails of before then, and who answered for a partner and was replaced before then.
    """
    every = (*_LINKS, _PAST_PEOPLE, _PAST_TERMS)
    return sum(connection.execute(each, {"before": before}).rowcount for each in every)
