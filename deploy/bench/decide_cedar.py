"""The same rules for Cedar, by cedarpy: what `bench decide` compares itself with.

What stands on record about a family at a moment is written as one Cedar policy set. A permission is
a `permit`, a refusal a `forbid`; Cedar has no order in time, so that what somebody said last is
written out: each word holds unless a later word of the same decider covers the same. Roles,
restrictions, relationships and the data-sharing agreement are `forbid`s. Everything is pre-parsed,
the questions too, as far as cedarpy lets it be, and asked in batches: its own quickest way.

Cedar answers about one resource: questions about two persons are left out.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from typing import Any

from consent import AccessRequest, Practitioner
from consent.agreement import AgreementRule, in_force
from consent.deciding.standing import counts_at, has_expired, is_superseded, is_withdrawn
from consent.lawfulness import DUTIES
from consent.model import DeciderKind, Mode, Recipient, Response, Restriction, SharingDecision
from deploy.bench.decide_families import NOW, Family
from schemas.identifiers import PersonId
from schemas.vocabulary import OPENS_FAMILY_RECORDS, Label, Purpose

_TYPES = {"practitioner": "Practitioner", "role": "Role", "agency": "Agency"}
_WHERE = frozenset({Label.LOCATION, Label.PROTECTED_LOCATION})
_READ = 'Action::"read"'
_KNOW = 'Action::"know"'
_NOES = frozenset({Response.REFUSED, Response.OBJECTED, Response.DETRIMENTAL})


def cedarpy() -> Any | None:
    """The module, or None where it is not installed."""
    try:
        return import_module("cedarpy")
    except ModuleNotFoundError:
        return None


@dataclass(frozen=True, slots=True)
class CedarFamily:
    """A family as Cedar holds it: parsed policies and parsed entities."""

    module: Any
    policies: Any
    entities: Any
    count: int

    @classmethod
    def of(cls, family: Family, module: Any) -> "CedarFamily":
        """Write and parse what stands on record about this family now."""
        written = list(_policies(family, NOW))
        policies = module.PolicySet.from_str("\n".join(written))
        entities = module.Entities.from_json_str(json.dumps(_entities(family)))
        return cls(module, policies, entities, len(written))

    def ask(self, questions: Sequence[dict[str, str]]) -> list[bool]:
        """All answers, in order."""
        answers = self.module.is_authorized_batch(questions, self.policies, self.entities)
        return [answer.allowed for answer in answers]


def cedar_question(request: AccessRequest) -> dict[str, str]:
    """One of our questions, of a practitioner and about one person, as cedarpy takes it."""
    if not isinstance(request.recipient, Practitioner) or request.purpose is None:
        raise TypeError("only what a practitioner asks has an equivalent")
    context = {
        "category": request.category.value,
        "source": request.source.value,
        "purpose": request.purpose.value,
        "tells_where": not _WHERE.isdisjoint(request.labels),
    }
    return {
        "principal": f'Practitioner::"{request.recipient.id}"',
        "action": _READ if request.mode is Mode.CONTENT else _KNOW,
        "resource": f'Person::"{request.subjects[0]}"',
        "context": json.dumps(context),
    }


@dataclass(frozen=True, slots=True)
class _Word:
    """What one decision says of one person, in one mode, at a moment, and since when."""

    decision: SharingDecision
    since: datetime
    permits: bool

    @property
    def rank(self) -> tuple[datetime, bool]:
        """Greater is later; at the same moment a no is later than a yes."""
        return self.since, not self.permits


def _policies(family: Family, at: datetime) -> Iterator[str]:
    roles = " || ".join(f'principal in Role::"{role}"' for role in sorted(OPENS_FAMILY_RECORDS))
    yield f"forbid (principal, action, resource) unless {{ {roles} }};"
    agreement = in_force(family.on_record.agreements, at)
    if agreement is not None:
        covered = " || ".join(map(_rule, agreement.rules))
        yield f"forbid (principal, action, resource) unless {{ {covered} }};"
    related = f'principal in CaseLoad::"{family.number}"'
    yield f"forbid (principal, action, resource) unless {{ {related} }};"
    for restriction in family.on_record.restrictions:
        if restriction.is_in_force(at):
            yield _restriction(restriction)
    for person in family.persons:
        decisions = [
            decision
            for decision in family.on_record.decisions
            if person in decision.subjects
            and counts_at(decision, at)
            and not is_superseded(decision, at)
        ]
        for mode in Mode:
            yield from _about(person, mode, decisions, at)


def _about(
    person: PersonId, mode: Mode, decisions: Sequence[SharingDecision], at: datetime
) -> Iterator[str]:
    """Everybody's words about a person, and the duties that go over them for safeguarding."""
    words = [word for decision in decisions for word in _words(decision, mode, at)]
    duties = [d for d in decisions if d.basis in DUTIES and _holds(d, mode, at)]
    duty = [f'context.purpose == "{Purpose.SAFEGUARDING}" && ({_covers(d)})' for d in duties]
    for word in words:
        unless = [_covers(other.decision) for other in words if _goes_over(other, word)]
        effect = "permit" if word.permits else "forbid"
        exceptions = unless if word.permits else unless + duty
        yield _policy(effect, person, mode, _covers(word.decision), exceptions)
    for condition in duty:
        yield _policy("permit", person, mode, condition, [])


