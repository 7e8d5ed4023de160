"""Whoever turns out to be somebody who was erased: asked once more becomes known of them."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Protocol

from schemas.identifiers import PersonId
from services.platform.keys.hashing import EndedKind, Token, TokenKind

Ended = Sequence[tuple[Token, EndedKind]]
"""Tokens of numbers that are somebody's no longer."""

_KINDS = {kind.value: kind for kind in TokenKind}


class ComingAgain(Protocol):
    """What is left of those who were erased. Called before anything is kept of whoever comes."""

    def came(self, known: Mapping[PersonId, Collection[Token]]) -> None:
        """Bring back to each person, with all of their tokens, what is left of who they were.

        Again changes nothing. In the caller's transaction.
        """


def replaced(ended: Ended) -> list[Token]:
    """The numbers that were theirs until another took their place."""
    return [token for token, kind in ended if kind is EndedKind.SUPERSEDED]


def known_by_more(
    new: Iterable[tuple[PersonId, Token]],
    ended: Mapping[PersonId, Ended],
    held_by: Callable[[PersonId], Mapping[bytes, str]],
) -> Mapping[PersonId, Sequence[Token]]:
    """Of whom something is new, each with all that they are then known by."""
    learned: dict[PersonId, list[Token]] = {}
    for person, token in new:
        learned.setdefault(person, []).append(token)
    for person, tokens in ended.items():
        held = held_by(person)
        found = [token for token in replaced(tokens) if token.value not in held]
        if found:
            learned.setdefault(person, []).extend(found)
    return {
        person: [
            *(Token(_KINDS[k], v) for v, k in held_by(person).items() if k in _KINDS),
            *tokens,
        ]
        for person, tokens in sorted(learned.items())
    }
