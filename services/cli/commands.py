"""Every command, put together."""

import argparse
from collections.abc import Callable
from typing import Any

from services.bootstrap import opened
from services.cli import benching, deciding, ingesting, ledger, parked, profiles, serving
from services.cli.options import common_options, settings_from


def build_parser() -> argparse.ArgumentParser:
    """The parser; each command sets `run_command(args) -> exit code`."""
    parser = argparse.ArgumentParser(
        prog="tell-once",
        description="One shared family profile, from what agencies have a recorded right to share.",
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    common = common_options()
    for module in (serving, ingesting, deciding, profiles, parked, benching):
        module.add_commands(commands, common)
    ledger.add_arguments(commands, parents=[common])
    parser.set_defaults(run_command=_run_ledger)
    return parser


def _run_ledger(args: argparse.Namespace) -> int:
    run: Callable[..., int] = args.run
    application: Any = None
    if not ledger.needs_application(args):
        return run(args, application=application)
    with opened(settings_from(args)) as application:
        return run(args, application=application)
