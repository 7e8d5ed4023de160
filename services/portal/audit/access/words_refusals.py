"""How often what was refused, and why, in words."""

from collections.abc import Iterable
from dataclasses import dataclass

from consent.ledger.events import LedgerEvent
from services.portal.audit.access.words_access import reason_in_words, what_in_words


@dataclass(frozen=True, slots=True)
class RefusalCount:
    """One kind of refusal, and how often it came."""

    what: str
    why: tuple[str, ...]
    times: int


def refusal_counts(counts: Iterable[tuple[LedgerEvent, str, int]]) -> tuple[RefusalCount, ...]:
    """Say each kind, the most frequent first as they come."""
    return tuple(
        RefusalCount(
            what_in_words(event), tuple(reason_in_words(code) for code in why.split("+")), times
        )
        for event, why, times in counts
    )
