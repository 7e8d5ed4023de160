"""What a page was filled in with, as the orders that the use cases take."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, time

from consent.circumstances import Circumstances, CompetenceJudgement
from consent.handlers import ObjectTo, RecordDecision, Recorded
from consent.ledger_fields import OPAQUE_ID
from consent.model import Decider, DeciderKind, Mode, RelationshipGround, Response
from schemas.identifiers import PersonId
from schemas.records.payloads import PersonDetails
from schemas.records.published import PublishedRecord
from schemas.records.subject import Demographics, Subject
from schemas.vocabulary import Purpose
from services.adapters.subjects import identifier_of
from services.aggregation.viewing import ReadProfile
from services.portal.ports import (
    DecisionForm,
    FamilySummary,
    HowDecided,
    ObjectionForm,
    RecordedDecision,
    SignedInPractitioner,
    SubjectEntry,
)

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
