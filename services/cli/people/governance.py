"""`tell-once governance list|close`, `cover write|list|end`: what is looked at, who stands in."""

import argparse
from collections.abc import Callable
from datetime import datetime
from typing import Any

from consent.errors import DecisionInvalidError
from schemas.uk_time import when_clocks_show
from services.bootstrap import DatabaseRole, opened
from services.cli.operator import operator
from services.cli.output import REFUSED, print_document, settings_from
from services.cli.profile.profiles import practitioner_from_text
from services.people.governance.queue import Item, close_item
from services.people.relationships.cover import CoverRefusal, WriteCover, end_cover, write_cover
from services.people.relationships.model import Cover
from services.work import UnitOfWork, unit_of_work

_MOST = 1000
# A breach takes a second reviewer: `audit review` asks for one.
_OUTCOMES = ("justified", "training", "not-real", "done")
_LIST = """
What somebody has to look at, the soonest due first: opaque ids and codes only.

  tell-once governance list --json
"""
_CLOSE = """
Says what was found. Nobody closes what they raised themselves, or what is about them.

  tell-once governance close ITEM_ID --outcome justified
"""
_COVER = """
Lets one practitioner stand in for another of the same agency (who to ring, safety and
communication needs of those covered), or, with --student, work as the mentor does.

  tell-once cover write --covered PRACTITIONER --covering PRACTITIONER \\
      --from 2026-12-01T08:00 --until 2026-12-01T18:00
"""


def add_commands(commands: Any, common: argparse.ArgumentParser) -> None:
    """Add `governance` and `cover`."""
    add = _adding(commands, common, "governance", "what governance has to look at")
    add("list", _list, _LIST)
    close = add("close", _close, _CLOSE)
    close.add_argument("item", metavar="ITEM_ID")
    close.add_argument("--outcome", required=True, choices=_OUTCOMES)
    add = _adding(commands, common, "cover", "who stands in for whom")
    write = add("write", _write, _COVER)
    for option in ("covered", "covering"):
        write.add_argument(f"--{option}", required=True, metavar="PRACTITIONER")
    write.add_argument("--from", required=True, dest="since", metavar="TIME", help="UK time")
    write.add_argument("--until", required=True, metavar="TIME", help="UK time")
    write.add_argument("--student", action="store_true", help="a placement under a mentor")
    add("list", _list_covers, "Every rota entry that is not over.")
    ending = add("end", _end, "Ends a rota entry now.\n\n  tell-once cover end COVER_ID")
    ending.add_argument("cover", metavar="COVER_ID")


def _adding(
    commands: Any, common: argparse.ArgumentParser, name: str, what: str
) -> Callable[[str, Callable[[argparse.Namespace], int], str], argparse.ArgumentParser]:
    verbs = commands.add_parser(name, help=what).add_subparsers(
        dest="verb", required=True, metavar="VERB"
    )

    def add(
        verb: str, run: Callable[[argparse.Namespace], int], about: str
    ) -> argparse.ArgumentParser:
        parser: argparse.ArgumentParser = verbs.add_parser(
            verb,
            parents=[common],
            help=about.strip().splitlines()[0],
            description=about,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        parser.set_defaults(run_command=run)
        return parser

    return add


def _list(args: argparse.Namespace) -> int:
    items = _within(args, lambda work: [_item(i) for i in work.queue.waiting(most=_MOST)])
    plain = "\n".join(f"{i['due']}  {i['kind']}  {i['item']}" for i in items)
    print_document(args, {"items": items}, plain=plain or "Nothing waits")
    return 0


def _close(args: argparse.Namespace) -> int:
    def close(work: UnitOfWork) -> Item | None:
        return close_item(
            args.item,
            args.outcome,
            by=operator(),
            queue=work.queue,
            ledger=work.ledger,
            at=work.now,
        )

    closed = _within(args, close)
    if closed is None:
        print_document(args, {"outcome": None}, plain="Refused: it is not open, or is your own")
        return REFUSED
    print_document(args, _item(closed), plain=f"Closed {closed.id}: {closed.outcome}")
    return 0


def _write(args: argparse.Namespace) -> int:
    def write(work: UnitOfWork) -> Cover | CoverRefusal:
        covered, covering = (
            practitioner_from_text(getattr(args, option), work, option=option)
            for option in ("covered", "covering")
        )
        order = WriteCover(
            covered.id,
            covering.id,
            _time("from", args.since),
            _time("until", args.until),
            is_student=args.student,
            actor=operator(),
        )
        people = {covered.id: covered, covering.id: covering}
        return write_cover(
            order, people=people, requests=work.requests, ledger=work.ledger, at=work.now
        )

    return _told(args, _within(args, write))


def _list_covers(args: argparse.Namespace) -> int:
    covers = _within(args, lambda work: [_cover(c) for c in work.requests.covers(at=work.now)])
    plain = "\n".join(f"{c['until']}  {c['covering']} for {c['covered']}" for c in covers)
    print_document(args, {"covers": covers}, plain=plain or "Nobody stands in for anybody")
    return 0


def _end(args: argparse.Namespace) -> int:
    def end(work: UnitOfWork) -> Cover | CoverRefusal:
        found = next((c for c in work.requests.covers(at=work.now) if c.id == args.cover), None)
        if found is None:
            raise DecisionInvalidError("cover", "is-not-known")
        return end_cover(
            found, actor=operator(), requests=work.requests, ledger=work.ledger, at=work.now
        )

    return _told(args, _within(args, end))


def _told(args: argparse.Namespace, done: Cover | CoverRefusal) -> int:
    if isinstance(done, CoverRefusal):
        print_document(args, {"refused": done.value}, plain=f"Refused: {done.value}")
        return REFUSED
    print_document(args, _cover(done), plain=f"Written: {done.id}")
    return 0


def _within(args: argparse.Namespace, do: Callable[[UnitOfWork], Any]) -> Any:
    with (
        opened(settings_from(args)) as application,
        unit_of_work(application.outside(DatabaseRole.PORTAL)) as work,
    ):
        return do(work)


def _time(option: str, text: str) -> datetime:
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        raise DecisionInvalidError(option, "is-not-a-time") from None
    return time if time.tzinfo else when_clocks_show(time)


def _item(item: Item) -> dict[str, Any]:
    return {
        "item": item.id,
        "kind": item.kind.value,
        "person": item.person,
        "about": item.about,
        "raised_by": item.raised_by,
        "due": item.due_at.isoformat(),
        "outcome": item.outcome,
    }


def _cover(cover: Cover) -> dict[str, Any]:
    return {
        "cover": cover.id,
        "covered": cover.covered,
        "covering": cover.covering,
        "is_student": cover.is_student,
        "from": cover.since.isoformat(),
        "until": cover.until.isoformat(),
    }
