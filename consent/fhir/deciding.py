"""Deciding over FHIR Consent documents: every answer, combined by the algorithm that is asked for.

Pure: documents, a question and an algorithm in, a decision out, the same for any order of the
documents and for any past time. Nothing permits unless a document in force says so.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import assert_never

from consent.fhir.answering import ConsentReason, DocumentAnswer, ReasonTold, answer
from consent.fhir.document import ConsentDocument, Region, minus
from consent.fhir.elements import any_same
from consent.fhir.question import Part, Question, parts_of
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


CONSENT_POLICY_VERSION = "fhir-consents-2026-11-29"
_FIRST = datetime.min.replace(tzinfo=UTC)
_LAST = datetime.max.replace(tzinfo=UTC)
_STEP = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class ConsentDecision:
    """The answer, with why, and the regions of data that are permitted.

    Where `permitted` is not everything, what is left is to be enforced: see obligations_of. With
    a no it names the part about which the answer would be yes.
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
    parts = parts_of(question.data)
    if parts is None:
        return _refused(question, algorithm, [ReasonTold(ConsentReason.TOO_MUCH_ASKED)])
    # (5) Of several parts each has to be permitted; those that are are told with a no.
    return _together(
        [(part, _decided(part, question, known, algorithm)) for part in parts], question, algorithm
    )


def _decided(
    part: Part,
    question: Question,
    documents: Sequence[ConsentDocument],
    algorithm: CombiningAlgorithm,
) -> ConsentDecision:
    # (2) Every document answers alone.
    asked = replace(question, data=part.data)
    answers = [answer(document, asked) for document in documents]
    # (3) Of what any permits, what any other denies is taken, where that denial stands.
    permitted = _combined(answers, algorithm)
    # (4) What is left is permitted; if nothing is left, nothing is. What is left by exception to a
    # denial is not what was asked about: it answers for itself alone.
    if not permitted:
        return _refused(question, algorithm, _why_nothing_permits(answers))
    if any(region.is_everything for region in permitted) or _is_by_base(answers, algorithm):
        return _answered(Effect.PERMIT, question, permitted, algorithm)
    return _answered(Effect.DENY, question, permitted, algorithm)


def _together(
    decided: Sequence[tuple[Part, ConsentDecision]],
    question: Question,
    algorithm: CombiningAlgorithm,
) -> ConsentDecision:
    if len(decided) == 1:
        return decided[0][1]
    permitted = tuple(
        Region((*part.criteria, *region.criteria), region.without)
        for part, decision in decided
        for region in decision.permitted
    )
    if not permitted:
        told = [told for _, decision in decided for told in decision.told]
        return _refused(question, algorithm, told)
    if any(not decision.is_permitted for _, decision in decided):
        return _answered(Effect.DENY, question, permitted, algorithm)
    whole = all(any(r.is_everything for r in decision.permitted) for _, decision in decided)
    return _answered(Effect.PERMIT, question, (Region(),) if whole else permitted, algorithm)


def _is_by_base(answers: Sequence[DocumentAnswer], algorithm: CombiningAlgorithm) -> bool:
    """Whether a document whose base permits still permits something of what is asked."""
    return any(
        _left_of(one, answers, algorithm)
        and not any(other.said.by_exception for other in [one, *_standing(one, answers, algorithm)])
        for one in answers
    )


def _answered(
    effect: Effect,
    question: Question,
    permitted: tuple[Region, ...],
    algorithm: CombiningAlgorithm,
) -> ConsentDecision:
    is_yes = effect is Effect.PERMIT
    reason = ConsentReason.PERMITTED if is_yes else ConsentReason.PERMITTED_IN_PART
    return ConsentDecision(effect, question.mode, (ReasonTold(reason),), permitted, algorithm)


def _are_about_one(documents: Sequence[ConsentDocument]) -> bool:
    return all(
        any_same(documents[0].patients, document.patients) or document.patients == frozenset()
        for document in documents
        if documents[0].patients
    )


def _combined(
    answers: Sequence[DocumentAnswer], algorithm: CombiningAlgorithm
) -> tuple[Region, ...]:
    left = (_left_of(one, answers, algorithm) for one in answers)
    return tuple(dict.fromkeys(region for regions in left for region in regions))


def _left_of(
    one: DocumentAnswer, answers: Sequence[DocumentAnswer], algorithm: CombiningAlgorithm
) -> tuple[Region, ...]:
    """What this document permits without what stands against it."""
    against = _standing(one, answers, algorithm)
    return minus(one.said.permits, [region for other in against for region in other.said.denies])


def _standing(
    one: DocumentAnswer, answers: Sequence[DocumentAnswer], algorithm: CombiningAlgorithm
) -> list[DocumentAnswer]:
    """The others whose denials stand against what this one permits."""
    return [
        other
        for other in answers
        if other is not one
        and denial_stands(
            algorithm, denied_at=_latest(other.document), permitted_at=_earliest(one.document)
        )
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
