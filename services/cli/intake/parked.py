"""`tell-once parked list|replay`: messages that could not be read."""

import argparse
from typing import Any

from schemas.vocabulary import Source
from services.bootstrap import Application, DatabaseRole, opened
from services.cli.intake.unused import unused_document
from services.cli.output import print_document, settings_from
from services.intake.postgres_kept_back import ParkedMessages
from services.platform.keys.vault import SecretName
from services.work import unit_of_work
from services.workers.draining import working
from services.workers.replaying import replay

_REPLAY = """
Reads parked messages again, for instance after the reader was mended.

  tell-once parked replay            all of them
  tell-once parked replay PARKED_ID  one
"""


def add_commands(commands: Any, common: argparse.ArgumentParser) -> None:
    """Add `parked`."""
    parked = commands.add_parser("parked", help="messages that could not be read")
    verbs = parked.add_subparsers(dest="verb", required=True, metavar="VERB")
    listing = verbs.add_parser("list", parents=[common], help="which, and why")
    listing.add_argument("--source", choices=[source.value for source in Source])
    listing.set_defaults(run_command=_list)
    again = verbs.add_parser(
        "replay",
        parents=[common],
        help="read them again",
        description=_REPLAY,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    again.add_argument("parked", nargs="*", metavar="PARKED_ID")
    again.set_defaults(run_command=_replay)


def _list(args: argparse.Namespace) -> int:
    with (
        opened(settings_from(args)) as application,
        unit_of_work(application.outside(DatabaseRole.CONNECTORS)) as work,
    ):
        found = ParkedMessages(work.connection, _key(application)).list(args.source)
    rows = [
        {
            "parked_id": message.id,
            "source": message.source.value,
            "index": message.index,
            "message_id": message.message_id,
            "field": message.field,
            "reason": message.reason,
            "at": message.at.isoformat(),
            "kind": message.kind,
        }
        for message in found
    ]
    lines = [
        f"{r['parked_id']} {r['source']} [{r['index']}] {r['field']}: {r['reason']}; "
        f"{r['kind'] or 'names nobody by number'}, nothing of it is used"
        for r in rows
    ]
    print_document(args, {"parked": rows}, plain="\n".join(lines) or "Nothing is parked.")
    return 0


def _replay(args: argparse.Namespace) -> int:
    with opened(settings_from(args)) as application, working(application):
        rows = replay(
            args.parked,
            outside=application.outside(DatabaseRole.CONNECTORS),
            key=_key(application),
        )
    document = {
        "replayed": len(rows),
        "records": [
            {
                "parked_id": i,
                "disposition": d.disposition.value,
                "reason": d.reason,
                "unused": unused_document(d.unused),
            }
            for i, d in rows
        ],
    }
    plain = "\n".join(f"{i} {d.disposition.value} {d.reason or ''}" for i, d in rows)
    print_document(args, document, plain=plain or "Nothing was replayed.")
    return 0


def _key(application: Application) -> bytes:
    return application.vault.secret(SecretName.PARKED)
