"""Who is asked whether they may decide, and what is held of those whom it is about."""

from collections.abc import Collection
from datetime import date
from typing import Any

from consent.circumstances import Circumstances, CompetenceJudgement, CompetenceQuestion
from consent.decisions.ages import HeldBirth, NamedAgency
from consent.decisions.deciders import (
    DeciderCheck,
    DeciderFacts,
    DeciderOutcome,
    HeldResponsibility,
    SubjectFacts,
    WhyProposed,
    check_decider,
)
from consent.model import Decider, DeciderKind
from schemas.identifiers import PractitionerId
from schemas.vocabulary import Source
from tests.support.builders import (
    CHILD,
    NOW,
    TEACHER,
    VISITOR,
)
from tests.support.consents.deciding_world import an_order

# NOW is 2 March 2026.
BORN = {5: date(2020, 9, 1), 12: date(2013, 9, 1), 14: date(2011, 9, 1), 16: date(2010, 3, 2)}
BORN |= {17: date(2008, 7, 1), 18: date(2008, 3, 2), 40: date(1985, 5, 5)}
HEALTH = NamedAgency(Source.HEALTH_VISITING, "RY4")
SCHOOL = NamedAgency(Source.SCHOOLS, "9992001")
COUNCIL = NamedAgency(Source.SOCIAL_CARE, "999")
SELF = Decider(DeciderKind.ADULT_SELF, "self")
YOUNG = Decider(DeciderKind.YOUNG_PERSON, "young-person")
NAMED = Decider(DeciderKind.PARENT, "ab" * 16)
MANAGER = PractitionerId("c9" * 16)
WORKER = Decider(DeciderKind.PRACTITIONER, VISITOR)
ALLOWED = DeciderCheck(DeciderOutcome.ALLOWED)
YES, NOT_ALL = frozenset(CompetenceQuestion), frozenset({CompetenceQuestion.WHO})


def judged(by: str = VISITOR, yes: frozenset[CompetenceQuestion] = YES) -> CompetenceJudgement:
    """Build a judgement: by default the health visitor's, all five questions answered with yes."""
    return CompetenceJudgement.of(yes, judged_by=by, judged_at=NOW)


def aged(years: int, *told_by: NamedAgency, **more: Any) -> SubjectFacts:
    """Build what is held of somebody of this age: by default traced in the national register."""
    births = [HeldBirth(BORN[years], agency) for agency in told_by]
    return SubjectFacts(tuple(births or [HeldBirth(BORN[years], HEALTH, True)]), **more)


def child_of(decider: Decider, *named_by: NamedAgency, years: int = 5) -> SubjectFacts:
    """Build what is held of a child for whom these agencies name this person as responsible."""
    named = tuple(HeldResponsibility(decider.reference, agency) for agency in named_by)
    return aged(years, responsible=named)


def check(
    *about: SubjectFacts,
    at: NamedAgency | None = SCHOOL,
    accounts: Collection[PractitionerId] = (),
    **order: Any,
) -> DeciderCheck:
    """Ask about an order, by default recorded at a school about one child."""
    ordered = an_order(**({"subjects": (CHILD,), "actor": f"practitioner:{TEACHER}"} | order))
    return check_decider(
        ordered, DeciderFacts(about), recorder_agency=at, recorder_accounts=accounts, now=NOW
    )


def only_proposed(why: WhyProposed) -> DeciderCheck:
    """The answer that a widening waits for somebody else."""
    return DeciderCheck(DeciderOutcome.ONLY_PROPOSED, why)


def refused(field: str, reason: str) -> DeciderCheck:
    """The answer that this is not theirs to decide."""
    return DeciderCheck(DeciderOutcome.REFUSED, reason, field)


def young(competence: CompetenceJudgement | None = None, **told: Any) -> dict[str, Any]:
    """Order what a young person decides in these circumstances."""
    return {"decided_by": YOUNG, "circumstances": Circumstances(competence=competence, **told)}
