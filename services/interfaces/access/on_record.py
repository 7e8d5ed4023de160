"""Answering AuthZEN questions from what is on record, by the same `decide` as every page.

`subject` is a practitioner by id, `resource` a person (opaque id or `SCHEME:VALUE`) whose
properties name `category`, `source` and `labels`, or a category whose id is the person; `action` is
`read` or `exists`; `context.purpose` is one of our purposes. Where no category or no source is
named, each is asked about: yes to some is yes, with the others as obligations. A name that is not
known is a no. `context.time` is not taken: a decision withdrawn since must not be read as it was.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import product
from typing import Any, Protocol, TypeVar

from consent import POLICY_VERSION, AccessRequest, Decision, Effect, OnRecord, Practitioner, Reason
from consent.deciding.decide import Answers
from consent.fhir.deciding import CombiningAlgorithm
from consent.ledger import LedgerEntry, ledger_entry
from consent.ledger.events import LedgerEvent
from consent.ledger.fields import field_path
from consent.model import Mode
from consent.ports import Ledger
from schemas.identifiers import PersonId, PractitionerId
from schemas.vocabulary import Category, Label, LabelledCode, Purpose, Source
from services.interfaces.access.authzen import EvaluationRequest, EvaluationResponse, found, opened
from services.interfaces.access.words import EXISTENCE_WORDS, action_word

# What this needs from the outside world. All calls join one transaction.


@dataclass(frozen=True, slots=True)
class QuestionOnRecord:
    """Who asks, with every relationship on record, and what is on record about the person."""

    practitioner: Practitioner
    on_record: Mapping[PersonId, OnRecord]


class AccessRecords(Protocol):
    """Everything on record that may bear on a question."""

    def person(self, text: str) -> PersonId | None:
        """The person with this opaque id or `SCHEME:VALUE`; None when nobody is known by it."""

    def known(
        self, person: PersonId, practitioner: PractitionerId, purpose: Purpose, *, at: datetime
    ) -> QuestionOnRecord | None:
        """What bears on this practitioner and person; None for an unknown practitioner."""


_Code = TypeVar("_Code", bound=LabelledCode)
_READ = frozenset({"read", "view", "get", "access", "fetch", "open"})
_REVIEW = {"type": "review"}


class _UnknownError(Exception):
    """A name in the request is not known; the element that has it."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The request in our words."""

    person: str
    practitioner: PractitionerId
    purpose: Purpose
    mode: Mode
    categories: Sequence[Category]
    sources: Sequence[Source]
    labels: frozenset[Label]


@dataclass(frozen=True, slots=True)
class Evaluated:
    """A question about a known person and practitioner, and what was decided on each part."""

    response: EvaluationResponse
    asked: Asked
    person: PersonId
    decisions: Mapping[tuple[Category, Source], Decision]


@dataclass(frozen=True, slots=True)
class NotKnown:
    """A question of which one element names what is not known: the answer is no."""

    response: EvaluationResponse
    element: str


def evaluate_on_record(
    request: EvaluationRequest, *, records: AccessRecords, at: datetime
) -> EvaluationResponse:
    """Decide whether this practitioner may see these categories about this person."""
    return answer_on_record(request, records=records, at=at).response


def answer_on_record(
    request: EvaluationRequest, *, records: AccessRecords, at: datetime
) -> Evaluated | NotKnown:
    """The same, with what the answer follows from."""
    try:
        asked = _asked(request)
    except _UnknownError as error:
        return _unknown(str(error), Mode.CONTENT)
    person = records.person(asked.person)
    if person is None:
        return _unknown("resource.id", asked.mode)
    known = records.known(person, asked.practitioner, asked.purpose, at=at)
    if known is None:
        return _unknown("subject.id", asked.mode)
    decisions = _decisions(asked, person, known, at)
    return Evaluated(_response(asked, decisions), asked, person, decisions)


