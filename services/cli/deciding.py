"""`tell-once decision record|withdraw|show`: what a family decided."""

import argparse
import json
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any, TypeVar

from consent.errors import DecisionInvalidError
from consent.handlers import RecordDecision, record_decision, withdraw_decision
from consent.lawfulness import Basis
from consent.model import Decider, DeciderKind, Response
from schemas.identifiers import DecisionId
from schemas.vocabulary import Category, LabelledCode, Purpose, Role, Source
from services.adapters.decision_documents import document_from_decision
from services.adapters.subjects import subject_from_text
from services.adapters.unit_of_work import unit_of_work
from services.bootstrap import DatabaseRole, opened
from services.cli.decision_files import order_from_file
from services.cli.options import print_document, settings_from
from services.workers.draining import working

Code = TypeVar("Code", bound=LabelledCode)

_ACTOR = "job:decision-command"
_ALL = "all"
_ABOUT = """
Writes down what was decided about sharing.

  tell-once decision record --subject nhs-number:9990000018 --category child-health \\
      --purpose direct-care --recipient agency:health-visiting --basis consent \\
      --decided-by parent:mother
  tell-once decision record --from-file consent.json    (a FHIR R4 Consent, and nothing else)
  tell-once decision withdraw DECISION_ID
"""
_DECIDERS = {"mother": "parent", "father": "parent", "guardian": "parent", "self": "adult-self"}


def add_commands(commands: Any, common: argparse.ArgumentParser) -> None:
    """Add `decision`."""
    decision = commands.add_parser("decision", help="record, withdraw or show decisions")
    verbs = decision.add_subparsers(dest="verb", required=True, metavar="VERB")
    _add_record(verbs, common)
    withdraw = verbs.add_parser("withdraw", parents=[common], help="withdraw from now on")
    withdraw.add_argument("decision", metavar="DECISION_ID")
    withdraw.set_defaults(run_command=_withdraw)
    show = verbs.add_parser("show", parents=[common], help="show one decision")
    show.add_argument("decision", metavar="DECISION_ID")
    show.set_defaults(run_command=_show)


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
    add("--category", action="append", default=[], help=_choices(Category))
    add("--purpose", action="append", default=[], help=_choices(Purpose))
    add("--recipient", action="append", default=[], help="agency:KIND, role:ROLE, practitioner:ID")
    add("--source", action="append", default=[], help=_choices(Source))
    add("--response", default=Response.GIVEN.value, help=_choices(Response))
    add("--basis", default=Basis.CONSENT.value, help=_choices(Basis))
    add("--decided-by", default="parent", metavar="KIND[:WHICH]", help=_choices(DeciderKind))
    add("--until", metavar="YYYY-MM-DD", help="the last day")
    record.set_defaults(run_command=_record)


def _record(args: argparse.Namespace) -> int:
    with opened(settings_from(args)) as application, working(application):
        with unit_of_work(application.outside(DatabaseRole.PORTAL)) as work:
            recorded = record_decision(_order(args), deciding=work.deciding())
        decision = recorded.decision
    document = {
        "decision_id": decision.id,
        "ledger_entry": str(recorded.entry_id),
        "version": decision.version,
        "subjects": sorted(decision.subjects),
    }
    print_document(args, document, plain=f"Recorded decision {decision.id}")
    return 0


def _withdraw(args: argparse.Namespace) -> int:
    with opened(settings_from(args)) as application, working(application):
        with unit_of_work(application.outside(DatabaseRole.PORTAL)) as work:
            recorded = withdraw_decision(
                DecisionId(args.decision), actor=_ACTOR, deciding=work.deciding()
            )
        decision = recorded.decision
    document = {
        "decision_id": decision.id,
        "ledger_entry": str(recorded.entry_id),
        "version": decision.version,
        "subjects": sorted(decision.subjects),
    }
    print_document(args, document, plain=f"Withdrew decision {decision.id}")
    return 0


def _show(args: argparse.Namespace) -> int:
    with (
        opened(settings_from(args)) as application,
        unit_of_work(application.outside(DatabaseRole.PORTAL)) as work,
    ):
        found = work.decisions.find(DecisionId(args.decision))
    if found is None:
        raise DecisionInvalidError("decision", "is-not-known")
    text = document_from_decision(found).decode()
    print_document(args, json.loads(text), plain=text)
    return 0


def _order(args: argparse.Namespace) -> RecordDecision:
    if args.from_file is not None:
        if args.subject or args.category or args.purpose or args.recipient or args.source:
            raise DecisionInvalidError("from-file", "says-all-that-is-recorded: nothing beside it")
        return order_from_file(args.from_file, actor=_ACTOR, date_of_birth=args.date_of_birth)
    return RecordDecision(
        subjects=tuple(subject_from_text(text, args.date_of_birth) for text in args.subject),
        response=_one("response", Response, args.response),
        categories=_several("category", Category, args.category),
        purposes=_several("purpose", Purpose, args.purpose),
        basis=_one("basis", Basis, args.basis),
        decided_by=_decider(args.decided_by),
        actor=_ACTOR,
        recipients=frozenset(_recipient(text) for text in args.recipient),
        sources=_several("source", Source, args.source),
        until=_until(args.until),
    )


def _choices(codes: type[LabelledCode]) -> str:
    return ", ".join(code.value for code in codes)


def _one(field: str, codes: type[Code], text: str) -> Code:
    try:
        return codes(text)
    except ValueError:
        raise DecisionInvalidError(field, f"is-none-of: {_choices(codes)}") from None


def _several(field: str, codes: type[Code], texts: list[str]) -> frozenset[Code]:
    if _ALL in texts:
        return frozenset(codes)
    return frozenset(_one(field, codes, text) for text in texts)


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
        return f"agency:{_one('recipient', Source, name).value}"
    return f"role:{_one('recipient', Role, name).value}" if kind == "role" else text


def _decider(text: str) -> Decider:
    """`KIND` or `KIND:WHICH`; which of several parents is told apart by a word, not a name."""
    kind, _, which = text.partition(":")
    usual = _DECIDERS.get(kind)
    reference = which or kind
    if not reference.isascii() or not reference.replace("-", "").isalnum():
        raise DecisionInvalidError("decided-by", "names-somebody: use a word such as mother")
    return Decider(_one("decided-by", DeciderKind, usual or kind), reference)


def _until(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        day = datetime.fromisoformat(text)
    except ValueError:
        raise DecisionInvalidError("until", "is-not-a-date") from None
    return datetime.combine(day.date(), time(23, 59, 59), tzinfo=UTC)
