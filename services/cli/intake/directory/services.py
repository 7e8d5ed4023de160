"""`tell-once directory` serves the directory; `tell-once services …` looks after what is in it."""

import argparse
from functools import partial
from pathlib import Path
from typing import Any

from services.cli.operator import operator
from services.cli.orders import owned
from services.cli.output import FAILED, REFUSED, print_document, settings_from
from services.platform.settings import Settings

_ABOUT = """
The directory of services: councils' feeds, what of them was parked, postcodes, and what families
say is wrong.

  tell-once services add-feed exbury https://directory.exbury.example/o/v3 --name "Exbury"
  tell-once services read exbury
  tell-once services parked exbury
  tell-once services add-partner st-aldhelms --name "St Aldhelm's" --kind "Church group"
  tell-once services postcodes ONSPD_NOV_2026_UK.csv
"""
_DIRECTORY = """
Serves the directory of services alone: pages and Open Referral UK 3.0, without cookies.

  tell-once directory --port 8001
"""


def add_commands(commands: Any, common: argparse.ArgumentParser) -> None:
    """Add `directory` and `services`."""
    told = _DIRECTORY.strip().splitlines()[0]
    served = _parser(commands, common, "directory", told, _DIRECTORY)
    served.add_argument("--port", type=int, help="to serve on")
    served.set_defaults(run_command=_serve)
    services = commands.add_parser(
        "services",
        help="what is in the directory of services",
        description=_ABOUT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    verbs = services.add_subparsers(dest="verb", required=True, metavar="VERB")
    _add_feed_verbs(verbs, common)
    postcodes = _parser(verbs, common, "postcodes", "Load postcodes and their points.")
    postcodes.add_argument("file", type=Path, help="with the columns pcds, lat and long")
    postcodes.set_defaults(run_command=_postcodes)
    partner = _parser(verbs, common, "add-partner", "Enter whose services are written here.")
    partner.add_argument("partner", metavar="PARTNER", help="what you call it: a short word")
    partner.add_argument("--name", required=True)
    partner.add_argument("--kind", required=True, help="such as Charity, or Church group")
    partner.add_argument("--charity-number")
    partner.add_argument("--agency", help="the code of the agency whose people write for it")
    partner.set_defaults(run_command=_add_partner)
    following = _parser(verbs, common, "follow-up", "See what is due about requests to services.")
    following.add_argument("--until-stopped", action="store_true", help="go on until stopped")
    following.add_argument("--port", type=int, help=argparse.SUPPRESS)
    following.set_defaults(run_command=_follow_up)
    _parser(verbs, common, "mistakes", "What families say is wrong.").set_defaults(
        run_command=_mistakes
    )


def _add_feed_verbs(verbs: Any, common: argparse.ArgumentParser) -> None:
    add = _parser(verbs, common, "add-feed", "Enter a council's feed.")
    add.add_argument("feed", metavar="FEED", help="what you call it: a short word")
    add.add_argument("url", help="the stub of its endpoints, https://…")
    add.add_argument("--name", required=True, help="whose it is")
    add.add_argument("--version", choices=["3.0", "1.0"], default="3.0")
    add.set_defaults(run_command=_add_feed)
    remove = _parser(verbs, common, "remove-feed", "Take a feed out, with all its entries.")
    remove.add_argument("feed", metavar="FEED")
    remove.set_defaults(run_command=_remove_feed)
    _parser(verbs, common, "feeds", "How each feed fares.").set_defaults(run_command=_feeds)
    read = _parser(verbs, common, "read", "Read feeds now, or night after night.")
    read.add_argument("feed", metavar="FEED", nargs="*", help="which; all where none is named")
    read.add_argument("--nightly", action="store_true", help="go on until stopped")
    read.add_argument("--port", type=int, help=argparse.SUPPRESS)
    read.set_defaults(run_command=_read)
    parked = _parser(verbs, common, "parked", "What of a feed cannot be listed, and why.")
    parked.add_argument("feed", metavar="FEED", nargs="?")
    parked.set_defaults(run_command=_parked)


def _parser(
    commands: Any, common: argparse.ArgumentParser, name: str, told: str, about: str = ""
) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(
        name,
        parents=[common],
        help=told,
        description=about or told,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    return parser


def _serve(args: argparse.Namespace) -> int:
    from services.interfaces.directory.serving.app import run_directory  # noqa: PLC0415 slow

    return run_directory(settings_from(args))


def _add_feed(args: argparse.Namespace) -> int:
    from services.interfaces.directory.feeds import fetching, postgres, reading  # noqa: PLC0415

    private = fetching.named_hosts(settings_from(args).directory_private_feeds)
    fetching.require_address(args.url, private)
    version = reading.FeedVersion(args.version)
    feed = postgres.ServiceFeed(args.feed, args.name, args.url.rstrip("/"), version)
    with owned(args) as work:
        is_new = postgres.add_feed(work.connection, feed, by=operator(), at=work.now)
    told = "It is read from tonight." if is_new else "There is one of this name or address already."
    print_document(args, {"feed": args.feed, "added": is_new}, plain=told)
    return 0 if is_new else REFUSED


def _remove_feed(args: argparse.Namespace) -> int:
    from services.interfaces.directory.feeds import postgres  # noqa: PLC0415 as above

    with owned(args) as work:
        was_there = postgres.remove_feed(work.connection, args.feed)
    told = "It is gone, with its entries." if was_there else "There is no such feed."
    print_document(args, {"feed": args.feed, "removed": was_there}, plain=told)
    return 0 if was_there else REFUSED


def _feeds(args: argparse.Namespace) -> int:
    from services.interfaces.directory.feeds import postgres  # noqa: PLC0415 as above

    with owned(args) as work:
        found = postgres.feeds(work.connection)
    told = [
        {
            "feed": one.id,
            "name": one.name,
            "version": one.version.value,
            "last_ok": None if one.last_ok is None else one.last_ok.isoformat(),
            "failure": None if one.failure is None else one.failure.value,
            "entries": one.entries,
            "parked": one.parked,
        }
        for one in found
    ]
    plain = "\n".join(
        f"{one['feed']}: {one['entries']} entries, {one['parked']} parked, "
        f"{one['failure'] or one['last_ok'] or 'not read yet'}"
        for one in told
    )
    print_document(args, {"feeds": told}, plain=plain or "There is no feed.")
    return 0


def _read(args: argparse.Namespace) -> int:
    from services.interfaces.directory.entries.postgres import (  # noqa: PLC0415
        DirectoryRole,
        directory_engine,
    )
    from services.interfaces.directory.feeds import nightly  # noqa: PLC0415
    from services.platform.clock import SystemClock  # noqa: PLC0415

    settings = settings_from(args)
    with directory_engine(settings, DirectoryRole.FEEDS) as engine:
        if args.nightly:
            return nightly.run_nightly(settings, engine, _shows(settings, engine))
        open_feed = nightly.opening(settings)
        read = list(nightly.read_feeds(engine, SystemClock(), open_feed, args.feed))
    told = [
        {"feed": feed.id, "failure": None if failure is None else failure.value}
        for feed, failure in read
    ]
    plain = "\n".join(f"{one['feed']}: {one['failure'] or 'read'}" for one in told)
    print_document(args, {"read": told}, plain=plain or "There is no such feed.")
    return FAILED if any(one["failure"] for one in told) or not told else 0


def _shows(settings: Settings, engine: Any) -> Any:
    """What shows it on its port for metrics: entries that can be read are all it needs.

    A feed may take an hour, so whether the loop turns says nothing.
    """
    from services.audit.integrity.seen.showing import shown_by  # noqa: PLC0415 as above
    from services.interfaces.directory.entries.postgres import lacks_entries  # noqa: PLC0415

    return partial(shown_by, settings, partial(lacks_entries, engine), turns=False)


def _follow_up(args: argparse.Namespace) -> int:
    from services.bootstrap import opened  # noqa: PLC0415 as above
    from services.cli.intake.directory.services_due import follow_up_once, run_following_up  # noqa: PLC0415

    with opened(settings_from(args)) as application:
        if args.until_stopped:
            return run_following_up(application)
        changed = follow_up_once(application)
    print_document(args, {"changed": changed}, plain=f"{changed} requests changed.")
    return 0


def _parked(args: argparse.Namespace) -> int:
    from services.interfaces.directory.feeds import postgres  # noqa: PLC0415 as above

    with owned(args) as work:
        rows = postgres.parked_of(work.connection, args.feed)
    told = [
        {"feed": row.feed_id, "record": row.record, "field": row.field, "fault": row.fault}
        | {"left_out": row.is_left_out}
        for row in rows
    ]
    plain = "\n".join(
        f"{one['feed']} {one['record']}: {one['field']} {one['fault']}" for one in told
    )
    print_document(args, {"parked": told}, plain=plain or "Nothing is parked.")
    return 0


def _postcodes(args: argparse.Namespace) -> int:
    from services.interfaces.directory.search.postcodes import PostcodeFile  # noqa: PLC0415
    from services.interfaces.directory.search.postgres_postcodes import (  # noqa: PLC0415
        load_postcodes,
    )

    with owned(args) as work:
        count = load_postcodes(work.connection, PostcodeFile(args.file))
    print_document(args, {"postcodes": count}, plain=f"{count} postcodes are known.")
    return 0


def _add_partner(args: argparse.Namespace) -> int:
    from services.interfaces.directory.entries import postgres_own  # noqa: PLC0415 as above

    partner = postgres_own.ListedPartner(
        args.partner, args.name, args.kind, args.charity_number, args.agency
    )
    with owned(args) as work:
        is_known = args.agency is None or work.directory.agency(args.agency) is not None
        is_new = is_known and postgres_own.add_partner(
            work.connection, partner, by=operator(), at=work.now
        )
    told = "Its services may be written now." if is_new else "There is one of this name already."
    told = told if is_known else "There is no agency with this code."
    print_document(args, {"partner": args.partner, "added": is_new}, plain=told)
    return 0 if is_new else REFUSED


def _mistakes(args: argparse.Namespace) -> int:
    from services.interfaces.directory.entries.postgres_flags import open_flags  # noqa: PLC0415 as above

    with owned(args) as work:
        rows = open_flags(work.connection)
    told = [
        {"service": str(row.service_id), "name": row.name, "feed": row.feed_id}
        | {"kind": row.kind, "presses": int(row.presses), "last": row.last.isoformat()}
        for row in rows
    ]
    plain = "\n".join(f"{one['name']}: {one['kind']}, {one['presses']} times" for one in told)
    print_document(args, {"mistakes": told}, plain=plain or "Nobody says that anything is wrong.")
    return 0
