"""A data steward's look at who may be one: after the role check, and on the ledger. Pure.

Refusals are returned: they are answers, and their entry is kept.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from consent.ledger import FieldValue, ledger_entry
from consent.ledger_events import LedgerEvent
from schemas.identifiers import PersonId, PractitionerId
from schemas.vocabulary import LabelledCode, Role
from services.linking.claims import Claim, best_of
from services.linking.ports import Considering, Review, ReviewState
from services.linking.side_by_side import SideBySide, side_by_side
from services.linking.usable import usable


class NotShown(LabelledCode):
    """Why nothing is shown or done."""

    NOT_A_DATA_STEWARD = "not-a-data-steward", "Only a data steward may look at who may be one"
    NOT_KNOWN = "not-known", "There is no such review, or none that you may see"
    NOTHING_TO_COMPARE = "nothing-to-compare", "Of one of them nothing may be compared"


@dataclass(frozen=True, slots=True)
class Steward:
    """Who looks or answers."""

    id: PractitionerId
    role: Role

    @property
    def actor(self) -> str:
        """As the ledger names them."""
        return f"practitioner:{self.id}"


def list_reviews(
    who: Steward, states: Collection[ReviewState], *, considering: Considering
) -> Sequence[Review] | NotShown:
    """The reviews in these states but for those about somebody protected from this steward."""
    if who.role is not Role.DATA_STEWARD:
        return refuse(NotShown.NOT_A_DATA_STEWARD, who, considering)
    found = considering.reviews.listed(states)
    hidden = _protected({p for r in found for p in (r.one, r.other)}, who, considering)
    shown = [r for r in found if hidden.isdisjoint({r.one, r.other})]
    _enter(LedgerEvent.LINK_REVIEWS_LISTED, {"results": len(shown)}, who, considering)
    return shown


def show_review(review_id: str, who: Steward, *, considering: Considering) -> SideBySide | NotShown:
    """Both persons of a review side by side."""
    review = find_review(review_id, who, considering=considering)
    if isinstance(review, NotShown):
        return review
    return _shown(review.one, review.other, review, who, considering)


def compare_two(
    one: PersonId, other: PersonId, who: Steward, *, considering: Considering
) -> SideBySide | NotShown:
    """Any two persons side by side, also where nobody was asked about them."""
    if who.role is not Role.DATA_STEWARD:
        return refuse(NotShown.NOT_A_DATA_STEWARD, who, considering)
    if _protected({one, other}, who, considering):
        return refuse(NotShown.NOT_KNOWN, who, considering)
    return _shown(one, other, None, who, considering)


def find_review(review_id: str, who: Steward, *, considering: Considering) -> Review | NotShown:
    """The review, if this steward may see it; others are not told from those that are not there."""
    if who.role is not Role.DATA_STEWARD:
        return refuse(NotShown.NOT_A_DATA_STEWARD, who, considering)
    review = considering.reviews.find(review_id)
    if review is None or _protected({review.one, review.other}, who, considering):
        return refuse(NotShown.NOT_KNOWN, who, considering)
    return review


def refuse(why: NotShown, who: Steward, considering: Considering) -> NotShown:
    """The refusal, entered."""
    _enter(LedgerEvent.LINK_REVIEW_READ_REFUSED, {"because": why.value}, who, considering)
    return why


def _shown(
    one: PersonId, other: PersonId, review: Review | None, who: Steward, considering: Considering
) -> SideBySide | NotShown:
    now = considering.clock.now()
    allowed = usable([one, other], considering.clusters, considering.decisions, now)
    ones, others = _both(one, other, considering)
    best = best_of(
        allowed[one].of(ones, allowed[other]),
        allowed[other].of(others, allowed[one]),
        considering.weights,
    )
    if best is None:
        return refuse(NotShown.NOTHING_TO_COMPARE, who, considering)
    reviews = () if review is None else (review.id,)
    fields = {"review": reviews, "person": one, "other": other}
    _enter(LedgerEvent.LINK_REVIEW_READ, fields, who, considering)
    told = replace(
        best,
        one=_without_protected_place(best.one, who, considering),
        other=_without_protected_place(best.other, who, considering),
    )
    return side_by_side(told, review)


def _without_protected_place(claim: Claim, who: Steward, considering: Considering) -> Claim:
    """The claim without where they live, if somebody may live there of whom that is not told."""
    now = considering.clock.now()
    there = considering.places.restrictions_at(claim.facts)
    if all(who.id in r.allowed for r in there if r.is_in_force(now)):
        return claim
    return replace(claim, facts=replace(claim.facts, postcode=None, address=None))


def _both(
    one: PersonId, other: PersonId, considering: Considering
) -> tuple[Sequence[Claim], Sequence[Claim]]:
    """What is known of each; of two who were joined only what came for the one and the other.

    Otherwise whoever asks whether the join was right would see one of them beside themselves.
    """
    members = considering.clusters.members([one, other])
    are_one = other in members[one]
    ones, others = ((one,), (other,)) if are_one else (members[one], members[other])
    found = considering.facts.claims([*ones, *others])
    return _claims_of(ones, found), _claims_of(others, found)


def _claims_of(
    members: Sequence[PersonId], found: Mapping[PersonId, Sequence[Claim]]
) -> Sequence[Claim]:
    return [claim for member in members for claim in found.get(member, ())]


def _protected(
    persons: Collection[PersonId], who: Steward, considering: Considering
) -> frozenset[PersonId]:
    """Those with a restriction in force, of themselves or where they are, that leaves him out."""
    now = considering.clock.now()
    on_record = considering.decisions.on_record(persons)
    return frozenset(
        person
        for person, found in on_record.items()
        for restriction in found.restrictions
        if restriction.is_in_force(now) and who.id not in restriction.allowed
    )


def _enter(
    event: LedgerEvent, fields: Mapping[str, FieldValue], who: Steward, considering: Considering
) -> None:
    now = considering.clock.now()
    considering.ledger.append([ledger_entry(event, fields, at=now, actor=who.actor)])
