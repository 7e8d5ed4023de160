"""The verbs of an order of two that officers ask for and answer by command, as the system account.

A group (`staff`, `lead`, `feed`) says what it is about and what an answer does; how a verb is
added, and in which transaction an answer is taken, is the same for all.
"""

import argparse
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from services.bootstrap import DatabaseRole, opened
from services.cli.operator import tell_order
from services.cli.output import settings_from
from services.people.governance.orders import Order
from services.work import UnitOfWork, unit_of_work

Run = Callable[[argparse.Namespace], int]
Answer = Callable[[UnitOfWork, str, bool], Order | StrEnum]
"""Take an answer to an order: whether it is confirmed."""


@contextmanager
def owned(args: argparse.Namespace) -> Iterator[UnitOfWork]:
    """One transaction of the database's owner."""
    with (
        opened(settings_from(args)) as application,
        unit_of_work(application.outside(DatabaseRole.OWNER)) as work,
    ):
        yield work


@dataclass(frozen=True, slots=True)
class OfficersGroup:
    """A group of verbs; `about` is told by each of them."""

    name: str
    about: str
    verbs: Any
    common: argparse.ArgumentParser

    def verb(self, name: str, run: Run, told: str) -> argparse.ArgumentParser:
        """Add a verb; `told` is its help in a line."""
        parser: argparse.ArgumentParser = self.verbs.add_parser(
            name,
            parents=[self.common],
            help=told,
            description=f"{told}\n{self.about}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        parser.set_defaults(run_command=run)
        return parser

    def add_answers(self, answer: Answer) -> None:
        """Add `confirm` and `decline`."""

        def run(args: argparse.Namespace) -> int:
            with owned(args) as work:
                found = answer(work, args.order, args.confirms)
            return tell_order(args, found, verb=self.name)

        for name, confirms in (("confirm", True), ("decline", False)):
            parser = self.verb(name, run, f"{name.capitalize()} what another asked for.")
            parser.add_argument("order", metavar="ORDER")
            parser.set_defaults(confirms=confirms)


def officers_group(
    commands: Any, common: argparse.ArgumentParser, name: str, *, told: str, about: str
) -> OfficersGroup:
    """Add a group of verbs; `told` is its help in a line."""
    group = commands.add_parser(
        name,
        help=told,
        description=about,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    verbs = group.add_subparsers(dest="verb", required=True, metavar="VERB")
    return OfficersGroup(name, about, verbs, common)
