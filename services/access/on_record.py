"""Answering AuthZEN questions from what is on record, by the same `decide` as every page.

`subject` is a practitioner by id, `resource` a person (opaque id or `SCHEME:VALUE`) whose
properties name `category`, `source` and `labels`, or a category whose id is the person; `action` is
`read` or `exists`; `context.purpose` is one of our purposes. Where no category or no source is
named, each is asked about: yes to some is yes, with the others as obligations. A name that is not
known is a no. `context.time` is not taken: a decision withdrawn since must not be read as it was.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import product
from typing import Any, TypeVar

from consent import POLICY_VERSION, AccessRequest, Decision, Effect, Reason, decide
from consent.answers import together
from consent.combining import CombiningAlgorithm
from consent.model import Mode
from schemas.identifiers import PersonId, PractitionerId
from schemas.vocabulary import Category, Label, LabelledCode, Purpose, Source
from services.access.authzen import EvaluationRequest, EvaluationResponse
from services.access.looking import found, opened
from services.access.ports import AccessRecords, Known
from services.access.words import EXISTENCE_WORDS, action_word

_Code = TypeVar("_Code", bound=LabelledCode)
_READ = frozenset({"read", "view", "get", "access", "fetch", "open"})
_REVIEW = {"type": "review"}


class _UnknownError(Exception):
    """A name in the request is not known; the element that has it."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """The request in our words."""

    person: str
    practitioner: PractitionerId
    purpose: Purpose
    mode: Mode
    categories: Sequence[Category]
    sources: Sequence[Source]
    labels: frozenset[Label]


def evaluate_on_record(
    request: EvaluationRequest, *, records: AccessRecords, at: datetime
) -> EvaluationResponse:
    """Decide whether this practitioner may see these categories about this person."""
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
    return _response(asked, _decisions(asked, person, known, at))


def _decisions(
    asked: _Asked, person: PersonId, known: Known, at: datetime
) -> dict[tuple[Category, Source], Decision]:
    on_record = together(o for p, o in known.on_record.items() if p == person)
    return {
        (category, source): decide(
            AccessRequest(
                (person,),
                category,
                source,
                known.practitioner,
                at,
                asked.purpose,
                asked.labels,
                asked.mode,
            ),
            on_record,
        )
        for category, source in product(asked.categories, asked.sources)
    }


def _asked(request: EvaluationRequest) -> _Asked:
    if request.subject.type.lower() != "practitioner":
        raise _UnknownError("subject.type")
    properties, kind = request.resource.properties, request.resource.type.lower()
    categories = _several(Category, found([properties], "category"), "resource.properties.category")
    if kind in set(Category):
        categories = [Category(kind)]
    elif kind not in {"person", "patient", "child"}:
        raise _UnknownError("resource.type")
    return _Asked(
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
    asked: _Asked, decisions: dict[tuple[Category, Source], Decision]
) -> EvaluationResponse:
    permitted = [decision for decision in decisions.values() if decision.is_permitted]
    counted = permitted or list(decisions.values())
    reasons = sorted({reason for decision in counted for reason in decision.reasons})
    effect = Effect.PERMIT if permitted else Effect.DENY
    obligations = _forbidden(asked, decisions) if permitted else []
    if any(decision.review for decision in permitted):
        obligations.append(_REVIEW)
    return _answer(effect, asked.mode, [(r.value, r.label) for r in reasons], obligations)


def _forbidden(
    asked: _Asked, decisions: dict[tuple[Category, Source], Decision]
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


def _unknown(element: str, mode: Mode) -> EvaluationResponse:
    reason = Reason.UNREADABLE_REQUEST
    return _answer(Effect.DENY, mode, [(reason.value, f"{reason.label} ({element})")], [])


def _answer(
    effect: Effect,
    mode: Mode,
    reasons: Iterable[tuple[str, str]],
    obligations: list[dict[str, Any]],
) -> EvaluationResponse:
    return EvaluationResponse(
        decision=effect is Effect.PERMIT,
        context={
            "mode": mode.value,
            "reasons": [{"code": code, "text": text} for code, text in reasons],
            "obligations": obligations,
            "policy_version": POLICY_VERSION,
            "combine": CombiningAlgorithm.DENY_OVERRIDES.value,
        },
    )
