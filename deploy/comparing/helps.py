# ruff: noqa: INP001 - deploy is not a package: a distribution of that name exists
"""Prints what `--help` says of one command and of the commands below it, as a JSON document.

Run by path with a checkout's own Python, so it imports nothing of ours: it starts `-m services`
again and again in this process, which takes seconds to import what a command needs. Another
command is for another process, so that each is seen to stand on its own.
"""

import json
import re
import runpy
import sys
from collections.abc import Sequence
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO

# A name under "positional arguments:" that is a command and no value: argparse indents it so.
_COMMAND = re.compile(r"^ {4}([a-z][a-z-]*)(?: |$)", re.MULTILINE)
_POSITIONAL = re.compile(r"^positional arguments:\n((?: .*\n)+)", re.MULTILINE)


def commands_in(told: str) -> list[str]:
    """Find the commands that a help names, in its order."""
    positional = _POSITIONAL.search(told)
    return [] if positional is None else _COMMAND.findall(positional[1])


def help_of(words: Sequence[str]) -> str:
    """Give exit code and output of `tell-once WORDS --help`."""
    told = StringIO()
    code: object = None
    sys.argv = ["tell-once", *words, "--help"]
    with redirect_stdout(told), redirect_stderr(told):
        try:
            runpy.run_module("services", run_name="__main__", alter_sys=True)
        except SystemExit as end:
            code = end.code
    return f"exit code {code or 0}\n{told.getvalue()}"


def main(command: str) -> None:
    """Ask the command, then every command that its help names."""
    found: dict[str, str] = {}
    waiting: list[tuple[str, ...]] = [(command,)]
    while waiting:
        words = waiting.pop(0)
        told = help_of(words)
        found[" ".join(("tell-once", *words))] = told
        waiting += [(*words, name) for name in commands_in(told)]
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1])
