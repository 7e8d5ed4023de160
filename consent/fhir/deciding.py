"""Deciding over FHIR Consent documents: every answer, combined by the algorithm that is asked for.

Pure: documents, a question and an algorithm in, a decision out, the same for any order of the
documents and for any past time. Nothing permits unless a document in force says so.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import assert_never

from consent.fhir.answering import ConsentReason, DocumentAnswer, ReasonTold, answer
from consent.fhir.document import ConsentDocument, Region, minus
from consent.fhir.elements import any_same
from consent.fhir.question import Question
from consent.model import Mode
from consent.question import Effect
from schemas.vocabulary import LabelledCode

# Which of several consents holds when they speak about the same thing.
#
# `deny-overrides` is ours: a no stands against every yes, whenever either was said (DESIGN.md
# section 4). The other two exist so that cases published by others can be run as written. The names
# are those of XACML 3.0 appendix C; most-recent is what consent services that keep one consent
# current at a time do. Under all of them nothing means no, the order in which verdicts are given
# does not matter, and at the same moment a no stands against a yes.


class CombiningAlgorithm(LabelledCode):
    """How verdicts that disagree become one."""

    DENY_OVERRIDES = "deny-overrides", "Any refusal holds"
    MOST_RECENT = "most-recent", "What was said last holds"
    PERMIT_OVERRIDES = "permit-overrides", "Any permission holds"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one consent says about one thing, and when it was said."""

    effect: Effect
    at: datetime


def denial_stands(
    algorithm: CombiningAlgorithm, *, denied_at: datetime, permitted_at: datetime
) -> bool:
    """Whether a no of that time stands against a yes of this time."""
    match algorithm:
        case CombiningAlgorithm.DENY_OVERRIDES:
            return True
        case CombiningAlgorithm.MOST_RECENT:
            return denied_at >= permitted_at
        case CombiningAlgorithm.PERMIT_OVERRIDES:
            return False
        case _:
            assert_never(algorithm)


def combine(algorithm: CombiningAlgorithm, verdicts: Iterable[Verdict]) -> Effect:
    """The one effect of all verdicts: a yes against which no no stands, else no."""
    known = tuple(verdicts)
    denials = [verdict.at for verdict in known if verdict.effect is Effect.DENY]
    permits = [verdict.at for verdict in known if verdict.effect is Effect.PERMIT]
    is_permitted = any(
        not any(denial_stands(algorithm, denied_at=no, permitted_at=yes) for no in denials)
        for yes in permits
    )
    return Effect.PERMIT if is_permitted else Effect.DENY


CONSENT_POLICY_VERSION = "fhir-consents-2026-11-22.2"
_FIRST = datetime.min.replace(tzinfo=UTC)
_LAST = datetime.max.replace(tzinfo=UTC)
_STEP = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class ConsentDecision:
    """The answer, with why, and the regions of data that it permits.

    Where `permitted` is not everything, what is left is to be enforced: see obligations_of.
    """

    effect: Effect
    mode: Mode
    told: tuple[ReasonTold, ...]
    permitted: tuple[Region, ...]
    combine: CombiningAlgorithm
    policy_version: str = CONSENT_POLICY_VERSION

    @property
    def is_permitted(self) -> bool:
        """Whether the answer is yes."""
        return self.effect is Effect.PERMIT


def decide_by_consents(
    question: Question,
    documents: Iterable[ConsentDocument],
    algorithm: CombiningAlgorithm = CombiningAlgorithm.DENY_OVERRIDES,
) -> ConsentDecision:
    """Say whether these consents permit what is asked, and what of it; never raises."""
    known = tuple(documents)
    # (1) Nobody answers for somebody else: the question says about whom it is, or they all agree.
    if not question.patients and not _are_about_one(known):
        return _refused(question, algorithm, [ReasonTold(ConsentReason.PATIENT_NOT_STATED)])
    # (2) Every document answers alone.
    answers = [answer(document, question) for document in known]
    # (3) Of what any permits, what any other denies is taken, where that denial stands.
    permitted = _combined(answers, algorithm)
    # (4) What is left is permitted; if nothing is left, nothing is.
    if permitted:
        told = (ReasonTold(ConsentReason.PERMITTED),)
        return ConsentDecision(Effect.PERMIT, question.mode, told, permitted, algorithm)
    return _refused(question, algorithm, _why_nothing_permits(answers))


def _are_about_one(documents: Sequence[ConsentDocument]) -> bool:
    return all(
        any_same(documents[0].patients, document.patients) or document.patients == frozenset()
        for document in documents
        if documents[0].patients
    )


def _combined(
    answers: Sequence[DocumentAnswer], algorithm: CombiningAlgorithm
) -> tuple[Region, ...]:
    return tuple(
        dict.fromkeys(
            region
            for one in answers
            for region in minus(one.said.permits, _standing_against(one, answers, algorithm))
        )
    )


def _standing_against(
    one: DocumentAnswer, answers: Sequence[DocumentAnswer], algorithm: CombiningAlgorithm
) -> list[Region]:
    return [
        region
        for other in answers
        if other is not one
        and denial_stands(
            algorithm, denied_at=_latest(other.document), permitted_at=_earliest(one.document)
        )
        for region in other.said.denies
    ]


def _earliest(document: ConsentDocument) -> datetime:
    """When it may have been issued at the earliest: a permission is taken for as old as that."""
    return document.issued.start or _FIRST


def _latest(document: ConsentDocument) -> datetime:
    """When it may have been issued at the latest: a denial is taken for as new as that."""
    return document.issued.end - _STEP if document.issued.end else _LAST


def _why_nothing_permits(answers: Sequence[DocumentAnswer]) -> list[ReasonTold]:
    if not answers:
        return [ReasonTold(ConsentReason.NO_CONSENT)]
    told = [told for found in answers for told in found.said.why]
    if any(found.said.denies and not found.document.not_understood for found in answers):
        told.append(ReasonTold(ConsentReason.DENIED))
    return told or [ReasonTold(ConsentReason.NOTHING_STATED)]


def _refused(
    question: Question, algorithm: CombiningAlgorithm, told: Iterable[ReasonTold]
) -> ConsentDecision:
    reasons = tuple(sorted(set(told)))
    return ConsentDecision(Effect.DENY, question.mode, reasons, (), algorithm)
