"""The addresses of the workbench. Only opaque ids, codes and days stand in them."""

from collections.abc import Mapping, Sequence
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Path

AUDIT = "/audit"
NAME_A_FAMILY = f"{AUDIT}/name-a-family"
LOOKS = f"{AUDIT}/looks"
ACCESS = f"{AUDIT}/access"
EXPLAIN = f"{AUDIT}/explain"
COULD_SEE = f"{AUDIT}/could-see"
REFUSALS = f"{AUDIT}/refusals"
DECISIONS = f"{AUDIT}/decisions"
UNUSUAL = f"{AUDIT}/unusual"
REVIEWS = f"{AUDIT}/reviews"
FAMILY_QUESTIONS = f"{AUDIT}/family-questions"
TIMINGS = f"{AUDIT}/timings"
INTEGRITY = f"{AUDIT}/integrity"
FIGURES = f"{AUDIT}/figures"
EXPORTS = f"{AUDIT}/exports"
NEW_EXPORT = f"{EXPORTS}/new"

_OPAQUE = r"^[A-Za-z0-9._~:-]{1,100}$"
LedgerEntryInPath = Annotated[str, Path(pattern=_OPAQUE)]
"""The id of an entry of the ledger in an address."""
ExportInPath = Annotated[str, Path(pattern=_OPAQUE)]
"""The id of an export in an address."""
HitInPath = Annotated[str, Path(pattern=_OPAQUE)]
"""The id of a look that a rule has found unusual in an address."""


def with_query(path: str, filters: Mapping[str, str | Sequence[str] | None]) -> str:
    """The address with the filters that are set; a list stands once for each that is chosen."""
    chosen = {name: value for name, value in filters.items() if value}
    return f"{path}?{urlencode(chosen, doseq=True)}" if chosen else path


# Pages of one thing: a decision, a hit, a review with whom a breach affects, a family's question.

ReviewItemInPath = Annotated[str, Path(pattern=_OPAQUE)]
"""The id of what waits for a review in an address: of an item of the queue, or of a hit."""
ONE_DECISION = f"{DECISIONS}/{{decision}}"
ONE_HIT = f"{UNUSUAL}/{{hit}}"
ONE_REVIEW = f"{REVIEWS}/{{review}}"
AFFECTED = f"{ONE_REVIEW}/affected"
ONE_FAMILY_QUESTION = f"{FAMILY_QUESTIONS}/{{item}}"
ONE_PROOF = f"{INTEGRITY}/proof/{{entry}}"
