"""What is on record about several persons who are one, as `decide` is to see it. Pure.

Whatever was recorded about any of them counts for all of them. What each decider said about one
of them stays a voice of its own: the mother on one record need not be the mother on the other,
and a permission that one gave later must not silence what the other refused.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from consent.model import Mode, Response, Restriction, SharingDecision
from consent.question import OnRecord
from schemas.identifiers import DecisionId, PersonId

_BEFORE_ANYTHING = datetime.min.replace(tzinfo=UTC)
_IS_UUID_7 = re.compile("[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")
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


def record_with_what_denies(
    found: OnRecord,
    members: Members,
    others: Sequence[tuple[OnRecord, datetime]],
) -> OnRecord:
    """What is on record about a person, and what denies about others, as it then denies theirs.

    `others` are those of whom one hand said that they are one with them, and from whom they were
    parted: each with until when something must have been on record. It permits nothing: what does
    not deny does not cross.
    """
    decisions = (
        _no_about(decision, members)
        for one, until in others
        for decision in one.decisions
        if decision.subjects.isdisjoint(members)
        and (since := _denied_since(decision)) is not None
        and since <= until
        and not any(_takes_back(later, decision) for later in one.decisions)
    )
    restrictions = (
        replace(restriction, subject=member)
        for one, until in others
        for restriction in still_crossing(
            one.restrictions, dict.fromkeys({r.subject for r in one.restrictions}, until)
        )
        for member in members
    )
    exclusions = (
        replace(exclusion, subject=member)
        for one, until in others
        for exclusion in one.exclusions
        if exclusion.since <= until
        for member in members
    )
    return replace(
        found,
        decisions=(*found.decisions, *decisions),
        restrictions=(*found.restrictions, *restrictions),
        exclusions=(*found.exclusions, *exclusions),
    )


def still_crossing(
    restrictions: Sequence[Restriction], until: Mapping[PersonId, datetime]
) -> Sequence[Restriction]:
    """Those that were first placed by when they cross, each list of its own time with them.

    A list that two hands changed since is that of the same restriction.
    """
    placed: dict[str, datetime] = {}
    for one in restrictions:
        placed[one.id] = min(one.placed_at, placed.get(one.id, one.placed_at))
    return [
        one for one in restrictions if placed[one.id] <= until.get(one.subject, _BEFORE_ANYTHING)
    ]


def _denied_since(decision: SharingDecision) -> datetime | None:
    """Since when it has denied anything; None where it never did."""
    match decision.response:
        case Response.GIVEN:
            return decision.withdrawn_at
        case Response.NOT_ASKED:
            return None
        case _:
            return recorded_at(decision)


def recorded_at(decision: SharingDecision) -> datetime:
    """When it came on record: its id tells, which no later state of it changes."""
    known = UUID(decision.id) if _IS_UUID_7.fullmatch(decision.id) else None
    if known is None:
        return decision.decided_at
    return datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=known.int >> 80)


def _takes_back(later: SharingDecision, no: SharingDecision) -> bool:
    """Whether the same decider has said yes since to all that this no is about, and stands by it.

    In its own voice that no says nothing any more; where it crosses it would have no voice.
    """
    stands = later.response is Response.GIVEN and later.until is None
    ended = (later.withdrawn_at, later.superseded_at, later.invalidated_at)
    proposed, confirmed_at = later.proposed, later.confirmed_at
    is_proposed = proposed is not None and (confirmed_at is None or confirmed_at < proposed.at)
    return (
        stands
        and not any(ended)
        and not is_proposed
        and later.decided_by == no.decided_by
        and later.decided_at > (no.withdrawn_at or no.decided_at)
        and later.mode is Mode.CONTENT
        and later.categories >= no.categories
        and later.purposes >= no.purposes
        and _reaches(later.sources, no.sources)
        and _reaches(later.recipients, no.recipients)
    )


def _reaches(some: frozenset[str], others: frozenset[str]) -> bool:
    """Whether what names these reaches all that what names those does; none named are all."""
    return not some or (bool(others) and some >= others)


def _no_about(decision: SharingDecision, members: Members) -> SharingDecision:
    """The same no about others, in a voice that says nothing else.

    A permission that was withdrawn says no from then on, and said nothing about them before.
    """
    no = replace(
        decision,
        subjects=frozenset(members),
        decided_by=replace(
            decision.decided_by, reference=f"{decision.decided_by.reference}/{decision.id}"
        ),
    )
    if decision.response is not Response.GIVEN or decision.withdrawn_at is None:
        return no
    since = decision.withdrawn_at
    return replace(
        no,
        response=Response.REFUSED,
        mode=Mode.EXISTENCE,
        decided_at=since,
        withdrawn_at=None,
        until=None,
    )


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
