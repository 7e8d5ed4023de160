"""Who may decide: what sources have said of age and responsibility, and what follows from it.

In: an order to record, and what is held about its subjects for this check alone (`DeciderFacts`).
Out: `DeciderCheck`: the decider may, may only propose, or may not. What is held opens and shows
nothing, and what only the recorder's own agency says of a child is no evidence for the recorder.
The answer follows from records: tell it to nobody who has no relationship with the subjects.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Protocol, assert_never

from consent.circumstances import Circumstances, CompetenceJudgement, Present
from consent.decisions.ages import FROM_13, FROM_16, FROM_18, Age, HeldBirth, NamedAgency, age_from
from consent.lawfulness import DUTIES
from consent.ledger.fields import OPAQUE_ID
from consent.model import Decider, DeciderKind, RecordDecision, Response
from schemas.identifiers import PersonId, PractitionerId
from schemas.uk_time import uk_day
from schemas.vocabulary import LabelledCode

# What is held, for this check alone.


@dataclass(frozen=True, slots=True)
class HeldResponsibility:
    """Somebody with responsibility for a child, as one source names them; `id` names nobody.

    `also` are the other references by which the same name may be given, in fewer of its parts.
    """

    id: str
    agency: NamedAgency
    also: frozenset[str] = frozenset()

    def is_meant_by(self, reference: str) -> bool:
        """Whether a decider of this reference is the one who is named."""
        return reference == self.id or reference in self.also


@dataclass(frozen=True, slots=True)
class SubjectFacts:
    """What is held of one subject. `managers` are those of the authority that looks after them."""

    births: tuple[HeldBirth, ...] = ()
    responsible: tuple[HeldResponsibility, ...] = ()
    managers: frozenset[PractitionerId] = frozenset()


@dataclass(frozen=True, slots=True)
class DeciderFacts:
    """What is held of every subject of an order; of whom nothing is held, there are empty facts."""

    about: tuple[SubjectFacts, ...] = (SubjectFacts(),)


class Deciders(Protocol):
    """What is held of who may decide, within one transaction."""

    def of(self, subjects: Collection[PersonId]) -> DeciderFacts:
        """What is held of each of these, for `check_decider`."""

    def decider_named(self, name: str, subjects: Collection[PersonId], *, at: datetime) -> Decider:
        """The parent of this name, which is kept. Raises DecisionInvalidError for less than two."""


def with_decider_named(
    order: RecordDecision, subjects: Collection[PersonId], deciders: Deciders, *, at: datetime
) -> RecordDecision:
    """The order with its decider as sources call them, where a parent's name was typed."""
    if order.decider_name is None or order.decided_by.kind is not DeciderKind.PARENT:
        return order
    named = deciders.decider_named(order.decider_name, subjects, at=at)
    return replace(order, decided_by=named, decider_name=None)


def named_deciders(
    child: SubjectFacts, recorder_agency: NamedAgency | None
) -> Sequence[HeldResponsibility]:
    """Whom a recorder may choose from: each once, named by a source that is not their agency's."""
    named = {one.id: one for one in _named_by_others(child, recorder_agency)}
    return [named[reference] for reference in sorted(named)]


# The answer.


class DeciderOutcome(StrEnum):
    """What the decider may do."""

    ALLOWED = "allowed"
    ONLY_PROPOSED = "only-proposed"
    REFUSED = "refused"


class WhyProposed(LabelledCode):
    """Why a widening waits for somebody else, while a narrowing of the same decider stands."""

    RESPONSIBILITY_NOT_NAMED = (
        "responsibility-not-named",
        "No other agency names this person as having responsibility for the child.",
    )
    RECORDED_BY_THE_DECIDER = (
        "recorded-by-the-decider",
        "Whoever decides for an authority does not write it down as well.",
    )
    AGE_NOT_HELD = "age-not-held", "No agency has told us how old they are."
    AGE_RESTS_ON_ONE_AGENCY = (
        "age-rests-on-one-agency",
        "Only one agency has told us how old they are.",
    )
    AGES_DISAGREE = "ages-disagree", "Agencies have told us different ages."
    JUDGED_BY_ONE = (
        "judged-by-one",
        "Below 13 a second professional has to judge whether they can decide this.",
    )


@dataclass(frozen=True, slots=True)
class DeciderCheck:
    """The answer: `reason` says why not at once, `field` what of the order is refused."""

    outcome: DeciderOutcome
    reason: str | None = None
    field: str | None = None


_ALLOWED = DeciderCheck(DeciderOutcome.ALLOWED)


def check_decider(
    order: RecordDecision,
    facts: DeciderFacts,
    *,
    recorder_agency: NamedAgency | None,
    recorder_accounts: Collection[PractitionerId] = (),
    now: datetime,
) -> DeciderCheck:
    """Say whether who is named as decider may decide this, by what is held about the subjects.

    `recorder_agency` is that of the practitioner who records, and `recorder_accounts` are all of
    theirs; None and none for an operator, who has none.
    A refusal is for whatever is decided; what is only proposed narrows at once.
    """
    return _first(
        [
            *_refused_in_the_room(order.circumstances),
            *_refused_circumstances(order),
            *_refused_before_birth(order, facts),
            *_check_kind(order, facts, recorder_agency, recorder_accounts, now),
        ]
    )


