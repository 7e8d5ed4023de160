"""`tell-once`: the command line (DESIGN.md section 15)."""

import argparse
import gc
import sys
from collections.abc import Sequence

from connectors.parsing.plain_text import place_of_no_text
from services.cli.commands import build_parser, in_full
from services.cli.output import exit_code_of
from services.platform.errors import NotTextError
from services.platform.logging import configure_logging


def main(argv: Sequence[str] | None = None) -> int:
    """Parse, call one use case, print; the exit code says how it went."""
    configure_logging("command")  # alarms go beside what is printed, never into it
    words = in_full(sys.argv[1:] if argv is None else list(argv))
    args: argparse.Namespace = build_parser(words).parse_args(words)
    if not gc.isenabled():
        gc.freeze()
        gc.enable()
    try:
        _require_text(args)
        return int(args.run_command(args))
    except Exception as error:  # noqa: BLE001 the door: told in a sentence, never a traceback
        return exit_code_of(error)
    except KeyboardInterrupt:
        return 130


def _require_text(args: argparse.Namespace) -> None:
    """Refuse words that cannot be encoded, but for files, which may be called anything."""
    for name, value in vars(args).items():
        place = place_of_no_text(value, name.replace("_", "-"))
        if place is not None:
            raise NotTextError(place)


if __name__ == "__main__":
    # What a command loads stays to its end: looking through it for garbage is a sixth of a start.
    gc.disable()
    sys.exit(main())
