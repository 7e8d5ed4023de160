"""Deciding over FHIR Consent documents: every answer, combined by the algorithm that is asked for.

Pure: documents, a question and an algorithm in, a decision out, the same for any order of the
documents and for any past time. Nothing permits unless a document in force says so.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from consent.combining import CombiningAlgorithm, denial_stands
from consent.decision import Effect
from consent.fhir_consent.answering import Answer, answer
from consent.fhir_consent.document import ConsentDocument
from consent.fhir_consent.question import Question
from consent.fhir_consent.reasons import ConsentReason, Told
from consent.fhir_consent.references import any_same
from consent.fhir_consent.regions import Region, minus
from consent.model import Mode

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
    told: tuple[Told, ...]
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
        return _refused(question, algorithm, [Told(ConsentReason.PATIENT_NOT_STATED)])
    # (2) Every document answers alone.
    answers = [answer(document, question) for document in known]
    # (3) Of what any permits, what any other denies is taken, where that denial stands.
    permitted = _combined(answers, algorithm)
    # (4) What is left is permitted; if nothing is left, nothing is.
    if permitted:
        told = (Told(ConsentReason.PERMITTED),)
        return ConsentDecision(Effect.PERMIT, question.mode, told, permitted, algorithm)
    return _refused(question, algorithm, _why_nothing_permits(answers))


def _are_about_one(documents: Sequence[ConsentDocument]) -> bool:
    return all(
        any_same(documents[0].patients, document.patients) or document.patients == frozenset()
        for document in documents
        if documents[0].patients
    )


def _combined(answers: Sequence[Answer], algorithm: CombiningAlgorithm) -> tuple[Region, ...]:
    return tuple(
        dict.fromkeys(
            region
            for one in answers
            for region in minus(one.said.permits, _standing_against(one, answers, algorithm))
        )
    )


def _standing_against(
    one: Answer, answers: Sequence[Answer], algorithm: CombiningAlgorithm
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


def _why_nothing_permits(answers: Sequence[Answer]) -> list[Told]:
    if not answers:
        return [Told(ConsentReason.NO_CONSENT)]
    told = [told for found in answers for told in found.said.why]
    if any(found.said.denies and not found.document.not_understood for found in answers):
        told.append(Told(ConsentReason.DENIED))
    return told or [Told(ConsentReason.NOTHING_STATED)]


def _refused(
    question: Question, algorithm: CombiningAlgorithm, told: Iterable[Told]
) -> ConsentDecision:
    reasons = tuple(sorted(set(told)))
    return ConsentDecision(Effect.DENY, question.mode, reasons, (), algorithm)
