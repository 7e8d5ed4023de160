"""`tell-once report subject-access`: everything held about somebody who asks for it."""

import argparse
import json
from pathlib import Path
from typing import Any

from services.bootstrap import DatabaseRole, opened
from services.cli.ledger.commands import tell
from services.cli.output import REFUSED, USAGE, print_document, settings_from
from services.cli.profile.profiles import person_from_text, practitioner_from_text
from services.interfaces.subject_access.bundle import DecisionKeeper, bundle_from_report
from services.interfaces.subject_access.held import GivenTo, SubjectAccess
from services.interfaces.subject_access.page import page_from_report
from services.interfaces.subject_access.reporting import (
    MakeReport,
    ReportRefused,
    make_report,
    reporting,
)
from services.platform.durable_files import create_durably
from services.platform.settings import Settings
from services.work import UnitOfWork, unit_of_work
from services.workers.draining import working

_ORGANIZATION = "Organization/council"
_NO_NOTICE = "urn:tell-once:privacy-notice"
_BUNDLE, _PAGE = "subject-access.json", "subject-access.html"
_PERSONAL = "this is personal data: give it to whom it is made for, and destroy what nobody needs"
_ABOUT = """
Everything held about one person: records and on what basis each is shared, decisions, restrictions,
numbers, who has looked, what waits elsewhere. What is about others, protected or judged harmful is
withheld, and says so where it would stand. Only information governance makes it;
it is on the ledger, and among the looks.

  tell-once report subject-access PERSON --as PRACTITIONER --given-to person --out folder
  tell-once report subject-access nhs-number:9990000018 --as PRACTITIONER --html report.html
  tell-once report subject-access PERSON --as PRACTITIONER --json

Unless told that it is given to the person themselves, it is made for a parent: what a young person
asked that parents are not told, and restrictions, are left out of that. --json is a FHIR R4 Bundle.
What waits in the health-visiting agency's own store is told in full to somebody of that agency.
Files are made for their owner alone (0600) and never written over. A refusal exits 3.
"""


def add_commands(commands: Any, common: argparse.ArgumentParser) -> None:
    """Add `report`."""
    report = commands.add_parser("report", help="reports of what is held")
    verbs = report.add_subparsers(dest="verb", required=True, metavar="VERB")
    made = verbs.add_parser(
        "subject-access",
        parents=[common],
        help="everything held about one person",
        description=_ABOUT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    made.add_argument("person", metavar="PERSON", help="an opaque id, or SCHEME:VALUE")
    made.add_argument("--as", required=True, dest="practitioner", metavar="PRACTITIONER")
    made.add_argument("--given-to", default="parent", choices=[one.value for one in GivenTo])
    where = made.add_mutually_exclusive_group()
    where.add_argument("--html", type=Path, metavar="FILE", help="a page to print")
    where.add_argument("--out", type=Path, metavar="DIR", help=f"{_BUNDLE} and {_PAGE} in it")
    made.set_defaults(run_command=_subject_access)


def _subject_access(args: argparse.Namespace) -> int:
    settings = settings_from(args)
    there = [path for path in _paths(args) if path.exists()]
    if there:
        tell(f"tell-once: {there[0].name} is there already; nothing was made")
        return USAGE
    with opened(settings) as application, working(application):
        outside = application.outside(DatabaseRole.OWNER)
        with unit_of_work(outside) as work:
            made = make_report(_order(args, work), reporting=reporting(work, outside))
    if isinstance(made, ReportRefused):
        refused = {"refused": True, "reasons": [{"code": made.why, "text": made.why.label}]}
        print_document(args, refused, plain=f"Refused: {made.why.label}")
        return REFUSED
    return _hand_over(args, made, settings)


def _order(args: argparse.Namespace, work: UnitOfWork) -> MakeReport:
    who = practitioner_from_text(args.practitioner, work)
    person = person_from_text(args.person, work)
    given_to = GivenTo(args.given_to)
    return MakeReport(person, who.id, who.role, given_to, who.agency_kind)


def _paths(args: argparse.Namespace) -> list[Path]:
    if args.out is not None:
        return [args.out / _BUNDLE, args.out / _PAGE]
    return [] if args.html is None else [args.html]


def _hand_over(args: argparse.Namespace, made: SubjectAccess, settings: Settings) -> int:
    keeper = DecisionKeeper(_ORGANIZATION, settings.privacy_notice or _NO_NOTICE)
    paths = _paths(args)
    summary = _summary(made) | {"files": [path.name for path in paths]}
    if args.json and not paths:
        print_document(args, bundle_from_report(made, keeper), plain="")
        tell(f"tell-once: {_PERSONAL}")
        return 0
    if args.out is not None:
        args.out.mkdir(mode=0o700, parents=True, exist_ok=True)
    for path in paths:
        create_durably(path, _content(path, made, keeper, settings))
    print_document(args, summary, plain=_plain(summary))
    if paths:
        tell(f"tell-once: {_PERSONAL}")
    return 0


def _content(path: Path, made: SubjectAccess, keeper: DecisionKeeper, settings: Settings) -> bytes:
    if path.name == _BUNDLE:
        return json.dumps(bundle_from_report(made, keeper), ensure_ascii=False, indent=2).encode()
    return page_from_report(made, council=settings.council_name).encode()


def _summary(made: SubjectAccess) -> dict[str, Any]:
    """How much there is of what; nothing of it."""
    return {
        "report": made.report,
        "person": made.person,
        "given_to": made.given_to.value,
        "records": len(made.records),
        "decisions": len(made.decisions),
        "restrictions": len(made.restrictions),
        "identifiers": len(made.identifiers),
        "looks": len(made.looks),
        "kept_back": sum(kept.messages for kept in made.kept_back),
        "withheld": made.withheld_count,
    }


def _plain(summary: dict[str, Any]) -> str:
    written = ", ".join(summary["files"]) or "nothing: say --html FILE, --out DIR or --json"
    counts = ", ".join(f"{summary[name]} {name.replace('_', ' ')}" for name in _COUNTED)
    return f"{counts}. Written: {written}"


_COUNTED = (
    *("records", "decisions", "restrictions", "identifiers", "looks"),
    *("kept_back", "withheld"),
)
