"""What a page was filled in with, as the orders that the use cases take."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, time

from consent.errors import DecisionInvalidError
from consent.handlers import RecordDecision, Recorded
from consent.ledger_fields import OPAQUE_ID
from consent.model import Decider, Mode, RelationshipGround, Response
from schemas.identifiers import PersonId
from schemas.records.payloads import PersonDetails
from schemas.records.published import PublishedRecord
from schemas.records.subject import Demographics, Subject
from schemas.vocabulary import Purpose
from services.adapters.subjects import identifier_of
from services.aggregation.viewing import ReadProfile
from services.portal.errors import InvalidDecisionError
from services.portal.ports import (
    DecisionForm,
    FamilySummary,
    RecordedDecision,
    SignedInPractitioner,
    SubjectEntry,
)

_NOBODY = PersonId("0" * 32)
_END_OF_DAY = time(23, 59, 59, tzinfo=UTC)
_FORM_FIELDS = {
    "subject": "subjects",
    "category": "categories",
    "purpose": "purposes",
    "decided-by": "decider_kind",
}
_SENTENCES = {
    "contradicts:date-of-birth": "The date of birth is not the one that is on record",
    "contradicts:other-identifier": "This number contradicts what is on record",
    "has-no-valid-identifier": "Enter an NHS number or unique pupil number",
    "is-not-known": "Nobody is on record under this reference",
    "is-missing": "Select at least one",
    "is-not-in-the-future": "The last day must be in the future",
    "nobody-consents-for-a-family": "A practitioner cannot consent for a family",
    "is-already-withdrawn": "This decision has been withdrawn already",
}


def reading_order(who: SignedInPractitioner, person: PersonId, purpose: Purpose) -> ReadProfile:
    """Read this family as this practitioner; an address that holds no id is nobody's."""
    known = person if re.fullmatch(OPAQUE_ID, person) else _NOBODY
    return ReadProfile(known, who.id, who.role, who.agency_kind, purpose)


def recording_order(form: DecisionForm, who: SignedInPractitioner) -> RecordDecision:
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


@contextmanager
def as_form_errors() -> Iterator[None]:
    """What the core refuses, as the page's field and a sentence for who filled it in."""
    try:
        yield
    except DecisionInvalidError as error:
        raise InvalidDecisionError(
            field=_FORM_FIELDS.get(error.field, error.field),
            reason=_SENTENCES.get(error.reason, "This cannot be recorded"),
        ) from error