def _decisions(
    asked: Asked, person: PersonId, known: QuestionOnRecord, at: datetime
) -> dict[tuple[Category, Source], Decision]:
    answers = Answers(known.on_record)
    return {
        (category, source): answers.to(
            AccessRequest(
                (person,),
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


def _asked(request: EvaluationRequest) -> Asked:
    if request.subject.type.lower() != "practitioner":
        raise _UnknownError("subject.type")
    for element, text in (("subject.id", request.subject.id), ("resource.id", request.resource.id)):
        if not text.isprintable():  # nobody's id has a NUL or half a character in it
            raise _UnknownError(element)
    properties, kind = request.resource.properties, request.resource.type.lower()
    categories = _several(Category, found([properties], "category"), "resource.properties.category")
    if kind in set(Category):
        categories = [Category(kind)]
    elif kind not in {"person", "patient", "child"}:
        raise _UnknownError("resource.type")
    return Asked(
        person=request.resource.id,
        practitioner=PractitionerId(request.subject.id),
        purpose=_purpose(request),
        mode=_mode_of(request),
        categories=categories or list(Category),
        sources=_several(Source, found([properties], "source"), "resource.properties.source")
        or list(Source),
        labels=frozenset(
            _several(Label, found([properties], "labels"), "resource.properties.labels")
        ),
    )


def _purpose(request: EvaluationRequest) -> Purpose:
    stated = list(opened(request.context.get("purpose")))
    if len(stated) != 1:
        raise _UnknownError("context.purpose")
    return _several(Purpose, stated, "context.purpose")[0]


def _mode_of(request: EvaluationRequest) -> Mode:
    word = action_word(request.action.name)
    if word not in _READ | EXISTENCE_WORDS:
        raise _UnknownError("action.name")
    return Mode.EXISTENCE if word in EXISTENCE_WORDS else Mode.CONTENT


def _several(codes: type[_Code], values: Iterable[Any], element: str) -> list[_Code]:
    try:
        return [codes(value) for value in values]
    except ValueError:
        raise _UnknownError(element) from None


def _response(
    asked: Asked, decisions: Mapping[tuple[Category, Source], Decision]
) -> EvaluationResponse:
    permitted = [decision for decision in decisions.values() if decision.is_permitted]
    counted = permitted or list(decisions.values())
    reasons = sorted({reason for decision in counted for reason in decision.reasons})
    effect = Effect.PERMIT if permitted else Effect.DENY
    obligations = _forbidden(asked, decisions) if permitted else []
    if any(decision.review for decision in permitted):
        obligations.append(_REVIEW)
    told = [(reason.value, reason.label) for reason in reasons]
    return _answer(effect, asked.mode, told, obligations, counted[0].policy_version)


def _forbidden(
    asked: Asked, decisions: Mapping[tuple[Category, Source], Decision]
) -> list[dict[str, Any]]:
    """What is asked about and not permitted: whole categories, or a category of some sources."""
    rules = []
    for category in asked.categories:
        refused = [s for s in asked.sources if not decisions[category, s].is_permitted]
        if refused:
            rule: dict[str, Any] = {"type": "forbid", "category": [category.value]}
            if len(refused) < len(asked.sources):
                rule["source"] = [source.value for source in refused]
            rules.append(rule)
    return rules


def _unknown(element: str, mode: Mode) -> NotKnown:
    reason = Reason.UNREADABLE_REQUEST
    told = [(reason.value, f"{reason.label} ({element})")]
    return NotKnown(_answer(Effect.DENY, mode, told, []), element)


def _answer(
    effect: Effect,
    mode: Mode,
    reasons: Iterable[tuple[str, str]],
    obligations: list[dict[str, Any]],
    policy_version: str = POLICY_VERSION,
) -> EvaluationResponse:
    return EvaluationResponse(
        decision=effect is Effect.PERMIT,
        context={
            "mode": mode.value,
            "reasons": [{"code": code, "text": text} for code, text in reasons],
            "obligations": obligations,
            "policy_version": policy_version,
            "combine": CombiningAlgorithm.DENY_OVERRIDES.value,
        },
    )


# Answers to other systems, each with its entry in the ledger, in one transaction.


def evaluate_and_record(
    request: EvaluationRequest, *, records: AccessRecords, ledger: Ledger, at: datetime, actor: str
) -> EvaluationResponse:
    """Decide from what is on record, and enter who was told what; `actor` is who asks.

    The answer may be told once the transaction has committed. Raises LedgerUnavailableError.
    """
    answer = answer_on_record(request, records=records, at=at)
    match answer:
        case Evaluated():
            ledger.append([_evaluated(answer, at, actor)])
        case NotKnown():
            ledger.append([_refused(answer, at, actor)])
    return answer.response


def _evaluated(answer: Evaluated, at: datetime, actor: str) -> LedgerEntry:
    decided = answer.decisions
    permitted = {category for (category, _), d in decided.items() if d.is_permitted}
    withheld = {category for (category, _), d in decided.items() if not d.is_permitted}
    counted = [d for d in decided.values() if d.is_permitted] or list(decided.values())
    return ledger_entry(
        LedgerEvent.ACCESS_EVALUATED,
        {
            "person": answer.person,
            "practitioner": answer.asked.practitioner,
            "purpose": answer.asked.purpose,
            "mode": answer.asked.mode,
            "categories": frozenset(permitted),
            "withheld_categories": frozenset(withheld),
            "permitted": "yes" if permitted else "no",
            "reasons": frozenset(reason for d in counted for reason in d.reasons),
            "policy_version": counted[0].policy_version,
            "decided_from": frozenset(i for d in counted for i in d.decided_from),
        },
        at=at,
        actor=actor,
    )


def _refused(answer: NotKnown, at: datetime, actor: str) -> LedgerEntry:
    fields = {"element": field_path(answer.element), "reason": Reason.UNREADABLE_REQUEST}
    return ledger_entry(LedgerEvent.ACCESS_EVALUATION_REFUSED, fields, at=at, actor=actor)
