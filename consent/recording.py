"""Recording what was decided: one transaction holds the decision, its proof and the news of it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from consent.circumstances import Circumstances
from consent.errors import DecisionInvalidError
from consent.keeping import Deciding, Recorded, found, keep
from consent.ledger import LedgerEntry, ledger_entry, new_entry_id
from consent.ledger_events import LedgerEvent
from consent.model import DeciderKind, Mode, Response, SharingDecision
from consent.objection_rules import require_objectable
from consent.orders import RecordDecision
from consent.recording_rules import require_sense
from consent.superseding import replaced_by
from schemas.identifiers import DecisionId, PersonId
from schemas.records.subject import Subject


def record_decision(command: RecordDecision, *, deciding: Deciding) -> Recorded:
    """Record a sharing decision. Raises DecisionInvalidError naming the field.

    With `supersedes` the decision named there, of the same decider about the same persons, stops
    saying anything in the same transaction; what `objects_to` names stands.
    """
    now = deciding.clock.now()
    require_sense(command, now)
    decision = _decision(command, _persons(command.subjects, deciding, now), now)
    if command.objects_to is not None:
        require_objectable(found(command.objects_to, deciding), decision.subjects, now)
    replaced = replaced_by(decision, actor=command.actor, deciding=deciding)
    return keep([(decision, entry_for(decision)), *replaced], deciding=deciding)


def entry_for(decision: SharingDecision) -> LedgerEntry:
    """The entry that proves what was recorded, by whom and on what ground: codes and ids only."""
    told = decision.circumstances
    return ledger_entry(
        LedgerEvent.SHARING_DECISION_RECORDED_IN_FULL,
        {
            "decision": decision.id,
            "subjects": decision.subjects,
            "version": decision.version,
            "response": decision.response,
            "because": _all_of(decision.because),
            "basis": decision.basis,
            "article_9": _all_of(decision.article_9),
            "gateways": decision.gateways,
            "categories": decision.categories,
            "purposes": decision.purposes,
            "recipients": decision.recipients,
            "sources": decision.sources,
            "mode": decision.mode,
            "decider_kind": decision.decided_by.kind,
            "channel": _all_of(told.channel),
            "judged_by": _all_of(told.competence.judged_by if told.competence else None),
            "until": _all_of(_utc(decision.until)),
            "review_at": _all_of(_utc(decision.review_at)),
            "supersedes": _all_of(decision.supersedes),
            "objects_to": _all_of(decision.objects_to),
        },
        at=decision.decided_at,
        actor=told.recorded_by or "",
    )


def _decision(
    command: RecordDecision, subjects: frozenset[PersonId], now: datetime
) -> SharingDecision:
    return SharingDecision(
        id=DecisionId(str(new_entry_id(now))),
        subjects=subjects,
        response=command.response,
        categories=command.categories,
        purposes=command.purposes,
        basis=command.basis,
        decided_by=command.decided_by,
        decided_at=now,
        recipients=command.recipients,
        sources=command.sources,
        mode=command.mode or _usual_mode(command.response),
        until=command.until,
        review_at=command.review_at,
        because=command.because,
        article_9=command.article_9,
        gateways=command.gateways,
        circumstances=_circumstances(command),
        supersedes=command.supersedes,
        objects_to=command.objects_to,
    )


def _circumstances(command: RecordDecision) -> Circumstances:
    told = command.circumstances
    is_young_person = command.decided_by.kind is DeciderKind.YOUNG_PERSON
    return replace(
        told,
        recorded_by=command.actor,
        presumed_competent=is_young_person and told.competence is None,
    )


def _persons(
    subjects: Sequence[PersonId | Subject], deciding: Deciding, now: datetime
) -> frozenset[PersonId]:
    persons = set()
    for subject in subjects:
        if isinstance(subject, Subject):
            persons.add(deciding.persons.resolve_or_create(subject, at=now))
        elif deciding.persons.exists(subject):
            persons.add(subject)
        else:
            raise DecisionInvalidError("subject", "is-not-known")
    return frozenset(persons)


def _usual_mode(response: Response) -> Mode:
    """To agree is to agree to reading; to refuse is to refuse that it be known at all."""
    return Mode.CONTENT if response is Response.GIVEN else Mode.EXISTENCE


def _all_of(value: str | None) -> list[str]:
    """A field that may have nothing to say, as the ledger holds it: a list of one or none."""
    return [] if value is None else [value]


def _utc(time: datetime | None) -> str | None:
    return None if time is None else time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
