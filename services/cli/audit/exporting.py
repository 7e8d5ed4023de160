"""`tell-once audit export` and `audit exports`: what auditors take away, and what was taken."""

import argparse
import getpass
import json
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO

from consent.errors import DecisionInvalidError
from consent.ledger.events import LedgerEvent
from consent.ledger.fields import OPAQUE_ID
from schemas.identifiers import PersonId, PractitionerId
from schemas.uk_time import first_moment
from services.audit.asked import Auditor
from services.audit.exports.chosen import (
    Chosen,
    ExportBecause,
    ExportRefused,
    Format,
    OrderExport,
)
from services.audit.exports.exporting import (
    BegunExport,
    ListedExport,
    Sent,
    begin_export,
    list_exports,
    stream_export,
)
from services.bootstrap import Application, DatabaseRole, opened
from services.cli.ledger.commands import tell
from services.cli.officers import officer_of
from services.cli.output import REFUSED, USAGE, print_document, progress_bar, settings_from
from services.cli.profile.profiles import SCHEMES_HELP, person_from_text
from services.ledger.postgres_access import LedgerAccess
from services.platform.durable_files import created_durably
from services.work import unit_of_work

_ON_THE_TERMINAL = "-"
_ABOUT = f"""
Takes entries out of the ledger: ids and codes, no name, nothing that a record holds. Who, why and
what was chosen are in the ledger before the first row leaves, its end is too. FILE has its name
once all of it is there, and is never written over; - is standard output.

  csv    RFC 4180; a cell that a spreadsheet would take for a formula has an apostrophe before it
  jsonl  an entry a line, as it stands in the ledger
  fhir   FHIR R4 AuditEvents, one a line, after IHE BALP (deploy/conformance/ihe-balp.md)
  case   a signed archive with proofs, for `tell-once audit check-case`; up to 20,000 entries

  tell-once audit export --format csv --from 2026-11-01 --to 2026-11-30 --because oversight \\
      --why "monthly check" --out november.csv
  tell-once audit export --format case --person nhs-number:9990000018 --because family-asks \\
      --why "asked by letter" --out family.case.tar
  tell-once audit export --format jsonl --event profile:read --event profile:read_refused \\
      --agency E06000023 --because review --why "as agreed with the lead" --out - --json

--from and --to are days or times; both days are in. A practitioner is taken by what they did and
where they are named; an agency by what its people did while they were of it. The words of --why may
name somebody: they are kept sealed. With --out - and --json the document is on standard error.
A refusal exits 3.

{SCHEMES_HELP}
"""
_ABOUT_EXPORTS = """
Every export of entries, the newest first: by whom, why, what was chosen, and whether all of it
left. One without an end was killed, or is under way. That they were listed is entered.

  tell-once audit exports --json
"""


