"""`tell-once report ask|confirm|decline|make|list`: everything held of somebody, by two."""

import argparse
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from consent.errors import DecisionInvalidError
from schemas.identifiers import PersonId
from services.bootstrap import Application, DatabaseRole, opened
from services.cli.ledger.commands import tell
from services.cli.officers import officer_of
from services.cli.operator import officers_verb, tell_order, tell_refused
from services.cli.output import REFUSED, USAGE, print_document, settings_from
from services.cli.profile.profiles import person_from_text, speaking_for_somebody
from services.interfaces.subject_access.bundle import DecisionKeeper, bundle_from_report
from services.interfaces.subject_access.held import GivenTo, SubjectAccess
from services.interfaces.subject_access.ordering import (
    AskReport,
    ReportOrdering,
    ask_report,
    asked_on_page,
    lay_on_page,
    list_reports,
    make_ordered,
)
from services.interfaces.subject_access.page import page_from_report
from services.interfaces.subject_access.reporting import (
    MakeReport,
    ReportRefused,
    WhyNoReport,
    refuse_report,
    reporting,
)
from services.people.governance.orders import NotTheirs, Order
from services.people.governance.reports import ReportOfficer, answer_report
from services.people.presence.model import WithWhom
from services.platform.durable_files import create_durably
from services.platform.settings import Settings
from services.work import Outside, UnitOfWork, unit_of_work
from services.workers.draining import working

_ORGANIZATION = "Organization/council"
_NO_NOTICE = "urn:tell-once:privacy-notice"
_BUNDLE, _PAGE = "subject-access.json", "subject-access.html"
_PERSONAL = "this is personal data: give it to whom it is made for, and destroy what nobody needs"
_PARENTS = [one.value for one in WithWhom if one is not WithWhom.THEMSELVES]
_ABOUT = """
Everything held about one person: records and on what basis each is shared, decisions, restrictions,
numbers, who has looked, what waits elsewhere. What is about others, protected or judged harmful is
withheld, and says so where it would stand; of a report for a parent it is left out without a mark.

One officer asks, another one confirms, from two system accounts, and one of both makes it. It is
for whoever is reached by a contact that a source has held for them for 28 days, and is told there
that it is ready; a contact that comes with the request is never taken.

  tell-once report ask PERSON --given-to person
  tell-once report ask nhs-number:9990000018 --given-to parent --parent mother
  tell-once report confirm ORDER
  tell-once report decline ORDER
  tell-once report make ORDER --out folder

Of a copy that somebody asked for on their own page (governance list, copy-asked): it is for who
asked, is laid ready there when it is made, and needs no file.

  tell-once report ask PERSON --copy COPY
  tell-once report ask PERSON --copy COPY --parent mother
  tell-once report list

Among invented families one command is both hands:

  tell-once report subject-access PERSON --as PRACTITIONER --given-to person --out folder
  tell-once report subject-access PERSON --as PRACTITIONER --json

--json is a FHIR R4 Bundle. It is on the ledger, and among the looks. What waits in the
health-visiting agency's own store is told in full to somebody of that agency.
Files are made for their owner alone (0600) and never written over. A refusal exits 3.
"""
_HELP = {
    "ask": "ask for a report; somebody else confirms it",
    "confirm": "confirm what another asked for",
    "decline": "decline what another asked for, or take back one's own",
    "make": "write it, once it was confirmed",
    "list": "what waits to be confirmed or made",
    "subject-access": "all of it at once, for invented families",
}


def add_commands(commands: Any, common: argparse.ArgumentParser) -> None:
    """Add `report`."""
    report = commands.add_parser("report", help="reports of what is held, by two")
    verbs = report.add_subparsers(dest="verb", required=True, metavar="VERB")
    for name, run in (("ask", _ask), ("subject-access", _subject_access)):
        asking = _verb(verbs, common, name, run)
        asking.add_argument("person", metavar="PERSON", help="an opaque id, or SCHEME:VALUE")
        asking.add_argument("--given-to", default="parent", choices=[one.value for one in GivenTo])
        asking.add_argument("--parent", choices=_PARENTS, help="who the parent is to the child")
        if name == "subject-access":
            _add_files(asking)
        else:
            asking.add_argument(
                "--copy", metavar="COPY", help="the copy that they asked for on their own page"
            )
    for name, confirms in (("confirm", True), ("decline", False)):
        answering = _verb(verbs, common, name, _answer)
        answering.add_argument("order", metavar="ORDER")
        answering.set_defaults(confirms=confirms)
    making = _verb(verbs, common, "make", _make)
    making.add_argument("order", metavar="ORDER")
    _add_files(making)
    _verb(verbs, common, "list", _list)


def _verb(
    verbs: Any,
    common: argparse.ArgumentParser,
    name: str,
    run: Callable[[argparse.Namespace], int],
) -> argparse.ArgumentParser:
    return officers_verb(verbs, common, name, run, told=(_HELP[name], _ABOUT))


def _add_files(parser: argparse.ArgumentParser) -> None:
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--html", type=Path, metavar="FILE", help="a page to print")
    where.add_argument("--out", type=Path, metavar="DIR", help=f"{_BUNDLE} and {_PAGE} in it")


