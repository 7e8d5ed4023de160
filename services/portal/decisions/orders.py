"""Sharing decisions as pages fill them in, and as the orders that the core takes."""

from dataclasses import dataclass, field
from datetime import date, datetime

from consent.circumstances import (
    Channel,
    Circumstances,
    CompetenceJudgement,
    CompetenceQuestion,
    NotAskedReason,
    Present,
    RefusalReason,
)
from consent.decisions.objecting import ObjectTo
from consent.lawfulness import Article9, Basis, Gateway
from consent.model import Decider, DeciderKind, Mode, RecordDecision, Response, TakenBack
from schemas.identifiers import DecisionId, PersonId
from schemas.uk_time import day_before_now, first_moment, last_moment
from schemas.vocabulary import Category, Purpose, Source
from services.people.practitioners.people import SignedInPractitioner, SubjectEntry, subject_of


@dataclass(frozen=True, slots=True)
class HowDecided:
    """How it came about, as whoever fills in the page says.

    `competence` are the questions answered with yes about a young person, None where nobody
    judged; who fills in the page is who judged.
    """

    channel: Channel | None = None
    interpreted_into: str | None = None
    notice_version: str | None = None
    competence: frozenset[CompetenceQuestion] | None = None
    presumed_competent: bool = False
    parents_are_not_told: bool = False
    present: frozenset[Present] = frozenset()


@dataclass(frozen=True, slots=True, repr=False)
class DecisionForm:
    """A sharing decision as it is recorded on a page. `recipients` as in consent.model.

    `decider_name` is what a parent is called, None where somebody else decided or they were chosen
    from the list of who is named: then `decider_reference` is theirs.
    """

    subjects: tuple[PersonId | SubjectEntry, ...]
    response: Response
    categories: frozenset[Category]
    purposes: frozenset[Purpose]
    recipients: frozenset[str]
    sources: frozenset[Source]
    basis: Basis
    decider_kind: DeciderKind
    decider_reference: str
    until: date | None
    decided_on: date | None = None
    existence_may_be_shown: bool = False
    because: RefusalReason | NotAskedReason | None = None
    article_9: Article9 | None = None
    gateways: frozenset[Gateway] = frozenset()
    review: date | None = None
    how: HowDecided = field(default_factory=HowDecided)
    supersedes: DecisionId | None = None
    decider_name: str | None = None
    is_chosen: bool = False


@dataclass(frozen=True, slots=True, repr=False)
class ObjectionForm:
    """Who of the family objects to a decision, and how they said so. `person` is on the page.

    Who objects is told as who decided is.
    """

    decision: DecisionId
    person: PersonId
    objector_kind: DeciderKind
    objector_reference: str
    how: HowDecided = field(default_factory=HowDecided)
    objector_name: str | None = None
    is_chosen: bool = False


@dataclass(frozen=True, slots=True, repr=False)
class WithdrawalForm:
    """Who takes a decision back, as whoever writes it down says. `name` and `is_chosen` as above.

    Nothing of it is needed for the withdrawal to be in force.
    """

    taken_back: TakenBack
    name: str | None = None
    is_chosen: bool = False


def recording_order(
    form: DecisionForm, who: SignedInPractitioner, *, at: datetime
) -> RecordDecision:
    """Record what the form says. A refusal that may be known of refuses the content only."""
    mode = Mode.CONTENT if form.existence_may_be_shown else None
    return RecordDecision(
        subjects=tuple(subject_of(s) if isinstance(s, SubjectEntry) else s for s in form.subjects),
        response=form.response,
        categories=form.categories,
        purposes=form.purposes,
        basis=form.basis,
        decided_by=Decider(form.decider_kind, form.decider_reference),
        actor=who.actor,
        recipients=form.recipients,
        sources=form.sources,
        mode=mode if form.response is not Response.GIVEN else None,
        until=last_moment(form.until) if form.until else None,
        review_at=first_moment(form.review) if form.review else None,
        because=form.because,
        article_9=form.article_9,
        gateways=form.gateways,
        circumstances=_circumstances(form.how, who, at),
        supersedes=form.supersedes,
        decider_name=form.decider_name,
        decided_at=None if form.decided_on is None else day_before_now(form.decided_on, now=at),
    )


def objecting_order(form: ObjectionForm, who: SignedInPractitioner, *, at: datetime) -> ObjectTo:
    """Object as the form says: a young person for themselves only, whose page it is."""
    is_young_person = form.objector_kind is DeciderKind.YOUNG_PERSON
    return ObjectTo(
        decision=form.decision,
        objector=Decider(form.objector_kind, form.objector_reference),
        actor=who.actor,
        about=form.person if is_young_person else None,
        objector_name=form.objector_name,
        circumstances=_circumstances(form.how, who, at),
    )


def _circumstances(how: HowDecided, who: SignedInPractitioner, at: datetime) -> Circumstances:
    """Whoever fills in the page is who judged whether a young person may decide."""
    yes = how.competence
    judged = None if yes is None else CompetenceJudgement.of(yes, judged_by=who.id, judged_at=at)
    return Circumstances(
        channel=how.channel,
        interpreted_into=how.interpreted_into,
        notice_version=how.notice_version,
        competence=judged,
        presumed_competent=how.presumed_competent,
        parents_are_not_told=how.parents_are_not_told,
        present=how.present,
    )
