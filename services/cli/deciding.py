"""`tell-once decision record|show|due|…`: what a family decided."""

import argparse
import json
from datetime import datetime, time
from pathlib import Path
from typing import Any

from consent.decision_states import state_of
from consent.errors import DecisionInvalidError
from consent.handlers import RecordDecision, record_decision
from consent.model import Response
from schemas.identifiers import DecisionId
from schemas.vocabulary import Category, Purpose, Role, Source
from services.adapters.decision_documents import document_from_decision
from services.adapters.subjects import subject_from_text
from services.adapters.unit_of_work import unit_of_work
from services.bootstrap import DatabaseRole, opened
from services.cli import decision_changes, decision_options, receipts
from services.cli.agreed import warn_unless_agreed
from services.cli.decision_changes import ACTOR, print_receipt
from services.cli.decision_consents import fhir_document
from services.cli.decision_files import order_from_file
from services.cli.decision_options import choices_of, day_from, one_of, several_of
from services.cli.options import print_document, settings_from
from services.workers.draining import working

_LAST_MOMENT = time(23, 59, 59)
_ABOUT = """
Writes down what was decided about sharing.

  tell-once decision record --subject nhs-number:9990000018 --category child-health \\
      --purpose direct-care --recipient agency:health-visiting --basis consent \\
      --decided-by parent:mother --channel telephone --notice-version 2026-03
  tell-once decision record --subject upn:A999200115031 --date-of-birth 2012-03-22 \\
      --category story --purpose early-help --decided-by young-person \\
      --competent-because shared,who,consequences,weighs,freely \\
      --judged-by PRACTITIONER --parents-not-told
  tell-once decision record --from-file consent.json    (a FHIR R4 Consent, and nothing else)
  tell-once decision withdraw DECISION_ID
"""


def add_commands(commands: Any, common: argparse.ArgumentParser) -> None:
    """Add `decision`."""
    decision = commands.add_parser("decision", help="record, change or show decisions")
    verbs = decision.add_subparsers(dest="verb", required=True, metavar="VERB")
    _add_record(verbs, common)
    decision_changes.add_verbs(verbs, common)
    show = verbs.add_parser("show", parents=[common], help="show one decision")
    show.add_argument("decision", metavar="DECISION_ID")
    show.add_argument("--fhir", action="store_true", help="as a FHIR R4 Consent, or several")
    show.set_defaults(run_command=_show)
    receipts.add_verbs(verbs, common)
    due = verbs.add_parser("due", parents=[common], help="list what is due for review")
    due.add_argument("--by", metavar="YYYY-MM-DD", help="what is due by the end of this day")
    due.set_defaults(run_command=_due)


def _add_record(verbs: Any, common: argparse.ArgumentParser) -> None:
    record = verbs.add_parser(
        "record",
        parents=[common],
        help="record what was decided",
        description=_ABOUT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = record.add_argument
    add("--from-file", type=Path, metavar="FILE", help="record what this FHIR R4 Consent says")
    add("--subject", action="append", default=[], metavar="SCHEME:VALUE")
    add("--date-of-birth", metavar="YYYY-MM-DD", help="of the subject, to be sure it is them")
    add("--category", action="append", default=[], help=choices_of(Category))
    add("--purpose", action="append", default=[], help=choices_of(Purpose))
    add("--recipient", action="append", default=[], help="agency:KIND, role:ROLE, practitioner:ID")
    add("--source", action="append", default=[], help=choices_of(Source))
    add("--response", default=Response.GIVEN.value, help=choices_of(Response))
    add("--until", metavar="YYYY-MM-DD", help="the last day")
    add("--review-at", metavar="YYYY-MM-DD", help="the day to ask again")
    add("--supersedes", metavar="DECISION_ID", help="in whose place this one stands")
    decision_options.add_ground_options(record)
    decision_options.add_how_options(record)
    record.set_defaults(run_command=_record)


def _record(args: argparse.Namespace) -> int:
    with opened(settings_from(args)) as application, working(application):
        warn_unless_agreed(application)
        outside = application.outside(DatabaseRole.PORTAL)
        with unit_of_work(outside) as work:
            order = _order(args, at=outside.clock.now())
            recorded = record_decision(order, deciding=work.deciding())
    return print_receipt(args, recorded, "Recorded")


def _show(args: argparse.Namespace) -> int:
    with (
        opened(settings_from(args)) as application,
        unit_of_work(application.outside(DatabaseRole.PORTAL)) as work,
    ):
        found = work.decisions.find(DecisionId(args.decision))
        now = work.now
    if found is None:
        raise DecisionInvalidError("decision", "is-not-known")
    document = json.loads(document_from_decision(found)) | {"state": state_of(found, now).value}
    if args.fhir:
        document = fhir_document(found, application.settings)
    print_document(args, document, plain=json.dumps(document, ensure_ascii=False))
    return 0


def _due(args: argparse.Namespace) -> int:
    by = day_from("by", args.by, _LAST_MOMENT)
    with (
        opened(settings_from(args)) as application,
        unit_of_work(application.outside(DatabaseRole.PORTAL)) as work,
    ):
        due = work.decisions.due_for_review(by or work.now)
    listed = [
        {
            "decision_id": decision.id,
            "review_at": decision.review_at.isoformat() if decision.review_at else None,
            "subjects": sorted(decision.subjects),
        }
        for decision in due
    ]
    plain = "\n".join(f"{one['review_at']}  {one['decision_id']}" for one in listed)
    print_document(args, {"decisions": listed}, plain=plain or "Nothing is due for review")
    return 0


def _order(args: argparse.Namespace, *, at: datetime) -> RecordDecision:
    if args.from_file is not None:
        if args.subject or args.category or args.purpose or args.recipient or args.source:
            raise DecisionInvalidError("from-file", "says-all-that-is-recorded: nothing beside it")
        return order_from_file(
            args.from_file, actor=ACTOR, date_of_birth=args.date_of_birth, now=at
        )
    response = one_of("response", Response, args.response)
    basis = decision_options.basis_from(args, response)
    return RecordDecision(
        subjects=tuple(subject_from_text(text, args.date_of_birth) for text in args.subject),
        response=response,
        categories=several_of("category", Category, args.category),
        purposes=several_of("purpose", Purpose, args.purpose),
        basis=basis,
        decided_by=decision_options.decider_from(args.decided_by),
        actor=ACTOR,
        recipients=frozenset(_recipient(text) for text in args.recipient),
        sources=several_of("source", Source, args.source),
        until=day_from("until", args.until, _LAST_MOMENT),
        review_at=day_from("review-at", args.review_at, time()),
        because=decision_options.reason_from(args, response),
        article_9=decision_options.condition_from(args),
        gateways=decision_options.gateways_from(args, basis),
        circumstances=decision_options.circumstances_from(args, at=at),
        supersedes=None if args.supersedes is None else DecisionId(args.supersedes),
    )


def _recipient(text: str) -> str:
    """`agency:KIND`, `role:ROLE` or `practitioner:ID`; a bare word is an agency or a role."""
    if text in {source.value for source in Source}:
        return f"agency:{text}"
    if text in {role.value for role in Role}:
        return f"role:{text}"
    kind, colon, name = text.partition(":")
    if not colon or not name or kind not in {"agency", "role", "practitioner"}:
        raise DecisionInvalidError("recipient", "is-not-agency-role-or-practitioner")
    if kind == "agency":
        return f"agency:{one_of('recipient', Source, name).value}"
    return f"role:{one_of('recipient', Role, name).value}" if kind == "role" else text
