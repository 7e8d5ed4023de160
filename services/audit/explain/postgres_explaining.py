"""Explaining one access from what was on record then, in one transaction that looks back."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import product
from uuid import UUID

from sqlalchemy import text

from consent import AccessRequest, Decision, Practitioner
from consent.agreement import latest_adopted
from consent.deciding.decide import Answers
from consent.ledger.events import PROFILE_READS, PROFILE_READS_REFUSED, LedgerEvent
from consent.question import Reason
from schemas.identifiers import DecisionId, PersonId, PractitionerId
from schemas.vocabulary import Category, Purpose, Source
from services.audit.asked import AuditAsked, AuditQuestion, NotForThem
from services.audit.explain.explaining import (
    AgreementThen,
    DecisionThen,
    Explanation,
    PartThen,
    RelationshipThen,
    Retold,
    RoleThen,
    purpose_of,
)
from services.audit.explain.postgres_replaying import (
    Disclosed,
    Replayed,
    entry_of_disclosure,
    replay_in,
)
from services.audit.index.postgres_entries import Found
from services.audit.looks import Access, Answered, access_from, worker_of
from services.audit.postgres_answers import Auditing
from services.ledger.bound_tables import MEMBERSHIPS, RELATIONSHIPS
from services.work import UnitOfWork
from services.work.postgres_past import CannotBeToldError, Past

_PRACTITIONER = "practitioner:"
_EXPLAINED = PROFILE_READS | PROFILE_READS_REFUSED | {LedgerEvent.ACCESS_EVALUATED}
_MOST_DIGITS = 15
_HELD = text("""
    SELECT r.* FROM relationship r
    WHERE r.person_id = ANY(:persons) AND r.since <= :at AND (r.until IS NULL OR r.until > :at)
      AND (r.practitioner_id = :practitioner
           OR r.practitioner_id IS NULL AND r.agency_code = :agency)
      AND r.ground = ANY(:grounds)
      AND NOT EXISTS (SELECT FROM relationship later
                      WHERE later.relationship_id = r.relationship_id AND later.state > r.state)
    ORDER BY r.practitioner_id IS NULL, r.ground, r.since LIMIT 10
""")
_ROLE = text("""
    SELECT m.* FROM membership m WHERE m.practitioner_id = :practitioner
    ORDER BY m.state DESC LIMIT 1
