"""Recording what was decided: one transaction holds the decision, its proof and the news of it."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from consent.errors import DecisionInvalidError
from consent.handler_ports import Decisions, Outbox, Persons
from consent.lawfulness import Basis
from consent.ledger import LedgerEntry, ledger_entry, new_entry_id
from consent.ledger_events import LedgerEvent
from consent.ledger_fields import OPAQUE_ID
from consent.model import (
    Decider,
    DeciderKind,
    Mode,
    Response,
    Restriction,
    RestrictionScope,
    SharingDecision,
)
from consent.ports import Clock, Ledger
from schemas.envelope import PLAIN, Event, EventType
from schemas.identifiers import DecisionId, PersonId, PractitionerId
from schemas.records.subject import Subject
from schemas.topics import SHARING_DECISIONS
from schemas.vocabulary import Category, Purpose, Role, Source

_RECIPIENTS = frozenset(
    {*(f"agency:{source}" for source in Source), *(f"role:{role}" for role in Role)}
)


@dataclass(frozen=True, slots=True)
class Deciding:
    """What recording works with; every port joins one transaction."""

    persons: Persons
    decisions: Decisions
    outbox: Outbox
    ledger: Ledger
    clock: Clock


@dataclass(frozen=True, slots=True, repr=False)
class RecordDecision:
    """Order: write down what was decided. Empty recipients: all who have a relationship."""

    subjects: tuple[PersonId | Subject, ...]
    response: Response
    categories: frozenset[Category]
    purposes: frozenset[Purpose]
    basis: Basis
    decided_by: Decider
    actor: str
    recipients: frozenset[str] = frozenset()
    sources: frozenset[Source] = frozenset()
    mode: Mode | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Recorded:
    """Receipt: the decision as it stands now, and the ledger entry that proves it."""

    decision: SharingDecision
    entry_id: UUID


def record_decision(command: RecordDecision, *, deciding: Deciding) -> Recorded:
    """Record a sharing decision. Raises DecisionInvalidError naming the field."""
    now = deciding.clock.now()
    _require_sense(command, now)
    decision = SharingDecision(
        id=DecisionId(str(new_entry_id(now))),
        subjects=_persons(command.subjects, deciding, now),
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
    )
    entry = ledger_entry(
        LedgerEvent.SHARING_DECISION_RECORDED,
        {
            "decision": decision.id,
            "subjects": decision.subjects,
            "version": decision.version,
            "response": decision.response,
            "basis": decision.basis,
            "categories": decision.categories,
            "purposes": decision.purposes,
            "recipients": decision.recipients,
            "decider_kind": decision.decided_by.kind,
        },
        at=now,
        actor=command.actor,
    )
    return _save(decision, entry, deciding)


def withdraw_decision(decision_id: DecisionId, *, actor: str, deciding: Deciding) -> Recorded:
    """Withdraw a decision from now on. Raises DecisionInvalidError when it cannot be."""
    decision = deciding.decisions.find(decision_id)
    if decision is None:
        raise DecisionInvalidError("decision", "is-not-known")
    if decision.withdrawn_at is not None:
        raise DecisionInvalidError("decision", "is-already-withdrawn")
    now = deciding.clock.now()
    withdrawn = replace(decision, withdrawn_at=now, version=decision.version + 1)
    entry = ledger_entry(
        LedgerEvent.SHARING_DECISION_WITHDRAWN,
        {"decision": decision.id, "subjects": decision.subjects},
        at=now,
        actor=actor,
    )
    return _save(withdrawn, entry, deciding)


def place_restriction(
    person: PersonId,
    scope: RestrictionScope,
    allowed: Collection[PractitionerId],
    *,
    actor: str,
    deciding: Deciding,
) -> Restriction:
    """Protect a person or their whereabouts: from now on only the allow-list may know.

    Raises DecisionInvalidError for a person whom nobody knows.
    """
    if not deciding.persons.exists(person):
        raise DecisionInvalidError("subject", "is-not-known")
    now = deciding.clock.now()
    restriction = Restriction(
        str(new_entry_id(now)), person, scope, frozenset(allowed), placed_at=now
    )
    deciding.decisions.place(restriction)
    deciding.outbox.add([_news_of(person, restriction.id, now)])
    deciding.ledger.append(
        [
            ledger_entry(
                LedgerEvent.RESTRICTION_PLACED,
                {"restriction": restriction.id, "subject": person, "scope": scope},
                at=now,
                actor=actor,
            )
        ]
    )
    return restriction


def _save(decision: SharingDecision, entry: LedgerEntry, deciding: Deciding) -> Recorded:
    now = deciding.clock.now()
    deciding.decisions.save(decision, at=now)
    deciding.outbox.add(
        [_news_of(person, decision.id, now) for person in sorted(decision.subjects)]
    )
    deciding.ledger.append([entry])
    return Recorded(decision, entry.entry_id)


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


def _require_sense(command: RecordDecision, now: datetime) -> None:
    needed = {
        "subject": command.subjects,
        "category": command.categories,
        "purpose": command.purposes,
    }
    for field, values in needed.items():
        if not values:
            raise DecisionInvalidError(field, "is-missing")
    if command.until is not None and command.until <= now:
        raise DecisionInvalidError("until", "is-not-in-the-future")
    is_practitioners = command.decided_by.kind is DeciderKind.PRACTITIONER
    if command.basis is Basis.CONSENT and is_practitioners:
        raise DecisionInvalidError("decided-by", "nobody-consents-for-a-family")
    is_young_person = command.decided_by.kind is DeciderKind.YOUNG_PERSON
    if is_young_person and len(command.subjects) > 1:
        raise DecisionInvalidError("subject", "is-not-only-the-young-person")
    if not all(map(_is_recipient, command.recipients)):
        raise DecisionInvalidError("recipient", "is-not-agency-role-or-practitioner")


def _is_recipient(recipient: str) -> bool:
    """Whether it can mean anybody: a refusal for a name misspelt would refuse nobody."""
    kind, _, name = recipient.partition(":")
    if kind == "practitioner":
        return re.fullmatch(OPAQUE_ID, name) is not None
    return recipient in _RECIPIENTS


def _usual_mode(response: Response) -> Mode:
    """To agree is to agree to reading; to refuse is to refuse that it be known at all."""
    return Mode.CONTENT if response is Response.GIVEN else Mode.EXISTENCE


def _news_of(person: PersonId, what: str, now: datetime) -> Event:
    """Something about this person's decisions changed; what it is stands in the database."""
    return Event(
        topic=SHARING_DECISIONS,
        key=person,
        id=str(new_entry_id(now)),
        type=EventType.DECISION_CHANGED,
        source="urn:tell-once:consent",
        subject=person,
        time=now.isoformat(),
        content_type=PLAIN,
        data=f'{{"because":"{what}"}}'.encode(),
    )
