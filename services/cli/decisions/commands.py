"""`tell-once decision record|show|due|withdraw|object|end|invalidate`: what a family decided."""

import argparse
import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from consent.circumstances import InvalidationReason
from consent.decisions.changing import end_decision, invalidate_decision, withdraw_decision
from consent.decisions.keeping import Deciding, Recorded
from consent.decisions.objecting import ObjectTo, object_to
from consent.decisions.recording import record_decision
from consent.decisions.states import state_of
from consent.errors import DecisionInvalidError
from consent.model import RecordDecision, Response
from schemas.identifiers import DecisionId, PersonId
from schemas.uk_time import first_moment, last_moment
from schemas.vocabulary import Category, Purpose, Role, Source
from services.bootstrap import DatabaseRole, opened
from services.cli.decisions import options, receipts, second_hand
from services.cli.decisions.agreements import warn_unless_agreed
from services.cli.decisions.files import fhir_document, order_from_file
from services.cli.decisions.hand import SCHEMES_HELP
from services.cli.decisions.options import choices_of, day_from, one_of, several_of
from services.cli.operator import operator
from services.cli.output import print_document, settings_from
from services.decisions.documents import document_from_decision
from services.people.persons.subjects import subject_from_text
from services.work import unit_of_work
from services.workers.draining import working

# What becomes of a decision: withdraw, object, end, invalidate.

_WITHDRAWING = """
Takes back what a family decided, from now on. Who took it back and how is kept where it is told;
it is in force without.

  tell-once decision withdraw DECISION_ID --by parent:mother --channel telephone
  tell-once decision withdraw DECISION_ID --by not-said
"""
_OBJECTING = """
Writes down that somebody of the family objects to what a public task lets services share: a
decision of its own with the same scope. What it objects to stays on record.

  tell-once decision object DECISION_ID --decided-by parent:mother --channel telephone
"""
_INVALIDATING = """
Marks as never counted what was recorded in error. This cannot be undone; to stop a decision from
now on, withdraw it.

  tell-once decision invalidate DECISION_ID --because wrong-person
"""


def add_verbs(verbs: Any, common: argparse.ArgumentParser) -> None:
    """Add the verbs that change a decision."""
    taking_back = _add(verbs, common, "withdraw", "withdraw from now on", _withdraw, _WITHDRAWING)
    options.add_taken_back_options(taking_back)
    _add(verbs, common, "end", "end what a practitioner decided or a duty demanded", _end)
    objecting = _add(verbs, common, "object", "object to a public task", _object, _OBJECTING)
    objecting.add_argument("--about", metavar="person:ID", help="whom of several it is about")
    options.add_how_options(objecting)
    marking = _add(
        verbs, common, "invalidate", "mark as recorded in error", _invalidate, _INVALIDATING
    )
    marking.add_argument("--because", required=True, help=choices_of(InvalidationReason))


def print_receipt(args: argparse.Namespace, recorded: Recorded, did: str) -> int:
    """The decision as it stands now, and the entry that proves it; gives the exit code."""
    decision = recorded.decision
    document = {
        "decision_id": decision.id,
        "ledger_entry": str(recorded.entry_id),
        "version": decision.version,
        "subjects": sorted(decision.subjects),
    }
    waiting = recorded.waiting
    if waiting is None:
        print_document(args, document, plain=f"{did} decision {decision.id}")
        return 0
    plain = (
        f"Decision {decision.id} waits for a second hand: tell-once decision confirm {waiting.id}"
    )
    print_document(args, document | {"waits_for_a_second_hand": True}, plain=plain)
    return 0