""")


@dataclass(frozen=True, slots=True)
class Explained:
    """An access explained; None where the ledger has no such entry or disclosure."""

    entered: UUID
    explanation: Explanation | None


def explain(typed: str, auditing: Auditing, past: Past) -> Explained | NotForThem:
    """Explain the access of this entry (its place in the ledger or its id) or disclosure.

    `past` is for this question alone. The question is entered whether or not there is such a one.
    """
    found = _found(typed, auditing)
    named = () if found is None else (str(found.entry.entry_id),)
    persons = tuple(map(PersonId, () if found is None else _access(found).persons))
    entered = auditing.enter(AuditAsked(AuditQuestion.EXPLAIN, persons, named))
    if isinstance(entered, NotForThem):
        return entered
    return Explained(entered, None if found is None else explained(found, auditing, past))


def _found(typed: str, auditing: Auditing) -> Found | None:
    if typed.isascii() and typed.isdigit():
        return auditing.entries.by_index(int(typed)) if len(typed) <= _MOST_DIGITS else None
    try:
        number = UUID(typed)
    except ValueError:
        return None
    disclosed = entry_of_disclosure(typed, auditing.work.connection)
    return auditing.entries.by_id(number if disclosed is None else disclosed.entry_id)


def _access(found: Found) -> Access:
    return access_from(found.place.seq, found.entry)


def explained(found: Found, auditing: Auditing, past: Past) -> Explanation:
    """What let it through, or why not; entered by whoever asks for it."""
    access = _access(found)
    worker = worker_of(access.actor, auditing.workers_at({access.actor: access.at}))
    purpose = purpose_of(access)
    if access.event not in _EXPLAINED or purpose is None or not access.persons:
        return Explanation(access, worker, Retold.NO_ACCESS)
    disclosed = _disclosed(access, purpose)
    try:
        then = past.at(access.at)
        replayed = replay_in(disclosed, then)
    except CannotBeToldError as error:
        return Explanation(
            access, worker, Retold.CANNOT, lacks=error.kinds, begins_at=error.begins_at
        )
    parts = tuple(_part(part, answer) for part, answer in sorted(replayed.answers.items()))
    differences = [one.label for one in replayed.differences]
    if access.answered is Answered.REFUSED and _is_wide(access, parts):
        differences.append("It was refused, and something was permitted then.")
    return replace(
        _on_record(Explanation(access, worker, Retold.SAME, parts), replayed, then),
        told=Retold.DIFFERS if differences else Retold.SAME,
        differences=tuple(differences),
        today=_today(disclosed, auditing.work),
    )


def _disclosed(access: Access, purpose: Purpose) -> Disclosed:
    return Disclosed(
        disclosure=str(access.entry),
        practitioner=PractitionerId(access.actor.removeprefix(_PRACTITIONER)),
        subjects=tuple(map(PersonId, access.persons)),
        purpose=purpose,
        categories=frozenset(
            () if access.answered is Answered.REFUSED else map(Category, access.categories)
        ),
        withheld=frozenset(map(Category, access.withheld)),
        policy_version=access.policy_version or "",
        decided_from=frozenset(map(DecisionId, access.decisions)),
        at=access.at,
    )


def _is_wide(access: Access, parts: Iterable[PartThen]) -> bool:
    """Whether somebody was told that nothing may be asked, who might have asked."""
    nothing_at_all = {Reason.ROLE_OPENS_NO_RECORDS, Reason.NO_RELATIONSHIP, Reason.RESTRICTED}
    is_about_asking = not nothing_at_all.isdisjoint(access.because)
    return is_about_asking and any(part.is_permitted for part in parts)


def _part(part: tuple[PersonId, Category, Source], answer: Decision) -> PartThen:
    person, category, source = part
    decisions = tuple(answer.decided_from)
    return PartThen(person, category, source, answer.is_permitted, answer.reasons, decisions)


def _on_record(so_far: Explanation, replayed: Replayed, then: UnitOfWork) -> Explanation:
    """With what was on record: decisions, relationships, role and agreement."""
    disclosed = replayed.disclosed
    role = _role(disclosed, then)
    recorded = then.decisions.recorded_about(disclosed.subjects)
    used = {one for part in so_far.parts for one in part.decisions} | set(so_far.access.decisions)
    decisions = {d.id: d for each in recorded.values() for d in each if d.id in used}
    return replace(
        so_far,
        decisions=tuple(
            DecisionThen(
                d.id,
                d.version,
                d.response,
                d.basis.value,
                d.decided_by.kind,
                d.decided_at,
                d.confirmed_at,
                d.circumstances.notice_version,
                d.until,
                tuple(sorted(d.categories)),
            )
            for _, d in sorted(decisions.items())
        ),
        relationships=_relationships(replayed, role, then),
        role=role,
        agreement=_agreement(then),
    )


def _relationships(
    replayed: Replayed, role: RoleThen | None, then: UnitOfWork
) -> tuple[RelationshipThen, ...]:
    """Their own, and those of their agency that its leads hold; what they stand in for is not."""
    if not replayed.held:
        return ()
    asked = {
        "persons": then.clusters.all_of(replayed.disclosed.subjects),
        "practitioner": replayed.disclosed.practitioner,
        "agency": None if role is None else role.agency,
        "grounds": sorted({one.ground.value for one in replayed.held}),
        "at": then.now,
    }
    rows = [
        row for row in then.connection.execute(_HELD, asked) if then.bound.holds(RELATIONSHIPS, row)
    ]
    return tuple(
        RelationshipThen(
            row.relationship_id,
            row.ground,
            row.warrant,
            row.asked_by,
            row.since,
            row.until,
            row.known_at,
        )
        for row in rows
    )


def _role(disclosed: Disclosed, then: UnitOfWork) -> RoleThen | None:
    row = then.connection.execute(_ROLE, {"practitioner": disclosed.practitioner}).first()
    if row is None or not then.bound.holds(MEMBERSHIPS, row):
        return None
    return RoleThen(row.role, row.agency_code, row.since, row.asked_by, row.warranted_by)


def _agreement(then: UnitOfWork) -> AgreementThen | None:
    adopted = [a for a in then.decisions.agreements if a.adopted_at <= then.now]
    found = latest_adopted(adopted, then.now)
    if found is None:
        return None
    since = max(a.adopted_at for a in adopted if a.agreement == found)
    return AgreementThen(
        found.version, since, found.valid_from.isoformat(), found.valid_until.isoformat()
    )


def _today(disclosed: Disclosed, work: UnitOfWork) -> tuple[Category, ...]:
    """What the same question would be shown now."""
    who = disclosed.practitioner
    parts = parts_in(work, who, disclosed.subjects, disclosed.purpose)
    return tuple(sorted({part.category for part in parts if part.is_permitted}))


def parts_in(
    then: UnitOfWork, practitioner: PractitionerId, persons: Sequence[PersonId], purpose: Purpose
) -> tuple[PartThen, ...]:
    """What `decide` answers at the moment of a transaction about each category and source."""
    who = then.directory.practitioner(practitioner)
    if who is None:
        return ()
    held = tuple(then.relationships.relationships(who.id, persons))
    asker = Practitioner(who.id, who.role, who.agency_kind, held)
    answers = Answers(then.decisions.on_record(persons))
    found = []
    for person, category, source in product(persons, Category, Source):
        request = AccessRequest((person,), category, source, asker, then.now, purpose)
        found.append(_part((person, category, source), answers.to(request)))
    return tuple(found)
