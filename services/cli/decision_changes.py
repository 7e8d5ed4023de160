"""`tell-once decision withdraw|object|end|invalidate`: what becomes of a decision."""

import argparse
from collections.abc import Callable
from typing import Any

from consent.circumstances import InvalidationReason
from consent.errors import DecisionInvalidError
from consent.handlers import (
    Deciding,
    ObjectTo,
    Recorded,
    end_decision,
    invalidate_decision,
    object_to,
    withdraw_decision,
)
from schemas.identifiers import DecisionId, PersonId
from services.adapters.subjects import subject_from_text
from services.adapters.unit_of_work import unit_of_work
from services.bootstrap import DatabaseRole, opened
from services.cli import decision_options
from services.cli.decision_options import choices_of, one_of
from services.cli.options import print_document, settings_from
from services.workers.draining import working

ACTOR = "job:decision-command"

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
    _add(verbs, common, "withdraw", "withdraw from now on", _withdraw)
    _add(verbs, common, "end", "end what a practitioner decided or a duty demanded", _end)
    objecting = _add(verbs, common, "object", "object to a public task", _object, _OBJECTING)
    objecting.add_argument("--about", metavar="person:ID", help="whom of several it is about")
    decision_options.add_how_options(objecting)
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
    print_document(args, document, plain=f"{did} decision {decision.id}")
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
    decision = DecisionId(args.decision)
    return _change(
        args,
        lambda deciding: withdraw_decision(decision, actor=ACTOR, deciding=deciding),
        "Withdrew",
    )


def _end(args: argparse.Namespace) -> int:
    decision = DecisionId(args.decision)
    return _change(
        args, lambda deciding: end_decision(decision, actor=ACTOR, deciding=deciding), "Ended"
    )


def _invalidate(args: argparse.Namespace) -> int:
    decision = DecisionId(args.decision)
    reason = one_of("because", InvalidationReason, args.because)
    return _change(
        args,
        lambda deciding: invalidate_decision(decision, reason, actor=ACTOR, deciding=deciding),
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
        objector=decision_options.decider_from(args.decided_by),
        actor=ACTOR,
        about=None if args.about is None else _person(args.about),
        circumstances=decision_options.circumstances_from(args, at=deciding.clock.now()),
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
        recorded = change(work.deciding())
    return print_receipt(args, recorded, did)
