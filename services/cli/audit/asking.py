"""What the verbs of `audit` share: who asks, when, one transaction, and how it is told."""

import argparse
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, TypeVar

from consent.errors import DecisionInvalidError
from schemas.uk_time import when_clocks_show
from services.audit.asked import Auditor, NotForThem
from services.audit.index.postgres_entries import LATEST, EntryPlace
from services.audit.postgres_answers import Auditing, place_from_text
from services.bootstrap import DatabaseRole, opened
from services.cli.officers import officer_of
from services.cli.output import REFUSED, print_document, settings_from
from services.people.persons.subjects import schemes_in_words
from services.work import unit_of_work

Verbs = Any
"""What `add_subparsers` gives."""
Answer = TypeVar("Answer")

FAMILY_HELP = f"A child is named by a number that is typed, never by name:\n{schemes_in_words()}"
_MOST = 500


def add_verb(
    verbs: Verbs,
    common: argparse.ArgumentParser,
    name: str,
    run: Callable[[argparse.Namespace], int],
    about: str,
) -> argparse.ArgumentParser:
    """Add a verb; `--as` says in whose name, among invented families."""
    parser: argparse.ArgumentParser = verbs.add_parser(
        name,
        parents=[common],
        help=about.strip().splitlines()[0],
        description=about,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    whose = "among invented families: in whose name"
    parser.add_argument("--as", dest="practitioner", metavar="PRACTITIONER", help=whose)
    parser.set_defaults(run_command=run)
    return parser


def add_period(parser: argparse.ArgumentParser, *, days: int) -> None:
    """Add `--from` and `--to`: UK days or times; unless typed the last so many days until now."""
    parser.add_argument("--from", dest="since", metavar="TIME", help="UK day or time")
    parser.add_argument("--to", dest="until", metavar="TIME", help="UK day, included, or time")
    parser.set_defaults(days=days)


def add_paging(parser: argparse.ArgumentParser) -> None:
    """Add `--before` and `--most`: a page, and where the one before it ended."""
    parser.add_argument("--before", metavar="PLACE", help="`next` of the page before")
    parser.add_argument("--most", type=int, default=50, help=f"at most {_MOST} a page")


def most_of(args: argparse.Namespace) -> int:
    """How many rows a page may have."""
    return max(1, min(int(args.most), _MOST))


def before_of(args: argparse.Namespace) -> EntryPlace:
    """Where the page begins."""
    return LATEST if args.before is None else place_from_text(args.before)


def period_of(args: argparse.Namespace, now: datetime) -> tuple[datetime, datetime]:
    """From when until when; the day typed as the last is in it."""
    until = now if args.until is None else _moment("to", args.until, is_end=True)
    since = until - timedelta(days=args.days) if args.since is None else None
    return since or _moment("from", args.since, is_end=False), until


def _moment(option: str, typed: str, *, is_end: bool) -> datetime:
    try:
        time = datetime.fromisoformat(typed)
    except ValueError:
        raise DecisionInvalidError(option, "is-not-a-time") from None
    is_day = len(typed) == len("2026-11-30")
    if is_day and is_end:
        time += timedelta(days=1)
    return time if time.tzinfo else when_clocks_show(time)


def asked(args: argparse.Namespace, do: Callable[[Auditing], Answer]) -> Answer:
    """Ask as whoever runs the command, in one transaction; told once that is committed."""
    with opened(settings_from(args)) as application, officer_of(args, application) as officer:
        agency = None if officer.practitioner is None else officer.practitioner.agency_code
        by = Auditor(officer.actor, officer.role, agency)
        with unit_of_work(application.outside(DatabaseRole.PORTAL)) as work:
            return do(Auditing(work, by))


def tell(
    args: argparse.Namespace,
    answer: Answer | NotForThem,
    document: Callable[[Answer], dict[str, Any]],
    plain: Callable[[Answer], str],
) -> int:
    """Print the answer; or that it was not theirs to ask, and 3."""
    if isinstance(answer, NotForThem):
        print_document(args, {"refused": answer.value}, plain=answer.label)
        return REFUSED
    print_document(args, document(answer), plain=plain(answer))
    return 0


def text_of(moment: datetime | None) -> str | None:
    """A time as documents have it."""
    return None if moment is None else moment.isoformat()
