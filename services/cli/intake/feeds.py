"""`tell-once feed register|confirm|decline|list|end`: whose each way in is, by two officers."""

import argparse
from enum import StrEnum
from pathlib import Path
from typing import Any

from connectors.registry import ROWS
from schemas.vocabulary import Source
from services.cli.operator import operator, tell_order, tell_refused
from services.cli.orders import officers_group, owned
from services.cli.output import print_document
from services.intake.feeds.model import CameBy, FeedChannel, FeedClass, RegisteredFeed, by_folder
from services.intake.feeds.registering import (
    RegisterFeed,
    Registering,
    WhyNoFeed,
    answer_feed,
    ask_feed,
    end_feed,
)
from services.people.governance.orders import Order
from services.work import UnitOfWork

_ABOUT = """
Whose own the messages are that come a certain way in: its workers then have those whom it tells
of as their own. Two people register it; it is kept where a system behind it allocates, else typed.

  tell-once feed register health-visiting --agency RY4 --mailbox X26HC001
  tell-once feed register social-care --agency 999 --client northfield-csc
  tell-once feed register schools --agency 9992001 --folder /srv/schools
  tell-once feed register schools --agency 9992001 --upload
  tell-once feed confirm ORDER
"""
_SENT = [row.command_word for row in ROWS if row.read is not None]


def add_commands(commands: Any, common: argparse.ArgumentParser) -> None:
    """Add `feed`."""
    told = "whose own the messages are that come a certain way"
    feed = officers_group(commands, common, "feed", told=told, about=_ABOUT)
    register = feed.verb("register", _register, "Ask for a feed.")
    register.add_argument("source", choices=_SENT)
    register.add_argument("--agency", required=True, metavar="CODE", help="whose it is")
    way = register.add_mutually_exclusive_group(required=True)
    way.add_argument("--mailbox", metavar="ID", help="a MESH mailbox")
    way.add_argument("--client", metavar="NAME", help="a partner system (tell-once partner)")
    way.add_argument("--folder", type=Path, metavar="DIR", help="a watched folder")
    way.add_argument("--upload", action="store_true", help="files that ingest --agency reads")
    register.add_argument("--class", dest="feed_class", choices=[c.value for c in FeedClass])
    feed.add_answers(_answer)
    end = feed.verb("end", _end, "End a feed, at once.")
    end.add_argument("feed", metavar="FEED")
    feed.verb("list", _list, "Every feed, also those that have ended.")


def _register(args: argparse.Namespace) -> int:
    came_by = _came_by(args)
    feed_class = FeedClass(args.feed_class) if args.feed_class else came_by.usual_class
    command = RegisterFeed(Source(args.source), args.agency, came_by, feed_class)
    with owned(args) as work:
        found = ask_feed(command, by=operator(), registering=_registering(work))
    return tell_order(args, found, verb="feed")


def _came_by(args: argparse.Namespace) -> CameBy:
    if args.mailbox:
        return CameBy(FeedChannel.MAILBOX, args.mailbox)
    if args.client:
        return CameBy(FeedChannel.CLIENT, args.client)
    return by_folder(args.folder) if args.folder else CameBy(FeedChannel.UPLOAD, args.agency)


def _answer(work: UnitOfWork, order: str, confirms: bool) -> Order | StrEnum:  # noqa: FBT001
    return answer_feed(order, by=operator(), confirms=confirms, registering=_registering(work))


def _end(args: argparse.Namespace) -> int:
    with owned(args) as work:
        found = end_feed(args.feed, by=operator(), registering=_registering(work))
    if isinstance(found, WhyNoFeed):
        return tell_refused(found)
    print_document(args, _document(found), plain=_line(found))
    return 0


def _list(args: argparse.Namespace) -> int:
    with owned(args) as work:
        feeds = work.feeds.all()
    plain = (
        "\n".join(map(_line, feeds)) or "No feed is registered: nobody has any case of their own."
    )
    print_document(args, {"feeds": [_document(feed) for feed in feeds]}, plain=plain)
    return 0


def _document(feed: RegisteredFeed) -> dict[str, object]:
    return {
        "feed": feed.id,
        "source": feed.source.value,
        "agency": feed.agency,
        "channel": feed.came_by.channel.value,
        "class": feed.feed_class.value,
        "asked_by": feed.asked_by,
        "warranted_by": feed.warranted_by,
        "since": feed.since.isoformat(),
        "until": None if feed.until is None else feed.until.isoformat(),
    }


def _line(feed: RegisteredFeed) -> str:
    ended = "" if feed.until is None else f", ended {feed.until:%Y-%m-%d}"
    way = f"{feed.source} by {feed.came_by.channel.value}"
    return f"{feed.id}: {way} is of {feed.agency}, {feed.feed_class.value}{ended}"


def _registering(work: UnitOfWork) -> Registering:
    known = (work.feeds, work.directory.kind_of, work.orders, work.ledger, work.now)
    return Registering(*known, work.is_demonstration)
