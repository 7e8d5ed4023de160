"""Which person of ours somebody is whom a provider has proved: one, or nobody. Pure.

It links nobody to anybody: whoever does not match is asked to come to the hub. An NHS number, or
an address, has to stand in the same source's word as name and date of birth. No source sends the
number of an address (UPRN): its first line and postcode in one spelling stand for it.
"""

from collections.abc import Collection, Mapping, Sequence

from schemas.identifiers import PersonId
from schemas.vocabulary import IdentifierScheme
from services.people.family_access.getting_in.ports import ProvedIdentity
from services.people.linking.claims import IdentityClaim
from services.people.linking.facts import LinkFacts


def who_it_is(
    proved: ProvedIdentity,
    known: Mapping[PersonId, Sequence[IdentityClaim]],
    as_one: Mapping[PersonId, PersonId],
) -> PersonId | None:
    """The one whom it means; `as_one` gives for each of `known` whom they are one with.

    (1) One hit only. (2) Nobody of whom any source says that they are protected, or whose identity
    an adoption left behind; that there is such a one makes it nobody, also beside another hit.
    """
    hits = {as_one[person] for person, claims in known.items() if is_meant(proved, claims)}
    if len(hits) != 1:  # (1)
        return None
    (hit,) = hits
    of_hit = [c for person, claims in known.items() if as_one[person] == hit for c in claims]
    is_kept = any(claim.facts.is_protected or claim.facts.is_former for claim in of_hit)
    return None if is_kept else hit  # (2)


def is_meant(proved: ProvedIdentity, claims: Collection[IdentityClaim]) -> bool:
    """Whether a source's word of somebody agrees in all that is asked, and none contradicts it."""
    numbers = {n for claim in claims for n in _nhs_numbers(claim.facts)}
    if proved.nhs_number and numbers and proved.nhs_number not in numbers:
        return False
    return any(_agrees(proved, claim.facts) for claim in claims)


def _agrees(proved: ProvedIdentity, facts: LinkFacts) -> bool:
    """Name, date of birth, and what tells two of one name apart."""
    is_born = facts.date_of_birth == proved.born.isoformat()
    is_named = proved.family_names <= facts.family_names and proved.given_names[0] in (
        facts.given_names
    )
    is_theirs = proved.nhs_number is not None and proved.nhs_number in _nhs_numbers(facts)
    at_home = (facts.address, facts.postcode) in proved.homes
    return is_born and is_named and (is_theirs or at_home)


def _nhs_numbers(facts: LinkFacts) -> Collection[str]:
    return [value for scheme, value in facts.numbers if scheme is IdentifierScheme.NHS_NUMBER]
