"""Runs the ledger commands that need no application, as the program would."""

import argparse
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from services.cli.ledger.commands import add_arguments, needs_application


@dataclass(frozen=True)
class Ran:
    """What one command answered."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """The JSON document on standard output."""
        return json.loads(self.out)


RunLedger = Callable[..., Ran]


def ledger_runner(capsys: pytest.CaptureFixture[str]) -> RunLedger:
    """Give a function that runs a ledger command that needs no application."""

    def run_command(*arguments: object) -> Ran:
        parser = argparse.ArgumentParser()
        add_arguments(parser.add_subparsers())
        args = parser.parse_args(["ledger", *map(str, arguments)])
        assert not needs_application(args)
        code = args.run(args, application=None)
        captured = capsys.readouterr()
        return Ran(code, captured.out, captured.err)

    return run_command
