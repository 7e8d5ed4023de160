"""`tell-once`: the command line (DESIGN.md section 15)."""

import gc
import sys
from collections.abc import Sequence

from services.cli.commands import INTERRUPTED, build_parser, in_full, run_typed
from services.platform.logging import configure_logging
from services.platform.loops import note_interrupts


def main(argv: Sequence[str] | None = None) -> int:
    """Parse, call one use case, print; the exit code says how it went."""
    configure_logging("command")  # alarms go beside what is printed, never into it
    words = in_full(sys.argv[1:] if argv is None else list(argv))
    try:
        args = build_parser(words).parse_args(words)
    except KeyboardInterrupt:  # what the command needs is still being loaded
        return INTERRUPTED
    if not gc.isenabled():
        gc.freeze()
        gc.enable()
    return run_typed(args)


if __name__ == "__main__":
    # What a command loads stays to its end: looking through it for garbage is a sixth of a start.
    gc.disable()
    note_interrupts()
    sys.exit(main())