def _check_kind(
    order: RecordDecision,
    facts: DeciderFacts,
    recorder_agency: NamedAgency | None,
    recorder_accounts: Collection[PractitionerId],
    now: datetime,
) -> Iterator[DeciderCheck]:
    # (1) A duty is an agency's, whoever is named: it goes over a family's no.
    if order.basis in DUTIES and order.response is Response.GIVEN:
        yield from _check_duty(order, recorder_agency)
        return
    ages = [age_from(one.births, uk_day(now)) for one in facts.about]
    match order.decided_by.kind:
        # (2) A parent decides for a child, and is named by somebody else than who records.
        case DeciderKind.PARENT:
            yield from _check_parent(order, facts, ages, recorder_agency, recorder_accounts)
        # (3) Everybody else of the family decides for themselves, if they are old enough.
        case DeciderKind.ADULT_SELF:
            yield from _only_themselves(order)
            yield from _old_enough(ages, FROM_16, "is-no-adult")
        case DeciderKind.YOUNG_PERSON:
            yield from _only_themselves(order)
            yield from _check_young_person(order.circumstances, ages, now)
        # (4) What else a practitioner decides is judged by its effect.
        case DeciderKind.PRACTITIONER:
            return
        # (5) Who can only say no needs to be nobody: a no is taken from anybody.
        case DeciderKind.PERSON | DeciderKind.COURT | DeciderKind.OTHER | DeciderKind.NOT_SAID:
            return
        case _:
            assert_never(order.decided_by.kind)


def _first(found: Iterable[DeciderCheck]) -> DeciderCheck:
    """A refusal before a proposal, each the first of its kind; else allowed."""
    told = list(found)
    for outcome in (DeciderOutcome.REFUSED, DeciderOutcome.ONLY_PROPOSED):
        for one in told:
            if one.outcome is outcome:
                return one
    return _ALLOWED


def _refused(field: str, reason: str) -> DeciderCheck:
    return DeciderCheck(DeciderOutcome.REFUSED, reason, field)


def _proposed(why: WhyProposed) -> DeciderCheck:
    return DeciderCheck(DeciderOutcome.ONLY_PROPOSED, why.value)


# A duty (UK GDPR Art. 6(1)(c) and (d)): by the agency that holds, about its own records, for the
# one that receives; never to oneself. A role is in every agency, so in the recorder's too.


def _check_duty(
    order: RecordDecision, recorder_agency: NamedAgency | None
) -> Iterator[DeciderCheck]:
    if order.decided_by.kind is not DeciderKind.PRACTITIONER:
        yield _refused("decided-by", "a-duty-is-no-familys")
    if not order.sources:
        yield _refused("source", "is-missing")
    holders = order.sources if recorder_agency is None else {recorder_agency.kind}
    if not order.sources <= holders:
        yield _refused("source", "is-not-the-recorders-own")
    if not order.recipients:
        yield _refused("recipient", "is-missing")
    own = {order.actor, *(f"agency:{holder}" for holder in holders)}
    if any(name in own or name.startswith("role:") for name in order.recipients):
        yield _refused("recipient", "is-the-recorders-own")


# A parent: a named person with responsibility (Children Act 1989 s.3), or, for an authority that
# holds a care order (s.33), a manager of that authority.


def _check_parent(
    order: RecordDecision,
    facts: DeciderFacts,
    ages: Sequence[Age],
    recorder_agency: NamedAgency | None,
    recorder_accounts: Collection[PractitionerId],
) -> Iterator[DeciderCheck]:
    cannot = order.circumstances.competence is not None
    for age in ages:
        yield from _young_enough_for_a_parent(age, cannot_decide=cannot)
    reference = order.decided_by.reference
    if facts.about and all(reference in one.managers for one in facts.about):
        if order.actor == f"practitioner:{reference}" or reference in recorder_accounts:
            yield _proposed(WhyProposed.RECORDED_BY_THE_DECIDER)
        return
    if not all(_is_named(reference, one, recorder_agency) for one in facts.about):
        yield _proposed(WhyProposed.RESPONSIBILITY_NOT_NAMED)


def _young_enough_for_a_parent(age: Age, *, cannot_decide: bool) -> Iterator[DeciderCheck]:
    """Nobody decides for an adult; from 16 only for who was found not able to (MCA 2005 s.1(2))."""
    if age.is_below(FROM_16) or not age.is_held:
        return
    if age.is_at_least(FROM_18) and age.is_certain:
        yield _refused("decided-by", "nobody-decides-for-an-adult")
    elif age.is_at_least(FROM_16) and age.is_certain:
        if not cannot_decide:
            yield _refused("decided-by", "is-presumed-able-from-16")
    else:
        yield _proposed(_why_unsure(age))


def _is_named(reference: str, child: SubjectFacts, recorder_agency: NamedAgency | None) -> bool:
    return any(one.is_meant_by(reference) for one in _named_by_others(child, recorder_agency))


