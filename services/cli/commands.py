"""Every command, put together; only what the typed command needs is imported."""

import argparse
from collections.abc import Callable, Sequence
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from connectors.parsing.plain_text import place_of_no_text
from services.cli.output import common_options, exit_code_of, settings_from
from services.platform.errors import NotTextError

_MODULES = {
    "services.cli.serving": (
        "demo",
        "serve",
        "portal",
        "partners",
        "aggregate",
        "relay",
        "connect",
        "migrate",
    ),
    "services.cli.intake.ingesting": ("ingest",),
    "services.cli.decisions.commands": ("decision",),
    "services.cli.decisions.access": ("decide",),
    "services.cli.decisions.words": ("words",),
    "services.cli.people.governance": ("governance", "cover"),
    "services.cli.audit.commands": ("audit",),
    "services.cli.people.officers": ("officer",),
    "services.cli.people.staff": ("staff",),
    "services.cli.people.agencies": ("agency", "practitioner"),
    "services.cli.people.sign_in": ("sign-in",),
    "services.cli.decisions.agreements": ("agreement",),
    "services.cli.profile.profiles": ("profile",),
    "services.cli.decisions.restrictions": ("restriction",),
    "services.cli.decisions.exclusions": ("exclusion",),
    "services.cli.profile.stories": ("story",),
    "services.cli.profile.report": ("report",),
    "services.cli.profile.linking": ("link",),
    "services.cli.intake.parked": ("parked",),
    "services.cli.intake.directory.services": ("directory", "services"),
    "services.cli.intake.directory.community": ("community", "answering"),
    "services.cli.intake.partners": ("partner",),
    "services.cli.intake.feeds": ("feed",),
    "services.cli.intake.leads": ("lead",),
    "services.cli.intake.lists": ("list",),
    "services.cli.intake.schools": ("schools",),
    "services.cli.lifecycle.retention": ("retention",),
    "services.cli.lifecycle.rebuild": ("rebuild",),
    "services.cli.lifecycle.keys": ("keys",),
    "services.cli.lifecycle.erase": ("erase",),
    "services.cli.lifecycle.backup": ("backup", "restore"),
    "services.cli.lifecycle.bus": ("bus",),
    "services.cli.lifecycle.kit.commands": ("kit",),
    # In a checkout only: benches are not in the wheel.
    "deploy.bench.commands": ("bench",),
}

INTERRUPTED = 130
_VERBS_OF_ERASE = ("ask", "now", "confirm", "stop", "list", "carry-out")


def build_parser(argv: Sequence[str]) -> argparse.ArgumentParser:
    """The parser for this command line; each command sets `run_command(args) -> exit code`.

    Importing everything takes seconds: a first word that is a command brings in only its own
    module, anything else (`--help`, a wrong word) all of them.
    """
    parser = argparse.ArgumentParser(
        prog="tell-once",
        description="One shared family profile, from what agencies have a recorded right to share.",
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    common = common_options()
    typed = argv[0] if argv else ""
    modules = [name for name, words in _MODULES.items() if typed in words and _is_here(name)]
    if typed != "ledger":
        for name in modules or filter(_is_here, _MODULES):
            import_module(name).add_commands(commands, common)
    if not modules:
        _add_ledger(commands, common)
    return parser


def run_typed(args: argparse.Namespace) -> int:
    """Call the one use case that was typed; the exit code says how it went."""
    try:
        _require_text(args)
        return int(args.run_command(args))
    except Exception as error:  # noqa: BLE001 the door: told in a sentence, never a traceback
        return exit_code_of(error)
    except KeyboardInterrupt:
        return INTERRUPTED


def _require_text(args: argparse.Namespace) -> None:
    """Refuse words that cannot be encoded, but for files, which may be called anything."""
    for name, value in vars(args).items():
        place = place_of_no_text(value, name.replace("_", "-"))
        if place is not None:
            raise NotTextError(place)


def in_full(words: list[str]) -> list[str]:
    """The words with the verb that goes without saying: `erase PERSON` is `erase now PERSON`."""
    command, *rest = words or [""]
    is_named = not rest or rest[0] in _VERBS_OF_ERASE or rest[0].startswith("-")
    return words if command != "erase" or is_named else [command, "now", *rest]


def _is_here(module: str) -> bool:
    """Whether the module came with this installation; looking for it runs nothing of it."""
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:
        return False


def _add_ledger(commands: Any, common: argparse.ArgumentParser) -> None:
    from services.cli.ledger import commands as ledger  # noqa: PLC0415 as above

    ledger.add_arguments(commands, parents=[common])
    commands.choices["ledger"].set_defaults(run_command=_run_ledger)


def _run_ledger(args: argparse.Namespace) -> int:
    from services.cli.ledger import commands as ledger  # noqa: PLC0415 as above

    run: Callable[..., int] = args.run
    if not ledger.needs_application(args):
        return run(args, application=None)
    from services.bootstrap import opened  # noqa: PLC0415 checks and witnesses need no database

    with opened(settings_from(args)) as application:
        return run(args, application=application)
