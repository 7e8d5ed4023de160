"""Invented pairs of people who may be one, compared as the real ones are."""

from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from schemas.identifiers import PersonId
from schemas.vocabulary import IdentifierScheme, Source
from services.people.linking.claims import Compared, IdentityClaim
from services.people.linking.facts import LinkFacts
from services.people.linking.ports import Review, ReviewState
from services.people.linking.scoring import score, shipped_weights
from services.people.linking.stewards_view import SideBySide, side_by_side
from services.people.practitioners.people import SignedInPractitioner
from services.portal.ports import PortalServices
from tests.support.portal.portal_builders import AT

Services = TypeVar("Services", bound=PortalServices)

SEEN = LinkFacts(
    given_names=frozenset({"OTTOLINE"}),
    family_names=frozenset({"QUILLFEATHER"}),
    date_of_birth="2019-04-17",
    postcode="ZZ99ZZ",
    address="1WHEREWITHALLANE",
    numbers=((IdentifierScheme.NHS_NUMBER, "9990000018"),),
)
MOVED = replace(
    SEEN,
    postcode="EX11AA",
    address="4BROOKSTREET",
    numbers=((IdentifierScheme.UPN, "T999200119011"),),
)
MISDATED = replace(MOVED, postcode=SEEN.postcode, address=SEEN.address, date_of_birth="2019-04-18")


@dataclass(slots=True, repr=False)
class InventedPair:
    """A review of two, and what the two sources say of them; `side` is None if nothing may be."""

    review: Review
    side: SideBySide | None


@dataclass(frozen=True, slots=True)
class StewardWorld(Generic[Services]):
    """Services with three pairs waiting, by the ids of their reviews.

    In `alike` all but the home agrees, in `misdated` all but a digit of the date of birth; of
    `hidden` one is protected from the steward. `practitioner` is no steward, `second` is another.
    """

    services: Services
    steward: SignedInPractitioner
    second: SignedInPractitioner
    practitioner: SignedInPractitioner
    alike: str
    misdated: str
    hidden: str


def a_pair(
    review: str = "review-0001",
    one: LinkFacts = SEEN,
    other: LinkFacts = MOVED,
    state: ReviewState = ReviewState.WAITING,
) -> InventedPair:
    """Invent two whom health visiting and a school know."""
    claims = [
        IdentityClaim(PersonId(f"{review}-{side}"), source, facts, AT)
        for side, source, facts in (
            ("one", Source.HEALTH_VISITING, one),
            ("other", Source.SCHOOLS, other),
        )
    ]
    weights = shipped_weights()
    found = score(one, other, weights)
    persons = claims[0].person, claims[1].person
    opened = Review(review, *persons, found.bits, weights.version, state, AT)
    return InventedPair(opened, side_by_side(Compared(claims[0], claims[1], found), opened))