def add_export(commands: Any, common: argparse.ArgumentParser) -> None:
    """Add `export`, to `audit`."""
    export = commands.add_parser(
        "export",
        parents=[common],
        help="take entries away: CSV, JSON lines, FHIR AuditEvents, a signed case",
        description=_ABOUT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    export.add_argument("--format", required=True, choices=[one.value for one in Format])
    export.add_argument("--from", dest="since", metavar="WHEN", help="from this day or time on")
    export.add_argument("--to", dest="until", metavar="WHEN", help="up to this day, or time")
    whom = export.add_mutually_exclusive_group()
    whom.add_argument("--person", metavar="ID", help="or SCHEME:VALUE; about whom")
    whom.add_argument(
        "--nhs-number",
        nargs="?",
        const=_ON_THE_TERMINAL,
        metavar="NUMBER",
        help="about whom; without NUMBER it is asked for, and kept out of the shell's history",
    )
    export.add_argument("--practitioner", action="append", default=[], metavar="ID")
    export.add_argument("--agency", metavar="CODE")
    export.add_argument("--event", action="append", default=[], metavar="EVENT")
    export.add_argument(
        "--because",
        default=ExportBecause.OVERSIGHT.value,
        choices=[one.value for one in ExportBecause],
    )
    export.add_argument("--why", required=True, metavar="TEXT", help="in words; kept sealed")
    export.add_argument("--out", required=True, metavar="FILE", help="where to; - for here")
    _add_as(export)
    export.set_defaults(run_command=_export)


def add_exports(commands: Any, common: argparse.ArgumentParser) -> None:
    """Add `exports`, to `audit`."""
    exports = commands.add_parser(
        "exports",
        parents=[common],
        help="what was taken away, by whom and why",
        description=_ABOUT_EXPORTS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    exports.add_argument("--most", type=int, default=100, help="so many at the most")
    _add_as(exports)
    exports.set_defaults(run_command=_exports)


def _add_as(parser: argparse.ArgumentParser) -> None:
    whose = "among invented families: in whose name"
    parser.add_argument("--as", dest="practitioner_as", metavar="PRACTITIONER", help=whose)


def _export(args: argparse.Namespace) -> int:
    out = None if args.out == "-" else Path(args.out)
    if out is not None and out.exists():
        tell(f"tell-once: {out.name} is there already; nothing was exported")
        return USAGE
    with _as_auditor(args) as (application, auditor):
        # Whatever was appended until now has its place in the tree, and can be proved.
        LedgerAccess(
            application.engine, signer=application.ledger_signer, copy=application.ledger_copy
        ).integrate()
        outside = application.outside(DatabaseRole.PORTAL)
        order = _order(args, application)
        begun = begin_export(order, by=auditor, outside=outside)
        if isinstance(begun, ExportRefused):
            return _tell_refused(begun)
        sent = _write(begun, out, application)
    return _tell_done(args, begun, sent)


def _write(begun: BegunExport, out: Path | None, application: Application) -> Sent:
    sent = [Sent()]
    with _created(out) as file, progress_bar("Exporting", total=None) as show:

        def told(so_far: Sent) -> None:
            sent[0] = so_far
            show(so_far.rows)

        outside = application.outside(DatabaseRole.PORTAL)
        for piece in stream_export(begun, outside=outside, signing=application, tell=told):
            file.write(piece)
    return sent[0]


@contextmanager
def _created(out: Path | None) -> Iterator[BinaryIO]:
    if out is None:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    with created_durably(out) as file:
        yield file


def _tell_done(args: argparse.Namespace, begun: BegunExport, sent: Sent) -> int:
    document = {
        "export": begun.id,
        "format": begun.format.value,
        "entries": sent.rows,
        "sha256": sent.sha256,
        "file": args.out,
        "ledger_entry": str(begun.entry_id),
    }
    plain = f"exported {sent.rows:,} entries, SHA-256 {sent.sha256}"
    if args.out != "-":
        print_document(args, document, plain=plain)
    else:
        tell(json.dumps(document) if args.json else plain)
    return 0


def _exports(args: argparse.Namespace) -> int:
    with _as_auditor(args) as (application, auditor):
        outside = application.outside(DatabaseRole.PORTAL)
        found = list_exports(by=auditor, outside=outside, most=args.most)
    if isinstance(found, ExportRefused):
        return _tell_refused(found)
    rows = [_row(one) for one in found]
    plain = "\n".join(
        f"{r['begun_at']}  {r['format']}  {r['asked_by']}  {r['because']}  {r['state']}"
        for r in rows
    )
    print_document(args, {"exports": rows}, plain=plain or "Nothing was exported.")
    return 0


def _row(one: ListedExport) -> dict[str, Any]:
    kept = one.kept
    return {
        "export": kept.id,
        "format": kept.format.value,
        "because": kept.because.value,
        "why": one.words,
        "asked_by": kept.asked_by,
        "begun_at": _iso(kept.begun_at),
        "chosen": kept.chosen,
        "state": one.state,
        "ended_at": None if kept.ended_at is None else _iso(kept.ended_at),
        "entries": kept.rows,
        "sha256": kept.sha256,
        "ledger_entry": str(kept.entry_id),
    }


def _order(args: argparse.Namespace, application: Application) -> OrderExport:
    chosen = Chosen(
        since=_moment("from", args.since, after=timedelta(0)),
        until=_moment("to", args.until, after=timedelta(days=1)),
        persons=_persons(args, application),
        practitioners=tuple(map(_practitioner, args.practitioner)),
        agency=args.agency,
        events=frozenset(_events(args.event)),
    )
    return OrderExport(Format(args.format), chosen, ExportBecause(args.because), args.why)


def _persons(args: argparse.Namespace, application: Application) -> tuple[PersonId, ...]:
    named = args.person
    if args.nhs_number is not None:
        typed = args.nhs_number
        if typed == _ON_THE_TERMINAL:
            typed = getpass.getpass("NHS number: ")
        named = f"nhs-number:{typed}"
    if named is None:
        return ()
    with unit_of_work(application.outside(DatabaseRole.PORTAL)) as work:
        return (person_from_text(named, work),)


def _practitioner(typed: str) -> PractitionerId:
    if re.fullmatch(OPAQUE_ID, typed) is None:
        raise DecisionInvalidError("practitioner", "is-no-id")
    return PractitionerId(typed)


def _events(named: Sequence[str]) -> Iterator[LedgerEvent]:
    for one in named:
        try:
            yield LedgerEvent(one)
        except ValueError:
            raise DecisionInvalidError("event", "is-not-known") from None


def _moment(field: str, typed: str | None, *, after: timedelta) -> datetime | None:
    """A time as it stands, or the first moment in London of a day, so many days later."""
    if typed is None:
        return None
    try:
        if "T" not in typed:
            return first_moment(date.fromisoformat(typed) + after)
        told = datetime.fromisoformat(typed)
    except (ValueError, OverflowError):
        raise DecisionInvalidError(field, "is-no-day-or-time") from None
    if told.tzinfo is None:
        raise DecisionInvalidError(field, "wants-an-offset-from-utc")
    return told


@contextmanager
def _as_auditor(args: argparse.Namespace) -> Iterator[tuple[Application, Auditor]]:
    with opened(settings_from(args)) as application:
        named = argparse.Namespace(practitioner=args.practitioner_as)
        with officer_of(named, application) as acting:
            yield application, Auditor(acting.actor, acting.role)


def _tell_refused(why: ExportRefused) -> int:
    tell(f"tell-once: {why.label} ({why.value})")
    return REFUSED if why is ExportRefused.NOT_THEIRS else USAGE


def _iso(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%S.%fZ}"
