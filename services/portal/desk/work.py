"""One transaction behind a page, and what every page's transaction may need."""

import re
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, time

from consent.circumstances import Circumstances, CompetenceJudgement
from consent.decisions.keeping import Recorded
from consent.decisions.objecting import ObjectTo
from consent.ledger import FieldValue, ledger_entry
from consent.ledger.events import LedgerEvent
from consent.ledger.fields import OPAQUE_ID
from consent.model import (
    Decider,
    DeciderKind,
    Mode,
    RecordDecision,
    RelationshipGround,
    Response,
    RestrictionScope,
    SharingDecision,
)
from schemas.identifiers import PersonId, PractitionerId
from schemas.records.message import Demographics, Subject
from schemas.records.payloads import PersonDetails
from schemas.records.published import PublishedRecord
from schemas.vocabulary import Purpose
from services.people.persons.subjects import identifier_of
from services.people.practitioners.people import SignedInPractitioner, SubjectEntry
from services.platform.errors import ServiceUnavailableError
from services.portal.decisions.ports import (
    DecisionForm,
    HowDecided,
    ObjectionForm,
    RecordedDecision,
)
from services.portal.frame.errors import ServiceUnavailableError as PageUnavailableError
from services.portal.ports import FamilySummary
from services.profile.model import ProfileRefused
from services.profile.reading import refuse
from services.profile.viewing import ReadProfile, Viewing, view_family
from services.work import Outside, UnitOfWork, unit_of_work

# What a page was filled in with, as the orders that the use cases take.

NOBODY = PersonId("0" * 32)
"""Whose id is asked about where there is nobody: no person has it."""
_START_OF_DAY, _END_OF_DAY = time(tzinfo=UTC), time(23, 59, 59, tzinfo=UTC)


def reading_order(who: SignedInPractitioner, person: PersonId, purpose: Purpose) -> ReadProfile:
    """Read this family as this practitioner; an address that holds no id is nobody's."""
    known = person if re.fullmatch(OPAQUE_ID, person) else NOBODY
    return ReadProfile(known, who.id, who.role, who.agency_kind, purpose)


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
        actor=f"practitioner:{who.id}",
        recipients=form.recipients,
        sources=form.sources,
        mode=mode if form.response is not Response.GIVEN else None,
        until=datetime.combine(form.until, _END_OF_DAY) if form.until else None,
        review_at=datetime.combine(form.review, _START_OF_DAY) if form.review else None,
        because=form.because,
        article_9=form.article_9,
        gateways=form.gateways,
        circumstances=_circumstances(form.how, who, at),
        supersedes=form.supersedes,
    )


def objecting_order(form: ObjectionForm, who: SignedInPractitioner, *, at: datetime) -> ObjectTo:
    """Object as the form says: a young person for themselves only, whose page it is."""
    is_young_person = form.objector_kind is DeciderKind.YOUNG_PERSON
    return ObjectTo(
        decision=form.decision,
        objector=Decider(form.objector_kind, form.objector_reference),
        actor=f"practitioner:{who.id}",
        about=form.person if is_young_person else None,
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
    )


def subject_of(entry: SubjectEntry) -> Subject:
    """A person as somebody wrote them on a form."""
    return Subject(
        "subject",
        (identifier_of(entry.scheme, entry.value),),
        Demographics(date_of_birth=entry.date_of_birth.isoformat()),
    )


def receipt_of(recorded: Recorded) -> RecordedDecision:
    """What the page shows of a decision that was recorded."""
    decision = recorded.decision
    return RecordedDecision(
        decision.id, decision.version, str(recorded.entry_id), tuple(sorted(decision.subjects))
    )


def family_summary(
    person: PersonId, ground: RelationshipGround, records: Sequence[PublishedRecord]
) -> FamilySummary:
    """A line of the list of families, from the records that the practitioner may read."""
    details = sorted(
        (r for r in records if isinstance(r.payload, PersonDetails)), key=lambda r: r.version
    )
    payload = details[-1].payload if details else None
    if not isinstance(payload, PersonDetails):
        return FamilySummary(person, None, None, ground.label)
    name = " ".join((*payload.given_names[:1], payload.family_name or "")).strip()
    return FamilySummary(person, name or None, payload.date_of_birth, ground.label)


class PortalWork:
    """Opens the transactions of one part of the pages' services."""

    def __init__(self, outside: Outside, *, demonstration: bool) -> None:
        self._outside = outside
        self._demonstration = demonstration

    @contextmanager
    def _work(self) -> Iterator[UnitOfWork]:
        try:
            with unit_of_work(self._outside) as work:
                yield work
        except ServiceUnavailableError as error:
            raise PageUnavailableError(str(error)) from error


def enter(
    work: UnitOfWork,
    who: PractitionerId,
    event: LedgerEvent,
    fields: dict[str, FieldValue] | None = None,
) -> None:
    """Enter in the ledger what the practitioner did."""
    work.ledger.append([ledger_entry(event, fields, at=work.now, actor=f"practitioner:{who}")])


def is_findable(person: PersonId, who: SignedInPractitioner, work: UnitOfWork) -> bool:
    """Whether the practitioner may find the person: a protected one only on the allow-list."""
    restrictions = work.decisions.on_record([person])[person].restrictions
    return not any(
        r.is_in_force(work.now) and r.scope is RestrictionScope.PERSON and who.id not in r.allowed
        for r in restrictions
    )


def refusal(
    who: SignedInPractitioner,
    persons: Collection[PersonId],
    work: UnitOfWork,
    *,
    one_is_enough: bool = False,
) -> ProfileRefused | None:
    """Why pages about these persons' decisions are closed to the practitioner, if they are.

    The same question as opening each of their profiles. To take back what was agreed, or to have
    it in writing, a family turns to whoever works with one of them: there `one_is_enough`. What
    could share more of somebody asks for a relationship with everybody. A refusal is in the
    ledger, as one of reading is, when the caller commits: about each who is closed.
    """
    closed = [
        (viewing, reasons)
        for viewing in (_viewing(who, person, work) for person in sorted(persons))
        if (reasons := viewing.refusal()) is not None
    ]
    if not closed or (one_is_enough and len(closed) < len(persons)):
        return None
    refused = [refuse(*one, looks=work.looks, ledger=work.ledger) for one in closed]
    return refused[0]


def refusal_of_decision(
    who: SignedInPractitioner,
    decision: SharingDecision | None,
    work: UnitOfWork,
    *,
    one_is_enough: bool,
) -> ProfileRefused | None:
    """Why a decision is closed to the practitioner; one that there is not is nobody's."""
    persons = {NOBODY} if decision is None else decision.subjects
    return refusal(who, persons, work, one_is_enough=one_is_enough)


def _viewing(who: SignedInPractitioner, person: PersonId, work: UnitOfWork) -> Viewing:
    viewing, _ = view_family(
        reading_order(who, person, who.purpose),
        at=work.now,
        records=work.records,
        decisions=work.decisions,
        case_loads=work.case_loads,
    )
    return viewing
