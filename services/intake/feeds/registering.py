"""Registering a feed to an agency: one officer asks, another one confirms; ending takes one."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from functools import partial

from consent.ledger import FieldValue, ledger_entry
from consent.ledger.events import LedgerEvent
from consent.ports import Ledger
from schemas.vocabulary import Source
from services.intake.feeds.model import CameBy, FeedChannel, FeedClass, RegisteredFeed
from services.intake.feeds.postgres import PostgresFeeds
from services.people.governance.orders import (
    NotTheirs,
    Order,
    Orders,
    answer_by_two,
    anybody_else,
    ask_by_two,
)

KIND = "feed-registration"


class WhyNoFeed(StrEnum):
    """Why a feed is not registered, or not ended."""

    AGENCY_NOT_KNOWN = "agency-is-not-known"
    OTHER_KIND = "agency-is-of-another-kind"
    NOT_THERE = "feed-is-not-there"


@dataclass(frozen=True, slots=True)
class RegisterFeed:
    """Order: from now on what comes this way is this agency's own, and is classed like this."""

    source: Source
    agency: str
    came_by: CameBy
    feed_class: FeedClass


@dataclass(frozen=True, slots=True)
class Registering:
    """What feeds are registered with; every port joins one transaction of the owner's.

    `kind_of` tells of which kind an agency of the directory is.
    """

    feeds: PostgresFeeds
    kind_of: Callable[[str], Source | None]
    orders: Orders
    ledger: Ledger
    at: datetime
    is_demonstration: bool = False


def ask_feed(command: RegisterFeed, *, by: str, registering: Registering) -> Order | WhyNoFeed:
    """Ask for a feed. Where families are invented it is registered at once.

    Which class fits is for the two to say: what a file is typed by one person, whatever it says.
    """
    kind = registering.kind_of(command.agency)
    if kind is not command.source:
        why = WhyNoFeed.AGENCY_NOT_KNOWN if kind is None else WhyNoFeed.OTHER_KIND
        return _refused(why, by, registering)
    register = partial(_register, registering=registering)
    return ask_by_two(KIND, _document(command), by=by, hands=registering, carry_out=register)


def answer_feed(
    order_id: str, *, by: str, confirms: bool, registering: Registering
) -> Order | NotTheirs:
    """Confirm or decline; once confirmed the feed is registered, in the same transaction."""
    return answer_by_two(
        {KIND},
        order_id,
        by=by,
        confirms=confirms,
        hands=registering,
        why_not=anybody_else,
        carry_out=partial(_register, registering=registering),
    )


def end_feed(feed: str, *, by: str, registering: Registering) -> RegisteredFeed | WhyNoFeed:
    """From now on nothing that comes this way is anybody's own. What was told before stands."""
    found = registering.feeds.find(feed)
    if found is None or not found.is_in_force(registering.at):
        return _refused(WhyNoFeed.NOT_THERE, by, registering)
    ended = replace(found, until=registering.at, state=found.state + 1)
    registering.feeds.add(ended)
    _enter(LedgerEvent.FEED_ENDED, {"feed": feed}, by, registering)
    return ended


def _register(order: Order, registering: Registering) -> Order:
    told, feeds = order.document, registering.feeds
    source = Source(told["source"])
    came_by = CameBy(FeedChannel(told["channel"]), told["reference"])
    feed = feeds.id_of(source, came_by)
    before = feeds.find(feed)
    by = order.answered_by or order.asked_by
    registered = RegisteredFeed(
        feed,
        source,
        told["agency"],
        came_by,
        FeedClass(told["class"]),
        order.asked_by,
        by,
        registering.at,
        state=1 if before is None else before.state + 1,
    )
    feeds.add(registered)
    fields: dict[str, FieldValue] = {
        "feed": feed,
        "order": order.id,
        "source": source,
        "channel": came_by.channel,
        "class": registered.feed_class,
    }
    _enter(LedgerEvent.FEED_REGISTERED, fields, by, registering)
    return order


def _document(command: RegisterFeed) -> dict[str, str]:
    return {
        "source": command.source.value,
        "agency": command.agency,
        "channel": command.came_by.channel.value,
        "reference": command.came_by.reference,
        "class": command.feed_class.value,
    }


def _refused(why: WhyNoFeed, by: str, registering: Registering) -> WhyNoFeed:
    _enter(LedgerEvent.FEED_REFUSED, {"because": why}, by, registering)
    return why


def _enter(
    event: LedgerEvent, fields: dict[str, FieldValue], by: str, registering: Registering
) -> None:
    registering.ledger.append([ledger_entry(event, fields, at=registering.at, actor=by)])
