"""Whose tokens are, and whether they speak against each other. Pure."""

from collections.abc import Collection, Iterable, Mapping, Sequence

from schemas.identifiers import PersonId
from services.platform.keys.hashing import NUMBERS, Token, TokenKind

Owners = Mapping[bytes, set[PersonId]]
"""Whose each token is."""


def persons_of(
    tokens: Iterable[Token], owners: Owners, kinds: Collection[TokenKind]
) -> set[PersonId]:
    """Who has any of these tokens of these kinds."""
    return {
        person for token in tokens if token.kind in kinds for person in owners.get(token.value, ())
    }


def told_of_by_its_source(
    tokens: Sequence[Token], owners: Owners, found: Collection[PersonId]
) -> PersonId:
    """Of several who are one always the same: whom the source names by the number of its own.

    So what a source says of somebody stays in one place, whatever else it tells of them.
    """
    own_first = sorted(tokens, key=lambda token: list(TokenKind).index(token.kind), reverse=True)
    numbers_first = sorted(own_first, key=lambda token: token.kind not in NUMBERS)
    named = (person for t in numbers_first for person in sorted(owners.get(t.value, ())))
    return next(person for person in named if person in found)


def has_other_number(
    tokens: Iterable[Token], former: Iterable[Token], known: Mapping[bytes, str]
) -> bool:
    """A local authority may know one child by several ids; NHS numbers and UPNs are one each.

    What the subject itself says was replaced is no other number.
    """
    single = {TokenKind.NHS_NUMBER, TokenKind.UPN}
    replaced = {token.value for token in former}
    held = {kind: value for value, kind in known.items() if value not in replaced}
    return any(
        token.kind in single and token.value not in known and token.kind in held for token in tokens
    )
