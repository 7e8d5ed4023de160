"""`tell-once decision confirm|list|stop`: what waits for a second hand, and what had none."""

import argparse
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import cache
from typing import Any

from consent.decisions.confirming import NotConfirmed, confirm_decision, lapse, make_wait
from consent.decisions.keeping import Deciding, Recorded
from consent.decisions.states import state_of, waiting_for
from consent.model import Proposal, SharingDecision
from schemas.identifiers import DecisionId
from services.bootstrap import Application, DatabaseRole, opened
from services.cli.operator import operator
from services.cli.output import REFUSED, print_document, settings_from
from services.cli.profile.profiles import practitioner_from_text, speaking_for_somebody
from services.decisions.askers import Askers, is_one_persons_word
from services.people.governance.queue import ItemKind, raise_item
from services.work import UnitOfWork, unit_of_work
from services.workers.draining import working

_LAPSING = "job:decision-lapse"
_CONFIRMING = """
Confirms what waits about a decision: as another system account than the one that asked, or, where
families are invented, as one of the practitioners.

  tell-once decision confirm DECISION_ID
  tell-once decision confirm DECISION_ID --as PRACTITIONER
"""
_LISTING = """
Lists what waits for a second hand, or what is in force by one person's word.

  tell-once decision list --proposed
  tell-once decision list --one-persons-word
"""
_STOPPING = """
Lets every decision that rests on one person's word wait until somebody confirms it: it permits
nothing then. Nothing is dropped, and governance gets an item for each.

  tell-once decision stop --one-persons-word
"""


def add_verbs(verbs: Any, common: argparse.ArgumentParser) -> None:
    """Add the verbs about two hands."""

    def add(verb: str, what: str, about: str) -> argparse.ArgumentParser:
        parser: argparse.ArgumentParser = verbs.add_parser(
            verb,
            parents=[common],
            help=what,
            description=about,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        return parser

    confirming = add("confirm", "be the second hand for what waits", _CONFIRMING)
    confirming.add_argument("decision", metavar="DECISION_ID")
    confirming.add_argument("--as", dest="practitioner", metavar="PRACTITIONER")
    confirming.set_defaults(run_command=_confirm)
    listing = add("list", "list what waits, or what one person's word made", _LISTING)
    which = listing.add_mutually_exclusive_group(required=True)
    which.add_argument("--proposed", action="store_true", help="what waits for a second hand")
    which.add_argument("--one-persons-word", action="store_true", help="what never had one")
    listing.set_defaults(run_command=_list)
    stopping = add("stop", "let what one person's word made wait", _STOPPING)
    stopping.add_argument("--one-persons-word", action="store_true", required=True)
    stopping.set_defaults(run_command=_stop)


def _confirm(args: argparse.Namespace) -> int:
    with (
        opened(settings_from(args)) as application,
        _spoken_for(args, application),
        working(application),
        unit_of_work(application.outside(DatabaseRole.PORTAL)) as work,
    ):
        actor, deciding = _hand(args, work)
        confirmed = confirm_decision(DecisionId(args.decision), actor=actor, deciding=deciding)
    if isinstance(confirmed, NotConfirmed):
        print_document(
            args,
            {"decision_id": args.decision, "refused": confirmed.because},
            plain=f"Not confirmed: {confirmed.because}",
        )
        return REFUSED
    print_document(args, _confirmed(confirmed), plain=f"Confirmed decision {args.decision}")
    return 0


def _spoken_for(args: argparse.Namespace, application: Application) -> AbstractContextManager[None]:
    return nullcontext() if args.practitioner is None else speaking_for_somebody(application)


def _hand(args: argparse.Namespace, work: UnitOfWork) -> tuple[str, Deciding]:
    """Who confirms: the system account, or a practitioner where families are invented."""
    if args.practitioner is None:
        return operator(), work.operating()
    who = practitioner_from_text(args.practitioner, work)
    found = work.decisions.find(DecisionId(args.decision))
    subjects = frozenset() if found is None else found.subjects
    asker = Askers(work.relationships, work.clusters).asker(who, subjects)
    return who.actor, work.deciding(asker)


def _confirmed(confirmed: Recorded) -> dict[str, Any]:
    decision = confirmed.decision
    return {
        "decision_id": decision.id,
        "ledger_entry": str(confirmed.entry_id),
        "version": decision.version,
        "subjects": sorted(decision.subjects),
    }


def _list(args: argparse.Namespace) -> int:
    with (
        opened(settings_from(args)) as application,
        unit_of_work(application.outside(DatabaseRole.PORTAL)) as work,
    ):
        if args.proposed:
            listed = [_waiting_line(decision, proposal) for decision, proposal in _waiting(work)]
        else:
            listed = [_line(decision) for decision in _by_one_persons_word(work)]
    plain = "\n".join("  ".join(map(str, (one["decision_id"], *_told(one)))) for one in listed)
    print_document(args, {"decisions": listed}, plain=plain or "There are none")
    return 0


def _waiting(work: UnitOfWork) -> Sequence[tuple[SharingDecision, Proposal]]:
    """What can still be confirmed; what cannot any more is entered as lapsed."""
    found = work.decisions.with_proposals()
    lapse(found, actor=_LAPSING, deciding=work.deciding())
    return [
        (decision, proposal)
        for decision in found
        if (proposal := waiting_for(decision, work.now)) is not None
    ]


def _by_one_persons_word(work: UnitOfWork) -> Sequence[SharingDecision]:
    """In force, and never confirmed, though who recorded it or their agency is shown more."""
    agency_of = cache(work.directory.agency_kind_of)
    return [
        decision
        for decision in work.decisions.unconfirmed()
        if state_of(decision, work.now).is_in_force and is_one_persons_word(decision, agency_of)
    ]


def _line(decision: SharingDecision) -> dict[str, Any]:
    return {
        "decision_id": decision.id,
        "subjects": sorted(decision.subjects),
        "recipients": sorted(decision.recipients),
        "recorded_by": decision.circumstances.recorded_by,
    }


def _waiting_line(decision: SharingDecision, proposal: Proposal) -> dict[str, Any]:
    return _line(decision) | {
        "act": proposal.act.value,
        "asked_by": proposal.asked_by,
        "until": proposal.until.isoformat(),
    }


def _told(one: dict[str, Any]) -> Sequence[object]:
    return (one["act"], one["until"]) if "act" in one else (one["recorded_by"],)


def _stop(args: argparse.Namespace) -> int:
    with (
        opened(settings_from(args)) as application,
        working(application),
        unit_of_work(application.outside(DatabaseRole.PORTAL)) as work,
    ):
        # Where families are invented one command is both hands, and was.
        found = [] if work.is_demonstration else _by_one_persons_word(work)
        for decision in found:
            _let_wait(decision, work)
    stopped = [decision.id for decision in found]
    print_document(args, {"stopped": stopped}, plain=f"{len(stopped)} wait to be confirmed")
    return 0


def _let_wait(decision: SharingDecision, work: UnitOfWork) -> None:
    make_wait(decision, actor=operator(), deciding=work.deciding())
    raise_item(
        ItemKind.ONE_PERSONS_WORD,
        decision.id,
        by=operator(),
        queue=work.queue,
        ledger=work.ledger,
        at=work.now,
        person=min(decision.subjects),
    )
