"""No command that deploy/access.md does not name, nor one that speaks for somebody unnoticed."""

import argparse
from collections import Counter
from collections.abc import Iterator

import pytest

from services.cli.commands import build_parser
from tests.support.access.commands import (
    IN_SOMEBODYS_NAME,
    IN_SOMEBODYS_NAME_ANYWHERE,
    NOT_WALKED,
    CommandGroup,
)
from tests.support.access.doors import DOORS, named
from tests.support.access.model import Doors

Commands = dict[str, argparse.ArgumentParser]
FEWEST_COMMANDS = 90


@pytest.fixture(scope="module")
def commands() -> Commands:
    """Give every command by its words."""
    return dict(_leaves(build_parser([])))


def walked() -> frozenset[str]:
    """Those that are walked."""
    return named(door for door in DOORS if door.doors is Doors.COMMANDS)


def test_every_command_is_walked_or_says_what_it_answers(commands: Commands):
    """Name it in tests/support/access: doors.py, or commands.py with what it touches."""
    listed = {command for group in NOT_WALKED for command in group.commands}

    assert len(commands) >= FEWEST_COMMANDS
    assert commands.keys() == walked() | listed


def test_no_command_is_listed_twice():
    """One of the two answers would be wrong."""
    told = Counter([*walked(), *(one for group in NOT_WALKED for one in group.commands)])

    assert [command for command, times in told.items() if times > 1] == []


def test_whatever_speaks_for_somebody_is_listed_so(commands: Commands):
    """`--as` opens what that practitioner may open."""
    groups = (*IN_SOMEBODYS_NAME, *IN_SOMEBODYS_NAME_ANYWHERE)
    in_somebodys_name = {command for group in groups for command in group.commands}

    found = {words for words, parser in commands.items() if _speaks_for_somebody(parser)}

    assert found == (walked() - {"decide"}) | in_somebodys_name


@pytest.mark.parametrize("group", NOT_WALKED, ids=lambda group: group.title)
def test_each_says_what_it_answers(group: CommandGroup):
    """A list without a reason is a list of what was forgotten."""
    assert group.answers.endswith(".")
    assert group.commands


def _leaves(
    parser: argparse.ArgumentParser, words: tuple[str, ...] = ()
) -> Iterator[tuple[str, argparse.ArgumentParser]]:
    inner = [a for a in parser._actions if isinstance(a, argparse._SubParsersAction)]
    if not inner:
        yield " ".join(words), parser
    for action in inner:
        for word, choice in action.choices.items():
            yield from _leaves(choice, (*words, word))


def _speaks_for_somebody(parser: argparse.ArgumentParser) -> bool:
    return any("--as" in action.option_strings for action in parser._actions)
