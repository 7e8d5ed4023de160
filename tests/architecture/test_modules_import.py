"""Importing builds nothing: no engine, no settings, no connection."""

import subprocess
import sys

from tests.support.checkout import ROOT, our_modules

_IMPORT_ALL = """
import importlib, socket, sys
def refuse(*_args, **_kwargs):
    raise AssertionError("a module opens a connection when it is imported")
socket.socket.connect = refuse
for name in sys.argv[1:]:
    importlib.import_module(name)
"""


def test_every_module_imports_with_an_empty_environment() -> None:
    """Nothing is read from the environment and nothing is connected (STYLE.md 5)."""
    names = [
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        for path in our_modules()
        if "migrations" not in path.parts and path.name != "__main__.py"
    ]

    done = subprocess.run(
        [sys.executable, "-c", _IMPORT_ALL, *names],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert len(names) > 100
    assert done.returncode == 0, done.stderr[-2000:]


def test_the_core_imports_in_a_bare_interpreter() -> None:
    """`decide` runs without a framework: an auditor may run it anywhere."""
    names = ("fastapi", "sqlalchemy", "kafka", "structlog", "jinja2", "psycopg", "pydantic")
    check = (
        "import sys, consent, consent.ledger.merkle\n"
        f"found = [n for n in {names!r} if n in sys.modules]\n"
        "assert not found, found\n"
    )

    done = subprocess.run(
        [sys.executable, "-c", check], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr
