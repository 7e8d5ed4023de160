"""Deciding over FHIR Consent documents, by the same rules as over decisions on record.

Each document is read into words (`answering.py`), and which of them decide is said where decisions
on record are weighed too (`consent.deciding.words`), by the algorithm that is asked for. Pure: the
same for any order of the documents and for any past time.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from consent.deciding.words import EVERYTHING, CombiningAlgorithm, Criterion, Region, decisive
from consent.fhir.answering import ConsentReason, ReasonTold, said_by, words_of
from consent.fhir.document import ConsentDocument
from consent.fhir.elements import any_same
from consent.fhir.question import LabelCriterion, Part, PeriodCriterion, Question, parts_of
from consent.model import Mode
from consent.question import Effect, Reason
from schemas.vocabulary import OPENS_FAMILY_RECORDS

CONSENT_POLICY_VERSION = "fhir-consents-2026-11-29"


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
    known, parts = tuple(documents), parts_of(question.data)
    # (0) Whose role opens no family records is shown none, whatever anybody agreed to.
    if not OPENS_FAMILY_RECORDS.issuperset(question.roles):
        answers = [_no(Reason.ROLE_OPENS_NO_RECORDS)]
    # (1) Nobody answers for somebody else: the question says about whom it is, or they all agree.
    elif not question.patients and not _are_about_one(known):
        answers = [_no(ConsentReason.PATIENT_NOT_STATED)]
    elif parts is None:
        answers = [_no(ConsentReason.TOO_MUCH_ASKED)]
    else:
        answers = [_answer(part, question, known, algorithm) for part in parts]
    # (8) Of several parts each has to be permitted; those that are are told with a no.
    permitted = tuple(region for answer in answers for region in answer.permitted)
    told = {told for answer in answers for told in answer.told}
    effect = Effect.PERMIT if all(answer.is_yes for answer in answers) else Effect.DENY
    if permitted:
        is_yes = effect is Effect.PERMIT
        reason = ConsentReason.PERMITTED if is_yes else ConsentReason.PERMITTED_IN_PART
        told = {ReasonTold(reason)}
    if all(answer.is_whole for answer in answers):
        permitted = (EVERYTHING,)
    return ConsentDecision(effect, question.mode, tuple(sorted(told)), permitted, algorithm)


class _Answer(NamedTuple):
    """The answer about one part; `is_whole` where all of the part is permitted."""

    permitted: Sequence[Region] = ()
    is_yes: bool = False
    is_whole: bool = False
    told: Sequence[ReasonTold] = ()


def _no(reason: ConsentReason | Reason) -> _Answer:
    return _Answer(told=[ReasonTold(reason)])


def _answer(
    part: Part,
    question: Question,
    documents: Sequence[ConsentDocument],
    algorithm: CombiningAlgorithm,
) -> _Answer:
    asked = replace(question, data=part.data)
    said = [said_by(document, asked) for document in documents]
    numbered = enumerate(zip(documents, said, strict=True))
    words = [word for number, each in numbered for word in words_of(*each, number)]
    # (5) Of what any permits, what any other denies is taken, where that denial stands. (7) What is
    # left is permitted. (9) If nothing is left, nothing is.
    deciding = decisive(words, algorithm)
    permitted = dict.fromkeys(word.about for word in deciding if word.permits)
    if not permitted:
        told = [told for one in said for told in one.why]
        if any(word.reason is Reason.REFUSED for word in words):
            told.append(ReasonTold(ConsentReason.DENIED))
        silence = ConsentReason.NOTHING_STATED if documents else ConsentReason.NO_CONSENT
        return _Answer(told=told) if told else _no(silence)
    # What is left by exception to a denial answers for itself alone, and not for what was asked.
    is_whole = EVERYTHING in permitted
    is_yes = is_whole or not all(word.by_exception for word in deciding)
    of_part = [Region((*part.criteria, *region.criteria), region.without) for region in permitted]
    return _Answer(of_part, is_yes, is_whole)


def _are_about_one(documents: Sequence[ConsentDocument]) -> bool:
    """Whether they are, as far as they say about whom they are."""
    named = [document.patients for document in documents if document.patients]
    return all(any_same(one, other) for one in named for other in named)


# What is left to enforce where the data is, in the form of IHE PCF's `residual`.
#
# A list of rules over data, each made of the FHIR elements that name it (IHE PCF, ITI-71). A first
# rule without elements is for all data; without one all data is permitted. Of the others a `forbid`
# stands against a `permit`. `except` names data for which its rule does not hold, `and` what must
# hold besides. A confidentiality in what is of type `permit` is for it and lower ones, in what is
# of type `forbid` for it and higher ones; a period in the one is for data wholly in it, in the
# other for data partly in it.

Obligation = dict[str, Any]


def obligations_of(permitted: Sequence[Region]) -> list[Obligation]:
    """What to enforce, given what is permitted; nothing when that is everything.

    A list that holds for several documents together: see DESIGN.md section 15 for its place.
    """
    if any(region.is_everything for region in permitted):
        return []
    shared = _shared(permitted)
    if any(not region.criteria and set(region.without) <= set(shared) for region in permitted):
        return _forbidden(shared)
    permits = [
        _rule("permit", region, [r for r in region.without if r not in shared])
        for region in permitted
    ]
    return [{"type": "forbid"}, *_without_repeats(permits), *_forbidden(shared)]


def _shared(permitted: Sequence[Region]) -> list[Region]:
    """The regions that are taken from every permitted one."""
    first = permitted[0].without if permitted else ()
    return [r for r in first if all(r in region.without for region in permitted)]


def _forbidden(regions: Sequence[Region]) -> list[Obligation]:
    return _without_repeats([_rule("forbid", r, list(r.without)) for r in regions])


def _rule(kind: str, region: Region, without: Sequence[Region]) -> Obligation:
    rule: Obligation = {"type": kind}
    for criterion in region.criteria:
        reading = _reading_of(criterion, kind)
        if reading != kind or not criterion.element.keys().isdisjoint(rule):
            rule.setdefault("and", []).append({"type": reading, **criterion.element})
        else:
            rule.update(criterion.element)
    if without:
        other = "forbid" if kind == "permit" else "permit"
        rule["except"] = [_rule(other, region, region.without) for region in without]
    return rule


def _reading_of(criterion: Criterion, kind: str) -> str:
    """How labels and periods are meant: as those of a permission or of a denial."""
    if isinstance(criterion, LabelCriterion | PeriodCriterion):
        return "permit" if criterion.effect is Effect.PERMIT else "forbid"
    return kind


def _without_repeats(rules: Sequence[Obligation]) -> list[Obligation]:
    return [rule for index, rule in enumerate(rules) if rule not in rules[:index]]