def _named_by_others(
    child: SubjectFacts, recorder_agency: NamedAgency | None
) -> Iterator[HeldResponsibility]:
    for one in child.responsible:
        if recorder_agency is None or not one.agency.may_be(recorder_agency):
            yield one


# Deciding for oneself. A judgement of a professional, five questions answered with yes, is for one
# decision (Gillick). From 16 nobody has to judge; below 13 two professionals do. Nobody is taken to
# be older than others say, whatever date was typed with the order.

NOBODY_BELOW = 8
"""Below this no judgement is taken, of however many: a figure of this service, not of the law."""


def _only_themselves(order: RecordDecision) -> Iterator[DeciderCheck]:
    if len(order.subjects) > 1:
        yield _refused("subject", "is-not-only-who-decides")


def _old_enough(ages: Sequence[Age], from_age: int, too_young: str) -> Iterator[DeciderCheck]:
    for age in ages:
        if age.is_below(from_age):
            yield _refused("decided-by", too_young)
        elif not age.is_certainly_at_least(from_age):
            yield _proposed(_why_unsure(age))


def _check_young_person(
    told: Circumstances, ages: Sequence[Age], now: datetime
) -> Iterator[DeciderCheck]:
    if any(age.is_certainly_at_least(FROM_18) for age in ages):
        yield _refused("decided-by", "is-an-adult")
    if told.competence is None:
        is_presumed = told.presumed_competent or any(age.is_at_least(FROM_16) for age in ages)
        too_young = "is-not-presumed-below-16" if told.presumed_competent else "is-missing"
        if not is_presumed:
            yield _refused("competence", "is-missing")
        elif any(age.is_below(FROM_16) for age in ages):
            yield _refused("competence", too_young)
        yield from _old_enough(ages, FROM_16, "is-not-old-enough")
        return
    yield from _refused_judgement("competence", told.competence, now)
    yield from _old_enough(ages, NOBODY_BELOW, "is-not-old-enough")
    if _is_for_two_judges(ages):
        yield from _check_seconding(told.competence, told.seconded, now)


def needs_second_judge(
    kind: DeciderKind, told: Circumstances, facts: DeciderFacts, now: datetime
) -> bool:
    """Whether one professional judged that a child decides this, and it takes another besides."""
    if kind is not DeciderKind.YOUNG_PERSON or told.competence is None or told.seconded is not None:
        return False
    return _is_for_two_judges([age_from(one.births, uk_day(now)) for one in facts.about])


def _is_for_two_judges(ages: Sequence[Age]) -> bool:
    return not all(age.is_at_least(FROM_13) for age in ages if age.is_held)


def _check_seconding(
    first: CompetenceJudgement, second: CompetenceJudgement | None, now: datetime
) -> Iterator[DeciderCheck]:
    if second is None:
        yield _proposed(WhyProposed.JUDGED_BY_ONE)
    elif second.judged_by == first.judged_by:
        yield _refused("second-judge", "is-the-same-person")
    else:
        yield from _refused_judgement("second-judge", second, now)


def _refused_judgement(
    field: str, judgement: CompetenceJudgement, now: datetime
) -> Iterator[DeciderCheck]:
    if not judgement.is_competent:
        yield _refused(field, "was-judged-not-to-be")
    if judgement.judged_at.utcoffset() is None or judgement.judged_at > now:
        yield _refused(field, "is-not-judged-yet")
    if not re.fullmatch(OPAQUE_ID, judgement.judged_by):
        yield _refused(field, "is-judged-by-no-practitioner")


def _why_unsure(age: Age) -> WhyProposed:
    if not age.is_held:
        return WhyProposed.AGE_NOT_HELD
    return WhyProposed.AGES_DISAGREE if age.is_disputed else WhyProposed.AGE_RESTS_ON_ONE_AGENCY


# What the circumstances may hold together, whatever is held of anybody.


def _refused_circumstances(order: RecordDecision) -> Iterator[DeciderCheck]:
    told, kind = order.circumstances, order.decided_by.kind
    if kind is DeciderKind.YOUNG_PERSON:
        return
    # Of a parent's child a judgement says one thing only: that from 16 they cannot decide this.
    says_cannot = told.competence is not None and not told.competence.is_competent
    is_parents = kind is DeciderKind.PARENT and says_cannot
    if (told.competence is not None and not is_parents) or told.presumed_competent or told.seconded:
        yield _refused("competence", "is-asked-of-a-young-person-only")
    if told.parents_are_not_told:
        yield _refused("parents-not-told", "is-a-young-persons-to-ask")


def _refused_before_birth(order: RecordDecision, facts: DeciderFacts) -> Iterator[DeciderCheck]:
    """Nobody decided about somebody who is held by everybody as born after that day."""
    if order.decided_at is None:
        return
    day = uk_day(order.decided_at)
    for one in facts.about:
        if one.births and all(day < told.born for told in one.births):
            yield _refused("decided-on", "is-before-they-were-born")


def _refused_in_the_room(told: Circumstances) -> Iterator[DeciderCheck]:
    if Present.ALONE in told.present and len(told.present) > 1:
        yield _refused("present", "is-alone-and-not-alone")
