"""When a young person's decision is theirs to make, and what only they may ask for.

A judgement of a practitioner, five questions answered with yes, is needed for each decision. Who
is 16 or 17 is presumed able to decide (Mental Capacity Act 2005 s.1(2)): then no judgement is
needed, and a judgement to the contrary stands against it. The date of birth on record is kept as a
keyed hash, from which no age can be read; so the age is known where the order states the date of
birth (it is checked against that hash), and else it is for whoever records to say
`presumed_competent`.
"""

import re
from datetime import date, datetime

from consent.circumstances import CompetenceJudgement
from consent.errors import DecisionInvalidError
from consent.ledger_fields import OPAQUE_ID
from consent.model import DeciderKind
from consent.orders import RecordDecision
from schemas.identifiers import PersonId
from schemas.records.subject import Subject

_PRESUMED_FROM = 16


def require_competence(order: RecordDecision, now: datetime) -> None:
    """Refuse a young person's decision without it. Raises DecisionInvalidError."""
    told = order.circumstances
    if order.decided_by.kind is not DeciderKind.YOUNG_PERSON:
        if told.competence is not None or told.presumed_competent:
            raise DecisionInvalidError("competence", "is-asked-of-a-young-person-only")
        if told.parents_are_not_told:
            raise DecisionInvalidError("parents-not-told", "is-a-young-persons-to-ask")
        return
    if len(order.subjects) > 1:
        raise DecisionInvalidError("subject", "is-not-only-the-young-person")
    age = _age(order.subjects[0], now.date())
    if told.presumed_competent and age is not None and age < _PRESUMED_FROM:
        raise DecisionInvalidError("competence", "is-not-presumed-below-16")
    is_presumed = told.presumed_competent or (age is not None and age >= _PRESUMED_FROM)
    if told.competence is not None:
        _require_judgement(told.competence, now)
    elif not is_presumed:
        raise DecisionInvalidError("competence", "is-missing")


def _require_judgement(judgement: CompetenceJudgement, now: datetime) -> None:
    if not judgement.is_competent:
        raise DecisionInvalidError("competence", "was-judged-not-to-be")
    if judgement.judged_at.utcoffset() is None or judgement.judged_at > now:
        raise DecisionInvalidError("competence", "is-not-judged-yet")
    if not re.fullmatch(OPAQUE_ID, judgement.judged_by):
        raise DecisionInvalidError("competence", "is-judged-by-no-practitioner")


def _age(subject: PersonId | Subject, today: date) -> int | None:
    text = subject.demographics.date_of_birth if isinstance(subject, Subject) else None
    try:
        born = None if text is None else date.fromisoformat(text)
    except ValueError:
        born = None
    if born is None:
        return None
    has_had_birthday = (today.month, today.day) >= (born.month, born.day)
    return today.year - born.year - (not has_had_birthday)
