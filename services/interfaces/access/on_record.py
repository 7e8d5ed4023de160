"""Answering AuthZEN questions from what is on record, by the same `decide` as every page.

`subject` is a practitioner by id, `resource` a person (opaque id or `SCHEME:VALUE`) whose
properties name `category`, `source` and `labels`, or a category whose id is the person; `action` is
`read` or `exists`; `context.purpose` is one of our purposes. Where no source is named each is asked
about. A question about several is yes only if each of them is (rule 8); what is permitted in part
is a no whose obligations name the parts. Whoever has no right to ask is told that, and nothing
else, whoever they ask about: why is on the ledger. What was asked wrongly is `asked.py`.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import product
from typing import Any, Protocol

from consent import POLICY_VERSION, AccessRequest, Decision, OnRecord, Practitioner, Reason
from consent.deciding.decide import Answers, worth_telling
from consent.deciding.words import CombiningAlgorithm
from consent.ledger import LedgerEntry, ledger_entry
from consent.ledger.events import LedgerEvent
from consent.ledger.fields import field_path
from consent.model import Mode
from consent.ports import Ledger
from consent.question import told
from schemas.identifiers import PersonId
from schemas.vocabulary import Category, Source
from services.interfaces.access.asked import Asked, NoQuestionError, asked_in
from services.interfaces.access.authzen import EvaluationRequest, EvaluationResponse

# What this needs from the outside world. All calls join one transaction.


@dataclass(frozen=True, slots=True)
class QuestionOnRecord:
    """Who asks about whom, with what bears on it; somebody stands in for who is not known.

    `unknown` are the elements that name nobody; `why_closed` says why whatever the family decided
    is not even looked at. Both are for the ledger and never told.
    """

    person: PersonId
    practitioner: Practitioner
    on_record: Mapping[PersonId, OnRecord]
    unknown: Sequence[str] = ()
    why_closed: tuple[Reason, ...] = ()


class AccessRecords(Protocol):
    """Everything on record that may bear on a question."""

    def known(self, asked: Asked, *, at: datetime) -> QuestionOnRecord:
        """What bears on the practitioner and person named, read alike whoever they are."""


@dataclass(frozen=True, slots=True)
class AskedFor:
    """In whose name and when answers are entered, and whether reasons may be told them."""

    actor: str
    at: datetime
    is_told_why: bool = False


@dataclass(frozen=True, slots=True)
class AnswerOnRecord:
    """What is told, and what it follows from."""

    asked: Asked
    known: QuestionOnRecord
    decisions: Mapping[tuple[Category, Source], Decision]
    obligations: list[dict[str, Any]] = field(default_factory=list)

    @property
    def is_yes(self) -> bool:
        """Whether every part is permitted to somebody who may ask."""
        return self.may_ask and all(d.is_permitted for d in self.decisions.values())

    @property
    def may_ask(self) -> bool:
        """Whether both are known and the one may ask about the other."""
        return not self.known.unknown and not self.known.why_closed

    @property
    def permitted(self) -> Collection[tuple[Category, Source]]:
        """The parts that are permitted, of whomever may ask."""
        return [part for part, d in self.decisions.items() if self.may_ask and d.is_permitted]

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """Why, as it is: for the ledger."""
        if self.known.why_closed:
            return self.known.why_closed
        counted = [d for d in self.decisions.values() if d.is_permitted is self.is_yes]
        return tuple(sorted({reason for decision in counted for reason in decision.reasons}))

    @property
    def policy_version(self) -> str:
        """The rules and the agreement by which it was decided."""
        return next(iter(self.decisions.values())).policy_version


def evaluate_and_record(
    request: EvaluationRequest,
    *,
    records: AccessRecords,
    ledger: Ledger,
    at: datetime,
    asking: AskedFor,
) -> EvaluationResponse:
    """Decide whether this practitioner may see this, as at `at`, and enter who was told what.

    The answer may be told once the transaction has committed. Raises LedgerUnavailableError.
    """
    try:
        asked = asked_in(request)
    except NoQuestionError as error:
        ledger.append([_refused(error.element, Reason.UNREADABLE_REQUEST, asking)])
        return _no_question(error.element)
    known = records.known(asked, at=at)
    answer = AnswerOnRecord(asked, known, _decisions(asked, known, at))
    reasons = _told(answer, asking)
    ledger.append(_entries(answer, reasons, asking))
    return _response(answer, reasons)


def _decisions(
    asked: Asked, known: QuestionOnRecord, at: datetime
) -> dict[tuple[Category, Source], Decision]:
    answers = Answers(known.on_record)
    return {
        (category, source): answers.to(
            AccessRequest(
                (known.person,),
                category,
                source,
                known.practitioner,
                at,
                asked.purpose,
                asked.labels,
                asked.mode,
            )
        )
        for category, source in product(asked.categories, asked.sources)
    }


# What is told: one answer to all who may not ask; to others the effect, and why to whom that is
# granted.


def _told(answer: AnswerOnRecord, asking: AskedFor) -> tuple[Reason, ...]:
    if answer.is_yes:
        return answer.reasons
    if not answer.may_ask:
        return (Reason.NO_RIGHT,)
    in_part = (Reason.PERMITTED_IN_PART,) if answer.permitted else ()
    if asking.is_told_why:
        return (*in_part, *told(worth_telling(answer.reasons)))
    return in_part or (Reason.NO_RIGHT,)


def _response(answer: AnswerOnRecord, reasons: Iterable[Reason]) -> EvaluationResponse:
    if answer.is_yes:
        needs_review = any(d.review for d in answer.decisions.values())
        obligations = [{"type": "review"}] if needs_review else []
    else:
        obligations = _parts(answer)
    spoken = [(reason.value, reason.label) for reason in reasons]
    return _said(answer.is_yes, answer.asked.mode, spoken, obligations, answer.policy_version)


def _parts(answer: AnswerOnRecord) -> list[dict[str, Any]]:
    """What of it is permitted, whole categories or a category of some sources; all else is not."""
    rules: list[dict[str, Any]] = []
    for category in answer.asked.categories:
        sources = [source for c, source in answer.permitted if c is category]
        if sources:
            rule: dict[str, Any] = {"type": "permit", "category": [category.value]}
            if len(sources) < len(answer.asked.sources):
                rule["source"] = [source.value for source in sources]
            rules.append(rule)
    return [{"type": "forbid"}, *rules] if rules else []


def _no_question(element: str) -> EvaluationResponse:
    """What was typed cannot be asked: told plainly, and before anything was looked up."""
    reason = Reason.UNREADABLE_REQUEST
    spoken = [(reason.value, f"{reason.label} ({element})")]
    return _said(False, Mode.CONTENT, spoken, [], POLICY_VERSION)


def _said(
    decision: bool,  # noqa: FBT001 as AuthZEN has it
    mode: Mode,
    reasons: Iterable[tuple[str, str]],
    obligations: list[dict[str, Any]],
    policy_version: str,
) -> EvaluationResponse:
    return EvaluationResponse(
        decision=decision,
        context={
            "mode": mode.value,
            "reasons": [{"code": code, "text": text} for code, text in reasons],
            "obligations": obligations,
            "policy_version": policy_version,
            "combine": CombiningAlgorithm.DENY_OVERRIDES.value,
        },
    )


# What is entered of each answer.


def _entries(
    answer: AnswerOnRecord, reasons: Collection[Reason], asking: AskedFor
) -> list[LedgerEntry]:
    if answer.known.unknown:
        element = answer.known.unknown[0]
        return [_refused(element, Reason.UNREADABLE_REQUEST, asking)]
    entries = [_evaluated(answer, asking)]
    if asking.is_told_why and answer.may_ask and not answer.is_yes:
        entries.append(_explained(answer, reasons, asking))
    return entries


def _evaluated(answer: AnswerOnRecord, asking: AskedFor) -> LedgerEntry:
    permitted = set(answer.permitted)
    counted = [d for d in answer.decisions.values() if d.is_permitted is bool(permitted)]
    return ledger_entry(
        LedgerEvent.ACCESS_EVALUATED,
        {
            "person": answer.known.person,
            "practitioner": answer.known.practitioner.id,
            "purpose": answer.asked.purpose,
            "mode": answer.asked.mode,
            "categories": frozenset(category for category, _ in permitted),
            "withheld_categories": frozenset(c for c, _ in answer.decisions.keys() - permitted),
            "permitted": "yes" if answer.is_yes else "no",
            "reasons": frozenset(answer.reasons),
            "policy_version": answer.policy_version,
            "decided_from": frozenset(i for d in counted for i in d.decided_from),
        },
        at=asking.at,
        actor=asking.actor,
    )


def _explained(
    answer: AnswerOnRecord, reasons: Collection[Reason], asking: AskedFor
) -> LedgerEntry:
    return ledger_entry(
        LedgerEvent.ACCESS_EXPLAINED,
        {
            "person": answer.known.person,
            "practitioner": answer.known.practitioner.id,
            "purpose": answer.asked.purpose,
            "reasons": frozenset(reasons),
        },
        at=asking.at,
        actor=asking.actor,
    )


def _refused(element: str, reason: Reason, asking: AskedFor) -> LedgerEntry:
    fields = {"element": field_path(element), "reason": reason}
    return ledger_entry(
        LedgerEvent.ACCESS_EVALUATION_REFUSED, fields, at=asking.at, actor=asking.actor
    )
