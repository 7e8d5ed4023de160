"""A data steward's look at who may be one: after the role check, and on the ledger. Pure.

Refusals are returned: they are answers, and their entry is kept.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from consent.ledger import FieldValue, ledger_entry
from consent.ledger.events import LedgerEvent
from schemas.identifiers import PersonId, PractitionerId
from schemas.vocabulary import LabelledCode, Role, Source
from services.people.linking.claims import Compared, IdentityClaim, best_of
from services.people.linking.comparing import Field, Level
from services.people.linking.facts import LinkFacts
from services.people.linking.objections import Objection
from services.people.linking.ports import Considering, Review, ReviewState, usable
from services.people.linking.scoring import Band

# Two persons side by side, field by field.


@dataclass(frozen=True, slots=True, repr=False)
class FieldLine:
    """One field of both: what is known, how far it agrees, and what that is worth in bits."""

    field: Field
    one: str | None
    other: str | None
    level: Level
    bits: float


@dataclass(frozen=True, slots=True, repr=False)
class SideBySide:
    """What somebody is shown; `review` is None where nobody is asked about the two."""

    review: Review | None
    one: PersonId
    other: PersonId
    one_source: Source
    other_source: Source
    band: Band
    bits: float
    lines: tuple[FieldLine, ...]
    objections: tuple[Objection, ...]


def side_by_side(compared: Compared, review: Review | None) -> SideBySide:
    """The two claims that agree most, in words; the persons are those that the claims came for."""
    found = compared.score
    return SideBySide(
        review,
        compared.one.person,
        compared.other.person,
        compared.one.source,
        compared.other.source,
        found.band,
        found.bits,
        tuple(_line(field, compared) for field in Field),
        found.objections,
    )


def _line(field: Field, compared: Compared) -> FieldLine:
    one, other = (_value(field, claim) for claim in (compared.one, compared.other))
    score = compared.score
    return FieldLine(field, one, other, score.levels[field], score.weights[field])


def _value(field: Field, claim: IdentityClaim) -> str | None:
    facts = claim.facts
    values = {
        Field.GIVEN: " ".join(sorted(facts.given_names)),
        Field.FAMILY: " ".join(sorted(facts.family_names)),
        Field.BORN: facts.date_of_birth,
        Field.POSTCODE: facts.postcode,
        Field.ADDRESS: facts.address,
        Field.NUMBER: _numbers(facts),
    }
    return values[field] or None


def _numbers(facts: LinkFacts) -> str:
    """Every number, verified ones by scheme; what was replaced is said to be."""
    verified = (f"{scheme.label} {value}" for scheme, value in facts.numbers)
    former = (f"formerly {scheme.label} {value}" for scheme, value in facts.former_numbers)
    stated = (f"not verified {facts.stated_number}",) if facts.stated_number else ()
    return ", ".join((*verified, *former, *stated))


class NotShown(LabelledCode):
    """Why nothing is shown or done."""

    NOT_A_DATA_STEWARD = "not-a-data-steward", "Only a data steward may look at who may be one"
    NOT_KNOWN = "not-known", "There is no such review, or none that you may see"
    NOTHING_TO_COMPARE = "nothing-to-compare", "Of one of them nothing may be compared"


@dataclass(frozen=True, slots=True)
class Steward:
    """Who looks or answers; `account` where it is an operator, who is on nobody's allow-list."""

    id: PractitionerId
    role: Role
    account: str | None = None

    @classmethod
    def operating(cls, account: str) -> "Steward":
        """Whoever types a command on the server, as the ledger names them: is shown nobody."""
        return cls(PractitionerId(""), Role.DATA_STEWARD, account)

    @property
    def actor(self) -> str:
        """As the ledger names them."""
        return self.account or f"practitioner:{self.id}"


def list_reviews(
    who: Steward, states: Collection[ReviewState], *, considering: Considering
) -> Sequence[Review] | NotShown:
    """The reviews in these states but for those about somebody protected from this steward.

    What waits for another hand than theirs is not theirs to answer, and not listed for them.
    """
    if who.role is not Role.DATA_STEWARD:
        return refuse(NotShown.NOT_A_DATA_STEWARD, who, considering)
    found = considering.reviews.listed(states)
    hidden = _protected({p for r in found for p in (r.one, r.other)}, who, considering)
    may_see = [r for r in found if hidden.isdisjoint({r.one, r.other})]
    shown = [r for r in may_see if not _is_own(r, who, considering)]
    _enter(LedgerEvent.LINK_REVIEWS_LISTED, {"results": len(shown)}, who, considering)
    return shown


def _is_own(review: Review, who: Steward, considering: Considering) -> bool:
    if not review.state.waits_for_another or review.answered_by is None:
        return False
    return considering.joining.are_one(review.answered_by, who.actor)


def show_review(review_id: str, who: Steward, *, considering: Considering) -> SideBySide | NotShown:
    """Both persons of a review side by side."""
    review = find_review(review_id, who, considering=considering)
    if isinstance(review, NotShown):
        return review
    if who.account is not None:
        return refuse(NotShown.NOT_A_DATA_STEWARD, who, considering)
    return _shown(review.one, review.other, review, who, considering)


def compare_two(
    one: PersonId, other: PersonId, who: Steward, *, considering: Considering
) -> SideBySide | NotShown:
    """Any two persons side by side, also where nobody was asked about them."""
    if who.role is not Role.DATA_STEWARD or who.account is not None:
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
    allowed = usable([one, other], considering.members, considering.decisions, now)
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


def _without_protected_place(
    claim: IdentityClaim, who: Steward, considering: Considering
) -> IdentityClaim:
    """The claim without where they live, if somebody may live there of whom that is not told."""
    now = considering.clock.now()
    there = considering.restrictions_at(claim.facts)
    if all(who.id in r.allowed for r in there if r.is_in_force(now)):
        return claim
    return replace(claim, facts=replace(claim.facts, postcode=None, address=None))


def _both(
    one: PersonId, other: PersonId, considering: Considering
) -> tuple[Sequence[IdentityClaim], Sequence[IdentityClaim]]:
    """What is known of each; of two who were joined only what came for the one and the other.

    Otherwise whoever asks whether the join was right would see one of them beside themselves.
    """
    members = considering.said_to_be([one, other])
    are_one = other in members[one]
    ones, others = ((one,), (other,)) if are_one else (members[one], members[other])
    found = considering.facts.claims([*ones, *others])
    return _claims_of(ones, found), _claims_of(others, found)


def _claims_of(
    members: Sequence[PersonId], found: Mapping[PersonId, Sequence[IdentityClaim]]
) -> Sequence[IdentityClaim]:
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