def _policy(
    effect: str, person: PersonId, mode: Mode, condition: str, exceptions: Sequence[str]
) -> str:
    action = _READ if mode is Mode.CONTENT else _KNOW
    unless = f" unless {{ {' || '.join(f'({e})' for e in exceptions)} }}" if exceptions else ""
    head = f'{effect} (principal, action == {action}, resource == Person::"{person}")'
    return f"{head} when {{ {condition} }}{unless};"


def _words(decision: SharingDecision, mode: Mode, at: datetime) -> Iterator[_Word]:
    if decision.response is Response.GIVEN and is_withdrawn(decision, at):
        yield _Word(decision, decision.withdrawn_at or at, permits=False)
    elif decision.response in _NOES | {Response.GIVEN} and _holds(decision, mode, at):
        permits = decision.response is Response.GIVEN
        if not permits or decision.basis not in DUTIES:
            yield _Word(decision, decision.decided_at, permits)


def _goes_over(other: _Word, word: _Word) -> bool:
    """Whether the other word takes this one's place wherever it covers the same."""
    own, theirs = word.decision.decided_by, other.decision.decided_by
    if own.kind is DeciderKind.PARENT and theirs.kind is DeciderKind.YOUNG_PERSON:
        return True
    return own == theirs and other.rank > word.rank


def _holds(decision: SharingDecision, mode: Mode, at: datetime) -> bool:
    wider = Mode.CONTENT if decision.response is Response.GIVEN else Mode.EXISTENCE
    return (
        decision.mode in {mode, wider}
        and not is_withdrawn(decision, at)
        and not has_expired(decision, at)
    )


def _covers(decision: SharingDecision) -> str:
    parts = [_among("category", decision.categories), _among("purpose", decision.purposes)]
    if decision.sources:
        parts.append(_among("source", decision.sources))
    if decision.recipients:
        parts.append(f"({' || '.join(map(_is_named, sorted(decision.recipients)))})")
    return " && ".join(parts)


def _is_named(recipient: Recipient) -> str:
    kind, _, name = recipient.partition(":")
    return f'principal in {_TYPES[kind]}::"{name}"'


def _among(name: str, codes: Iterable[str]) -> str:
    listed = ", ".join(f'"{code}"' for code in sorted(codes))
    return f"[{listed}].contains(context.{name})"


def _rule(rule: AgreementRule) -> str:
    agencies = " || ".join(f'principal in Agency::"{agency}"' for agency in sorted(rule.agencies))
    parts = [
        f"({agencies})",
        _among("category", rule.categories),
        _among("purpose", rule.purposes),
    ]
    if rule.sources:
        parts.append(_among("source", rule.sources))
    if Mode.CONTENT not in rule.modes:
        parts.append(f"action == {_KNOW}")
    return f"({' && '.join(parts)})"


def _restriction(restriction: Restriction) -> str:
    is_whole = restriction.protects(frozenset(), NOW)
    named = [f'principal == Practitioner::"{one}"' for one in sorted(restriction.allowed)]
    when = "" if is_whole else " when { context.tells_where }"
    unless = f" unless {{ {' || '.join(named)} }}" if named else ""
    return f'forbid (principal, action, resource == Person::"{restriction.subject}"){when}{unless};'


def _entities(family: Family) -> list[dict[str, Any]]:
    return [
        {
            "uid": {"type": "Practitioner", "id": practitioner.id},
            "attrs": {},
            "parents": [
                {"type": "Role", "id": practitioner.role},
                {"type": "Agency", "id": practitioner.agency},
                *([{"type": "CaseLoad", "id": str(family.number)}] * _is_related(practitioner)),
            ],
        }
        for practitioner in family.practitioners
    ]


def _is_related(practitioner: Practitioner) -> bool:
    return any(
        r.practitioner == practitioner.id and r.is_in_force(NOW) for r in practitioner.relationships
    )
