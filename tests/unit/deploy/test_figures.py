"""The figures of a source count what they say."""

from pathlib import Path

from deploy.figures import (
    Source,
    fields_of,
    figures,
    function_lengths,
    is_dataclass,
    is_protocol,
    pairs_that_share,
)

PORTS = '''"""Ports."""
from dataclasses import dataclass
from typing import ClassVar, Protocol

from consent.model import Decision
from schemas import topics


class Reads(Protocol[int]):
    def read(self) -> int:
        """One line.

        And more.
        """
        return 1


@dataclass(frozen=True)
class Form:
    kind: ClassVar[str] = "form"
    subject: str
    article_9: str
    until: str
    purposes: str
'''


def a_source(path: str, text: str = PORTS) -> Source:
    return Source(Path(path), text)


def test_ports_and_dataclasses_are_known_by_their_definitions():
    """A class variable is no field."""
    ports, form = a_source("services/ports.py").classes()

    assert (is_protocol(ports), is_protocol(form)) == (True, False)
    assert (is_dataclass(ports), is_dataclass(form)) == (False, True)
    assert fields_of(form) == {"subject", "article_9", "until", "purposes"}


def test_a_function_is_as_long_as_it_is_without_its_docstring():
    """Four lines of six are the docstring."""
    assert list(function_lengths(a_source("services/ports.py"))) == [2]


def test_pairs_are_judged_by_the_larger_or_by_the_smaller():
    """A small one lies within a large one, and is not like it."""
    fields = [frozenset("abcd"), frozenset("abcx"), frozenset("abcdefgh"), frozenset("ab")]

    assert len(list(pairs_that_share(fields, fewest=4, of=max))) == 1
    assert len(list(pairs_that_share(fields, fewest=4, of=min))) == 3


def test_migrations_are_counted_where_it_is_said_and_nowhere_else():
    """Nor do files beside the wheel come into the totals."""
    sources = [
        a_source("services/ports.py"),
        a_source("consent/ports.py"),
        a_source("services/migrations/0001.py"),
    ]

    found = figures(sources, beside=[a_source("deploy/bench/bench.py")])

    lines = len(PORTS.splitlines())
    assert found["all four, without migrations: files, lines"] == (2, 2 * lines)
    assert found["all four, with migrations: files, lines"] == (3, 3 * lines)
    assert found["beside the wheel, in deploy/: files, lines"] == (1, lines)
    assert found["files that name article_9"] == 2
    assert found["class names that stand more than once"] == 2
