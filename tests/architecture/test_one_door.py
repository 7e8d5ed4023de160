"""Only modules named for it speak to PostgreSQL, Kafka and MESH (STYLE.md 3)."""

import ast
from collections.abc import Iterator
from pathlib import PurePath

from tests.support.checkout import ROOT, our_modules

_DRIVERS = {"alembic", "kafka", "mesh_client", "pkcs11", "psycopg", "sqlalchemy"}
_NAMES = ("postgres", "kafka")
_EXACTLY = {"mesh", "pkcs11"}
# The database's own folder, what makes one transaction of many ports, and what chooses the bus.
_BESIDES = (
    "services/platform/database/",
    "services/work/transaction.py",
    "services/platform/bus/address.py",
)
_ADVICE = (
    "{place} imports {driver}: a query belongs in the postgres*.py beside its capability, a topic "
    "in platform/bus/kafka*.py; the rule takes it as an argument"
)


def test_only_modules_named_for_it_speak_to_what_is_outside() -> None:
    """A query is found beside the capability that needs it, and by the name of its file."""
    found = [
        _ADVICE.format(place=f"{name}:{line}", driver=driver)
        for path in our_modules()
        if not _may_speak(name := str(path.relative_to(ROOT)))
        for line, driver in _drivers_in(path.read_text())
    ]

    assert not found, "\n".join(found)


def test_every_exception_is_needed() -> None:
    """What speaks to nothing outside leaves the list."""
    idle = [
        besides
        for besides in _BESIDES
        if not any(
            list(_drivers_in(path.read_text()))
            for path in our_modules()
            if str(path.relative_to(ROOT)).startswith(besides)
        )
    ]

    assert not idle


def test_a_query_in_a_rule_is_seen() -> None:
    """Also one that hides in a function, or under another name."""
    rule = "def read():\n    from sqlalchemy.orm import Session as S\n    import psycopg as p\n"

    assert list(_drivers_in(rule)) == [(2, "sqlalchemy"), (3, "psycopg")]
    assert not _may_speak("services/profile/viewing.py")
    assert not _may_speak("services/profile/meshing.py")
    assert _may_speak("services/people/linking/postgres/joins.py")


def _may_speak(name: str) -> bool:
    parts = PurePath(name).with_suffix("").parts
    return (
        name.startswith(_BESIDES)
        or any(part.startswith(_NAMES) for part in parts)
        or parts[-1] in _EXACTLY
    )


def _drivers_in(source: str) -> Iterator[tuple[int, str]]:
    for node in ast.walk(ast.parse(source)):
        names = (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
        for name in names:
            if (driver := name.partition(".")[0]) in _DRIVERS:
                yield node.lineno, driver