def _add(  # noqa: PLR0917 one verb's line in the list above
    verbs: Any,
    common: argparse.ArgumentParser,
    verb: str,
    what: str,
    run: Callable[[argparse.Namespace], int],
    about: str = "",
) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = verbs.add_parser(
        verb,
        parents=[common],
        help=what,
        description=about or f"{what}\n\n  tell-once decision {verb} DECISION_ID",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("decision", metavar="DECISION_ID")
    parser.set_defaults(run_command=run)
    return parser


def _withdraw(args: argparse.Namespace) -> int:
    decision, told = DecisionId(args.decision), options.taken_back_from(args)
    return _change(
        args,
        lambda deciding: withdraw_decision(
            decision, actor=operator(), deciding=deciding, told=told, name=args.name
        ),
        "Withdrew",
    )


def _end(args: argparse.Namespace) -> int:
    decision = DecisionId(args.decision)
    return _change(
        args, lambda deciding: end_decision(decision, actor=operator(), deciding=deciding), "Ended"
    )


def _invalidate(args: argparse.Namespace) -> int:
    decision = DecisionId(args.decision)
    reason = one_of("because", InvalidationReason, args.because)
    return _change(
        args,
        lambda deciding: invalidate_decision(decision, reason, actor=operator(), deciding=deciding),
        "Marked as invalid",
    )


def _object(args: argparse.Namespace) -> int:
    return _change(
        args,
        lambda deciding: object_to(_objection(args, deciding), deciding=deciding),
        "Recorded the objection as",
    )


def _objection(args: argparse.Namespace, deciding: Deciding) -> ObjectTo:
    return ObjectTo(
        decision=DecisionId(args.decision),
        objector=options.decider_from(args.decided_by),
        actor=operator(),
        about=None if args.about is None else _person(args.about),
        circumstances=options.circumstances_from(args, at=deciding.clock.now()),
    )


def _person(text: str) -> PersonId:
    """`person:ID`, as receipts name subjects."""
    found = subject_from_text(text)
    if isinstance(found, str):
        return found
    raise DecisionInvalidError("about", "is-no-person-by-id")


def _change(args: argparse.Namespace, change: Callable[[Deciding], Recorded], did: str) -> int:
    with (
        opened(settings_from(args)) as application,
        working(application),
        unit_of_work(application.outside(DatabaseRole.PORTAL)) as work,
    ):
        recorded = change(work.operating())
    return print_receipt(args, recorded, did)


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


_SUBJECT = "whom it is about; schemes are above"


def add_commands(commands: Any, common: argparse.ArgumentParser) -> None:
    """Add `decision`."""
    decision = commands.add_parser("decision", help="record, change or show decisions")
    verbs = decision.add_subparsers(dest="verb", required=True, metavar="VERB")
    _add_record(verbs, common)
    add_verbs(verbs, common)
    show = verbs.add_parser("show", parents=[common], help="show one decision")
    show.add_argument("decision", metavar="DECISION_ID")
    show.add_argument("--fhir", action="store_true", help="as a FHIR R4 Consent, or several")
    show.set_defaults(run_command=_show)
    receipts.add_verbs(verbs, common)
    second_hand.add_verbs(verbs, common)
    due = verbs.add_parser("due", parents=[common], help="list what is due for review")
    due.add_argument("--by", metavar="YYYY-MM-DD", help="what is due by the end of this day")
    due.set_defaults(run_command=_due)


def _add_record(verbs: Any, common: argparse.ArgumentParser) -> None:
    record = verbs.add_parser(
        "record",
        parents=[common],
        help="record what was decided",
        description=f"{_ABOUT}\n{SCHEMES_HELP}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = record.add_argument
    add("--from-file", type=Path, metavar="FILE", help="record what this FHIR R4 Consent says")
    add("--subject", action="append", default=[], metavar="SCHEME:VALUE", help=_SUBJECT)
    add("--date-of-birth", metavar="YYYY-MM-DD", help="of the subject, to be sure it is them")
    add("--category", action="append", default=[], help=choices_of(Category))
    add("--purpose", action="append", default=[], help=choices_of(Purpose))
    add("--recipient", action="append", default=[], help="agency:KIND, role:ROLE, practitioner:ID")
    add("--source", action="append", default=[], help=choices_of(Source))
    add("--decider-name", metavar="NAME", help="what the parent who decided is called")
    add("--response", default=Response.GIVEN.value, help=choices_of(Response))
    add(
        "--decided-on",
        metavar="DATE",
        help="when it was decided, if that was before now: a day, or a time as 2026-03-02T09:30",
    )
    add("--until", metavar="YYYY-MM-DD", help="the last day")
    add("--review-at", metavar="YYYY-MM-DD", help="the day to ask again")
    add("--supersedes", metavar="DECISION_ID", help="in whose place this one stands")
    options.add_ground_options(record)
    options.add_how_options(record)
    record.set_defaults(run_command=_record)


def _record(args: argparse.Namespace) -> int:
    with opened(settings_from(args)) as application, working(application):
        warn_unless_agreed(application)
        outside = application.outside(DatabaseRole.PORTAL)
        with unit_of_work(outside) as work:
            order = _order(args, at=outside.clock.now())
            recorded = record_decision(order, deciding=work.operating())
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
    by = day_from("by", args.by, last_moment)
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
        beside = (args.subject, args.category, args.purpose, args.recipient, args.source)
        if any(beside) or args.decided_on is not None:
            raise DecisionInvalidError("from-file", "says-all-that-is-recorded: nothing beside it")
        return order_from_file(
            args.from_file, actor=operator(), date_of_birth=args.date_of_birth, now=at
        )
    response = one_of("response", Response, args.response)
    basis = options.basis_from(args, response)
    if args.date_of_birth is not None and args.date_of_birth > at.date().isoformat():
        raise DecisionInvalidError("date-of-birth", "is-in-the-future")
    return RecordDecision(
        subjects=tuple(subject_from_text(text, args.date_of_birth) for text in args.subject),
        response=response,
        categories=several_of("category", Category, args.category),
        purposes=several_of("purpose", Purpose, args.purpose),
        basis=basis,
        decided_by=options.decider_from(args.decided_by),
        actor=operator(),
        recipients=frozenset(_recipient(text) for text in args.recipient),
        sources=several_of("source", Source, args.source),
        until=day_from("until", args.until, last_moment),
        review_at=day_from("review-at", args.review_at, first_moment),
        because=options.reason_from(args, response),
        article_9=options.condition_from(args),
        gateways=options.gateways_from(args, basis),
        circumstances=options.circumstances_from(args, at=at),
        supersedes=None if args.supersedes is None else DecisionId(args.supersedes),
        decider_name=args.decider_name,
        decided_at=options.moment_from("decided-on", args.decided_on, now=at),
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
