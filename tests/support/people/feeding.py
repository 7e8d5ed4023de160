"""Feeds and lists of leads put down for a test, as if both hands had been there."""

from schemas.identifiers import PractitionerId
from schemas.vocabulary import Source
from services.intake.feeds.model import CameBy, FeedClass, RegisteredFeed
from services.people.relationships.leads import SafeguardingLead
from services.work import UnitOfWork

_ONE, _OTHER = "operator:one", "operator:other"


def register_feed(
    work: UnitOfWork,
    source: Source,
    came_by: CameBy,
    *,
    agency: str | None = None,
    feed_class: FeedClass = FeedClass.KEPT,
) -> RegisteredFeed:
    """Register a way in to an agency; what is uploaded is of the agency that it names."""
    feed = RegisteredFeed(
        work.feeds.id_of(source, came_by),
        source,
        agency or came_by.reference,
        came_by,
        feed_class,
        _ONE,
        _OTHER,
        work.now,
    )
    work.feeds.add(feed)
    return feed


def put_on_the_list(work: UnitOfWork, agency: str, *practitioners: PractitionerId) -> None:
    """Let them hold the cases of their agency for which its feeds name nobody."""
    for practitioner in practitioners:
        work.leads.add(SafeguardingLead(agency, practitioner, work.now, _ONE, _OTHER))
