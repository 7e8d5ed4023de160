"""What is on record about several persons who are one, as `decide` is to see it. Pure.

Whatever was recorded about any of them counts for all of them. What each decider said about one
of them stays a voice of its own: the mother on one record need not be the mother on the other,
and a permission that one gave later must not silence what the other refused.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from consent.model import LegitimateRelationship, SharingDecision
from consent.question import OnRecord
from schemas.identifiers import DecisionId, PersonId

Members = Sequence[PersonId]
"""All who are one person; the one whose id is known outside comes first."""


def joined_record(
    stored: Mapping[PersonId, OnRecord], clusters: Mapping[PersonId, Members]
) -> Mapping[PersonId, OnRecord]:
    """For each person of `clusters` what is on record about any who are one with them.

    `stored` has what was recorded about each member of each cluster by itself.
    """
    joined = {m: members for members in clusters.values() if len(members) > 1 for m in members}
    if not joined:
        return {person: stored[person] for person in clusters}
    decisions = {d.id: d for found in stored.values() for d in found.decisions}
    seen = {key: _about_all(decision, joined) for key, decision in decisions.items()}
    return {
        person: _together([stored[member] for member in members], members, seen)
        for person, members in clusters.items()
    }


def relationships_with_all(
    stored: Sequence[LegitimateRelationship], clusters: Mapping[PersonId, Members]
) -> Sequence[LegitimateRelationship]:
    """A relationship with one of several who are one is a relationship with all of them."""
    joined = {m: members for members in clusters.values() for m in members}
    return [
        replace(relationship, subject=member)
        for relationship in stored
        for member in joined.get(relationship.subject, (relationship.subject,))
    ]


def _together(
    found: Sequence[OnRecord],
    members: Members,
    seen: Mapping[DecisionId, SharingDecision],
) -> OnRecord:
    decisions = dict.fromkeys(decision.id for one in found for decision in one.decisions)
    return OnRecord(
        tuple(seen[key] for key in decisions),
        tuple(
            replace(restriction, subject=member)
            for one in found
            for restriction in one.restrictions
            for member in members
        ),
        found[0].agreements,
        tuple(
            replace(exclusion, subject=member)
            for one in found
            for exclusion in one.exclusions
            for member in members
        ),
    )


def _about_all(decision: SharingDecision, joined: Mapping[PersonId, Members]) -> SharingDecision:
    """The decision about everybody who is one with a subject, in a voice of its subjects' own."""
    named = decision.subjects & joined.keys()
    if not named:
        return decision
    by = decision.decided_by
    voice = _voice_of(by.reference, sorted(named), joined)
    return replace(
        decision,
        subjects=decision.subjects.union(*(joined[subject] for subject in named)),
        decided_by=replace(by, reference=voice),
    )


def _voice_of(reference: str, named: Sequence[PersonId], joined: Mapping[PersonId, Members]) -> str:
    """The decider's own where only those known outside are named; else apart, by who was named."""
    if all(joined[subject][0] == subject for subject in named):
        return reference
    return "/".join((reference, *named))
