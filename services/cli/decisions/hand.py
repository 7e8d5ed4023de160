"""What the commands of restrictions and exclusions share: whose hand, about whom, what is said."""

import argparse
from collections.abc import Callable
from enum import StrEnum
from typing import Any

from schemas.identifiers import PersonId
from schemas.records.message import Subject
from services.bootstrap import DatabaseRole, opened
from services.cli.operator import operator
from services.cli.output import REFUSED, print_document, settings_from
from services.cli.profile.profiles import practitioner_from_text
from services.decisions.protection.hands import Hand
from services.people.governance.orders import Order, OrderStatus
from services.people.persons.subjects import schemes_in_words, subject_from_text
from services.profile.viewing import NOBODY
from services.work import UnitOfWork, unit_of_work
from services.workers.draining import working

SUBJECT = "person:ID or SCHEME:VALUE"
SCHEMES_HELP = f"A person is named by one of:\n{schemes_in_words()}"


def add_verb(  # noqa: PLR0917 a verb's worth
    verbs: Any,
    common: argparse.ArgumentParser,
    name: str,
    run: Callable[[argparse.Namespace], int],
    about: str,
    what: str | None,
) -> argparse.ArgumentParser:
    """Add a verb that is done as somebody."""
    parser: argparse.ArgumentParser = verbs.add_parser(
        name,
        parents=[common],
        help=about.strip().splitlines()[0],
        description=f"{about}\n{SCHEMES_HELP}" if what == SUBJECT else about,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    if what is not None:
        parser.add_argument("what", metavar=what)
    parser.add_argument("--as", required=True, dest="practitioner", metavar="PRACTITIONER")
    parser.set_defaults(run_command=run)
    return parser


def in_one_transaction(args: argparse.Namespace, run: Callable[[UnitOfWork, Hand], Any]) -> Any:
    """Do it as whoever is named; entered as the system account, but where families are invented."""
    with (
        opened(settings_from(args)) as application,
        working(application),
        unit_of_work(application.outside(DatabaseRole.PORTAL)) as work,
    ):
        who = practitioner_from_text(args.practitioner, work)
        return run(work, Hand(who, who.actor if work.is_demonstration else operator()))


def person_known(text: str, work: UnitOfWork) -> PersonId:
    """Whom it is about, or nobody: nobody becomes known by being asked about."""
    subject = subject_from_text(text)
    if isinstance(subject, Subject):
        return work.persons.resolve([subject])[0].person or NOBODY
    return subject


def tell_refused(args: argparse.Namespace, why: StrEnum, **more: Any) -> int:
    """Say why nothing was done, as a code."""
    print_document(args, {"refused": why.value, **more}, plain=f"Refused: {why.value}")
    return REFUSED


def tell_order(args: argparse.Namespace, order: Order, group: str, **more: Any) -> int:
    """Say that it is done, or that somebody else has to confirm it."""
    document = {"order": order.id, "status": order.status.value, **more}
    plain = f"It is {order.status.value}."
    if order.status is OrderStatus.ASKED:
        until = f"{order.lapses_at:%Y-%m-%d %H:%M} UTC"
        plain = f"Somebody else confirms it until {until}: tell-once {group} confirm {order.id}"
    print_document(args, document, plain=plain)
    return 0