def _ask(args: argparse.Namespace) -> int:
    if args.copy is None and args.given_to == GivenTo.PARENT and args.parent is None:
        raise DecisionInvalidError("parent", "is-missing")
    with _as_officer(args) as (application, officer), _ordering(application) as (work, ordering):
        wanted = _wanted(args, work)
        if args.copy is not None and officer.may_report:
            asked = asked_on_page(args.copy, wanted.person, wanted.parent, work=work)
            if asked is None:
                why = MakeReport(wanted.person, officer.actor, wanted.given_to, None)
                refused = refuse_report(why, WhyNoReport.NO_COPY, ordering.reporting)
                return _tell_no_report(args, refused)
            wanted = asked
        found = ask_report(wanted, by=officer, ordering=ordering)
    if isinstance(found, ReportRefused):
        return _tell_no_report(args, found)
    return tell_order(args, found, verb="report")


def _answer(args: argparse.Namespace) -> int:
    with _as_officer(args) as (application, officer), _ordering(application) as (_, ordering):
        found = answer_report(args.order, by=officer, confirms=args.confirms, hands=ordering)
    return tell_order(args, found, verb="report")


def _list(args: argparse.Namespace) -> int:
    with _as_officer(args) as (application, officer), _ordering(application) as (_, ordering):
        found = list_reports(by=officer, ordering=ordering)
    if isinstance(found, NotTheirs):
        return tell_refused(found)
    rows = [_row(order) for order in found]
    plain = "\n".join(f"{r['order']}  {r['status']}  {r['asked_by']}" for r in rows)
    print_document(args, {"orders": rows}, plain=plain or "Nothing waits.")
    return 0


def _make(args: argparse.Namespace) -> int:
    if _is_there(args):
        return USAGE
    with (
        _as_officer(args) as (application, officer),
        working(application),
        _ordering(application) as (work, ordering),
    ):
        made = make_ordered(args.order, by=officer, ordering=ordering)
        order = work.orders.find(args.order)
        if isinstance(made, SubjectAccess) and order is not None:
            page = partial(page_from_report, council=application.settings.council_name)
            lay_on_page(order, made, by=officer.actor, page=page, work=work)
    return _tell_made(args, made, application.settings)


def _subject_access(args: argparse.Namespace) -> int:
    """Ask, confirm and make, for invented families alone."""
    if _is_there(args):
        return USAGE
    with (
        _as_officer(args, element="at-once") as (application, officer),
        working(application),
        _ordering(application) as (work, ordering),
    ):
        asked = ask_report(_wanted(args, work), by=officer, ordering=ordering)
        made: SubjectAccess | ReportRefused | NotTheirs
        if isinstance(asked, Order):
            made = make_ordered(asked.id, by=officer, ordering=ordering)
        else:
            made = asked
    return _tell_made(args, made, application.settings)


def _tell_made(
    args: argparse.Namespace,
    made: SubjectAccess | ReportRefused | NotTheirs,
    settings: Settings,
) -> int:
    match made:
        case SubjectAccess():
            return _hand_over(args, made, settings)
        case ReportRefused():
            return _tell_no_report(args, made)
        case NotTheirs():
            return tell_refused(made)


def _tell_no_report(args: argparse.Namespace, refused: ReportRefused) -> int:
    document = {"refused": True, "reasons": [{"code": refused.why, "text": refused.why.label}]}
    print_document(args, document, plain=f"Refused: {refused.why.label}")
    return REFUSED


def _wanted(args: argparse.Namespace, work: UnitOfWork) -> AskReport:
    parent = None if args.parent is None else WithWhom(args.parent)
    return AskReport(person_from_text(args.person, work), GivenTo(args.given_to), parent)


def _row(order: Order) -> dict[str, Any]:
    told = order.document
    return {
        "order": order.id,
        "person": PersonId(told["person"]),
        "given_to": told["given_to"],
        "held_as": told["held_as"],
        "contact": told["contact"],
        "status": order.status.value,
        "asked_by": order.asked_by,
        "confirmed_by": order.answered_by,
    }


@contextmanager
def _as_officer(
    args: argparse.Namespace, *, element: str | None = None
) -> Iterator[tuple[Application, ReportOfficer]]:
    """The application and who orders; `element` is what is for invented families alone."""
    with opened(settings_from(args)) as application:
        if element is not None:
            with speaking_for_somebody(application, element=element):
                pass
        with officer_of(args, application) as acting:
            who = acting.practitioner
            mine = () if who is None else (who.role, who.id, who.agency_kind)
            yield application, ReportOfficer(acting.actor, *mine)


@contextmanager
def _ordering(application: Application) -> Iterator[tuple[UnitOfWork, ReportOrdering]]:
    outside: Outside = application.outside(DatabaseRole.OWNER)
    with unit_of_work(outside) as work:
        presences = work.presences()
        yield (
            work,
            ReportOrdering(
                reporting(work, outside),
                work.orders,
                presences.contacts,
                presences.channels,
                presences.messages,
                work.now,
                work.is_demonstration,
            ),
        )


def _is_there(args: argparse.Namespace) -> bool:
    there = [path for path in _paths(args) if path.exists()]
    if there:
        tell(f"tell-once: {there[0].name} is there already; nothing was made")
    return bool(there)


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
