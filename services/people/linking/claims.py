"""What is known of two persons, claim by claim, as the scorer needs it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import product

from schemas.identifiers import PersonId
from schemas.vocabulary import Source
from services.people.linking.comparing import Level
from services.people.linking.facts import LinkFacts
from services.people.linking.objections import Objection
from services.people.linking.scoring import Band, Score, Weights, score


@dataclass(frozen=True, slots=True, repr=False)
class IdentityClaim:
    """What one source says, or once said, about who somebody is; `person` is who it came for."""

    person: PersonId
    source: Source
    facts: LinkFacts
    seen_at: datetime


@dataclass(frozen=True, slots=True, repr=False)
class Compared:
    """Two claims about two persons and how far they agree."""

    one: IdentityClaim
    other: IdentityClaim
    score: Score


def best_of(
    one: Sequence[IdentityClaim], other: Sequence[IdentityClaim], weights: Weights
) -> Compared | None:
    """The two claims that agree most, with the band that follows for the persons; None without any.

    What sources say now counts for a join, and nothing of it may speak against one: a name that
    was wrong once, and is corrected, must not join twins. A claim that says too little, or of
    another home, speaks against nothing. What sources once said can still make somebody look.
    What speaks finally against it does so whichever claims it is in.
    """
    one, other = _knowing_what_was_replaced(one), _knowing_what_was_replaced(other)
    pairs = [Compared(a, b, score(a.facts, b.facts, weights)) for a, b in product(one, other)]
    if not pairs:
        return None
    current = {id(claim) for claim in (*newest(one), *newest(other))}
    now = [p for p in pairs if {id(p.one), id(p.other)} <= current]
    best = max(pairs, key=_worth)
    best_now = max(now, key=_worth)
    final = [o for p in pairs for o in p.score.objections if o.is_final]
    if final:
        return replace(best, score=_with_band(best, Band.SEPARATE, final))
    against = [o for p in now for o in p.score.objections if not o.is_of_the_pair]
    if best_now.score.band is Band.JOIN and not against:
        return best_now
    if best.score.band is Band.SEPARATE:
        return best
    return replace(best, score=_with_band(best, Band.REVIEW, against))


def why_codes(compared: Compared) -> tuple[str, ...]:
    """What speaks for and against, as codes for the ledger: fields and levels, nothing personal."""
    levels = compared.score.levels
    known = ((f, level) for f, level in levels.items() if level is not Level.NOT_KNOWN)
    fields = tuple(f"{field}:{level}" for field, level in known)
    return (*fields, *(f"objection:{objection}" for objection in compared.score.objections))


def newest(claims: Iterable[IdentityClaim]) -> Sequence[IdentityClaim]:
    """What each source said last of each of the persons; of one moment, the later in order."""
    latest: dict[tuple[PersonId, Source], IdentityClaim] = {}
    for claim in claims:
        known = latest.get((claim.person, claim.source))
        if known is None or claim.seen_at >= known.seen_at:
            latest[claim.person, claim.source] = claim
    return list(latest.values())


def _knowing_what_was_replaced(claims: Sequence[IdentityClaim]) -> Sequence[IdentityClaim]:
    """A number that any source says was replaced is replaced for the person, and nobody else."""
    former = dict.fromkeys(n for claim in newest(claims) for n in claim.facts.former_numbers)
    if not former:
        return claims
    replaced = tuple(former)
    return [replace(c, facts=replace(c.facts, former_numbers=replaced)) for c in claims]


def _worth(pair: Compared) -> tuple[bool, float]:
    return pair.score.band is not Band.SEPARATE, pair.score.bits


def _with_band(pair: Compared, band: Band, against: Iterable[Objection]) -> Score:
    found = pair.score
    objections = tuple(dict.fromkeys((*found.objections, *against)))
    return replace(found, band=band, objections=objections)


def have_no_first_name(own: LinkFacts, claims: Sequence[IdentityClaim]) -> bool:
    """Whether none of these has a first name in common with them."""
    given = {name for claim in claims for name in claim.facts.given_names}
    return own.given_names.isdisjoint(given)
