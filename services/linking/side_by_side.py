"""Two persons side by side, field by field, for whoever decides whether they are one. Pure."""

from dataclasses import dataclass

from schemas.identifiers import PersonId
from schemas.vocabulary import Source
from services.linking.claims import Claim, Compared
from services.linking.comparing import Field, Level
from services.linking.facts import LinkFacts
from services.linking.holding_back import Objection
from services.linking.ports import Review
from services.linking.scoring import Band


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


def _value(field: Field, claim: Claim) -> str | None:
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
