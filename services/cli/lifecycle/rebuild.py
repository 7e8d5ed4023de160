"""`tell-once rebuild`: the shared profile built anew, compared with the live one, put in place."""

import argparse
import time
from typing import Any

from services.bootstrap import DatabaseRole, opened
from services.cli.output import print_document, progress_bar, settings_from
from services.lifecycle.rebuild.postgres_swap import What
from services.lifecycle.retention.rules import retention_rules
from services.workers.draining import working
from services.workers.rebuild import Origin, Rebuilt, rebuild
from services.workers.relaying import make_topics

_DIFFERS = 1
_ABOUT = """
Builds the shared profile anew beside the live one, compares them record by record, and lets the
new one take the live one's place. People go on reading all the time; aggregation waits at the end.
Ended early, by whatever, it has changed nothing.

  tell-once rebuild --from records            what is stored, decided on again
  tell-once rebuild --from bus                that, and whatever the bus still has
  tell-once rebuild --from bus --dry-run      only compare; exits 1 where they differ
"""


def add_commands(commands: Any, common: argparse.ArgumentParser) -> None:
    """Add `rebuild`."""
    parser = commands.add_parser(
        "rebuild",
        parents=[common],
        help="build the shared profile anew and put it in place",
        description=_ABOUT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    origins = [origin.value for origin in Origin]
    parser.add_argument("--from", dest="origin", required=True, choices=origins)
    parser.add_argument("--dry-run", action="store_true", help="compare, and change nothing")
    parser.set_defaults(run_command=_rebuild)


def _rebuild(args: argparse.Namespace) -> int:
    began = time.monotonic()
    settings = settings_from(args)
    rules = retention_rules(settings.retention_rules)
    with opened(settings) as application, working(application):
        bus = application.open_bus(DatabaseRole.OWNER)
        try:
            make_topics(bus)
            rebuilt = rebuild(
                Origin(args.origin),
                bus=bus,
                outside=application.outside(DatabaseRole.OWNER),
                rules=rules,
                progress=progress_bar,
                dry_run=args.dry_run,
            )
        finally:
            bus.close()
    document = {
        "from": args.origin,
        "dry_run": args.dry_run,
        **document_of(rebuilt),
        "seconds": round(time.monotonic() - began, 1),
    }
    print_document(args, document, plain=_plain(rebuilt))
    return _DIFFERS if args.dry_run and not rebuilt.compared.is_identical else 0


def document_of(rebuilt: Rebuilt) -> dict[str, Any]:
    """Counts, and the opaque ids of some that differ."""
    compared = rebuilt.compared
    return {
        "rebuild": rebuilt.rebuild,
        "in_place": rebuilt.is_in_place,
        "identical": compared.is_identical,
        "records": compared.records,
        "same": compared.same,
        **{what.value: compared.differing.get(what, 0) for what in What},
        "case_loads": {what.value: n for what, n in compared.case_loads.items()},
        "unreadable": rebuilt.unreadable,
        "differences": [
            {
                "person": found.person,
                "source": found.source.value,
                "record": found.key,
                "what": found.what.value,
            }
            for found in compared.some
        ],
    }


def _plain(rebuilt: Rebuilt) -> str:
    compared = rebuilt.compared
    counts = ", ".join(f"{compared.differing.get(what, 0):,} {what.value}" for what in What)
    lines = [
        f"{compared.records:,} records built; {compared.same:,} rows as they were, {counts}.",
        *(f"  {d.what.value} {d.source} {d.key} of {d.person}" for d in compared.some),
    ]
    if rebuilt.unreadable:
        lines.append(f"{rebuilt.unreadable:,} could not be read and are not among them.")
    lines.append("They are in place." if rebuilt.is_in_place else "Nothing was changed.")
    return "\n".join(lines)
