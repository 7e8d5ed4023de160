"""`tell-once decide` about a moment that is past: as it was known then, or not to be told."""

import argparse
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from consent.ledger import LedgerEntry, ledger_entry
from consent.ledger.events import LedgerEvent
from consent.question import Reason
from services.audit.explain.postgres_replaying import Replayed, find_disclosure, replay
from services.bootstrap import Application, DatabaseRole, opened
from services.cli.operator import operator
from services.cli.output import CANNOT_BE_TOLD, FAILED, print_document, settings_from
from services.interfaces.access.authzen import EvaluationRequest, RequestUnreadableError
from services.interfaces.access.batch import answer_document
from services.interfaces.access.on_record import (
    AskedFor,
    evaluate_and_record,
)
from services.interfaces.access.postgres_records import UnitOfWorkRecords
from services.work import UnitOfWork, unit_of_work
from services.work.postgres_past import CannotBeToldError, looking_back


class _Collected:
    """Entries of answers that are entered only where all of them can be told."""

    def __init__(self) -> None:
        self.entries: list[LedgerEntry] = []

    def append(self, entries: Sequence[LedgerEntry]) -> None:
        self.entries += entries


def answered_then(
    document: Any, at: datetime, *, work: UnitOfWork, application: Application
) -> dict[str, Any]:
    """The answers that were right then, or that they cannot be told; either is entered."""
    collected = _Collected()
    asking = AskedFor(operator(), work.now, is_told_why=True)
    try:
        with looking_back(application.outside(DatabaseRole.PORTAL)) as past:
            records = UnitOfWorkRecords(past.at(at), speaks_for=lambda _: True)

            def evaluate(request: EvaluationRequest) -> Any:
                return evaluate_and_record(
                    request, records=records, ledger=collected, at=at, asking=asking
                )

            answer = answer_document(document, evaluate)
    except CannotBeToldError as error:
        work.ledger.append([_refused(work)])
        return untold(error)
    work.ledger.append(collected.entries)
    return answer


def untold(error: CannotBeToldError) -> dict[str, Any]:
    """An answer of its own: neither yes nor no."""
    begins = None if error.begins_at is None else error.begins_at.isoformat()
    return {"cannot_be_told": {"kinds": list(error.kinds), "begins_at": begins}}


def is_untold(answer: dict[str, Any]) -> bool:
    """Whether that is the answer."""
    return "cannot_be_told" in answer


def untold_in_words(answer: dict[str, Any]) -> str:
    """A sentence that says of what nothing is known then, and since when it is."""
    told = answer["cannot_be_told"]
    since = "" if told["begins_at"] is None else f" since {told['begins_at']}"
    kinds = ", ".join(told["kinds"])
    return f"{Reason.CANNOT_BE_TOLD.label} What is kept{since} does not tell it of: {kinds}."


def _refused(work: UnitOfWork) -> LedgerEntry:
    fields = {"element": "at", "reason": Reason.CANNOT_BE_TOLD}
    event = LedgerEvent.ACCESS_EVALUATION_REFUSED
    return ledger_entry(event, fields, at=work.now, actor=operator())


# `decide --replay`: one disclosure decided once more.


def run_replay(args: argparse.Namespace) -> int:
    """Print whether what was shown is what would have been; 0 yes, 1 no, 5 cannot be told."""
    with (
        opened(settings_from(args)) as application,
        unit_of_work(application.outside(DatabaseRole.PORTAL)) as work,
    ):
        disclosed = find_disclosure(args.replay, work.connection)
        if disclosed is None:
            raise RequestUnreadableError("--replay", "is-no-disclosure-in-the-ledger")
        try:
            with looking_back(application.outside(DatabaseRole.PORTAL)) as past:
                replayed = replay(disclosed, past)
        except CannotBeToldError as error:
            work.ledger.append([_replayed(disclosed.disclosure, "cannot-be-told", work)])
            answer, code = untold(error), CANNOT_BE_TOLD
        else:
            agrees = "no" if replayed.differences else "yes"
            work.ledger.append([_replayed(disclosed.disclosure, agrees, work)])
            answer, code = _document(replayed), FAILED if replayed.differences else 0
    print_document(args, answer, plain=_in_words(answer))
    return code


def _replayed(disclosure: str, agrees: str, work: UnitOfWork) -> LedgerEntry:
    fields = {"disclosure": disclosure, "agrees": agrees}
    event = LedgerEvent.DISCLOSURE_REPLAYED
    return ledger_entry(event, fields, at=work.now, actor=operator())


def _document(replayed: Replayed) -> dict[str, Any]:
    disclosed = replayed.disclosed
    permitted = {c for (_, c, _), answer in replayed.answers.items() if answer.is_permitted}
    return {
        "disclosure": disclosed.disclosure,
        "at": disclosed.at.isoformat(),
        "agrees": not replayed.differences,
        "differences": [{"code": one.value, "text": one.label} for one in replayed.differences],
        "shown": sorted(disclosed.categories),
        "permitted": sorted(permitted),
        "policy_version": disclosed.policy_version,
    }


def _in_words(answer: dict[str, Any]) -> str:
    if is_untold(answer):
        return untold_in_words(answer)
    if answer["agrees"]:
        return "What was shown is what was permitted then."
    return "\n".join(one["text"] for one in answer["differences"])
