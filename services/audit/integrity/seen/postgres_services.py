"""What the database tells of requests to services, their partners and the directory's feeds.

What is late of them is late because a process is: of whose request it is nothing is read here.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from sqlalchemy import Connection, text

from services.audit.integrity.seen import metrics
from services.audit.integrity.seen.metrics import Metric
from services.interfaces.connections.life import WAITS_FOR_ANSWER
from services.people.community.model import LASTS

_NEVER = timedelta(0)
_FOLLOW_UP = text("""
    SELECT min(respond_by) AS since FROM connection
    WHERE status = ANY(:waits) AND respond_by < :now
""")
_NOT_DELIVERED = text("""
    SELECT count(*) FROM connection
    WHERE status NOT IN ('finished', 'declined', 'lapsed', 'withdrawn') AND undelivered IS NOT NULL
""")
_MAIL = text("""
    SELECT min(queued_at) FILTER (WHERE coalesce(handed_at, failed_at) IS NULL) AS queued,
        min(coalesce(failed_at, handed_at)) AS known
    FROM answering_mail WHERE settled_at IS NULL
""")
_PARTNERS = text("""
    SELECT count(*) FROM (SELECT DISTINCT ON (partner_code) known_at FROM community_partner
                          ORDER BY partner_code, state DESC) AS newest
    WHERE known_at <= :since
""")
_FEEDS = text("SELECT min(coalesce(last_ok, added_at)) FROM directory_feed")


def of_services(
    connection: Connection, now: datetime
) -> Iterator[tuple[Metric, float, Mapping[str, str]]]:
    """Each as it is now; a feed's age only where there is a feed."""
    waits = [str(status) for status in WAITS_FOR_ANSWER]
    late = connection.execute(_FOLLOW_UP, {"waits": waits, "now": now}).scalar_one()
    yield metrics.FOLLOW_UP_LATE, _since(late, now), {}
    yield metrics.REQUESTS_UNDELIVERED, connection.execute(_NOT_DELIVERED).scalar_one(), {}
    mail = connection.execute(_MAIL).one()
    yield metrics.PARTNER_MAIL_WAITING, _since(mail.queued, now), {}
    yield metrics.PARTNER_MAIL_UNTOLD, _since(mail.known, now), {}
    lapsed = connection.execute(_PARTNERS, {"since": now - LASTS}).scalar_one()
    yield metrics.PARTNERS_OVERDUE, lapsed, {}
    oldest = connection.execute(_FEEDS).scalar_one()
    if oldest is not None:
        yield metrics.FEED_AGE, _since(oldest, now), {}


def _since(at: datetime | None, now: datetime) -> float:
    return 0.0 if at is None else max(_NEVER, now - at).total_seconds()
