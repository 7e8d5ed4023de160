"""What became of a decision, as its confirmation says it."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Done:
    """The confirmation's heading, and what follows from it."""

    heading: str
    follows: str


_DONE: Mapping[str, Done] = {
    "recorded": Done(
        "Decision recorded",
        "It is in force now, and it is in the ledger. Records that it allows may take a few "
        "minutes to arrive.",
    ),
    "replaced": Done(
        "Decision replaced",
        "The new decision is in force now, and the one before it says nothing more. Both are in "
        "the ledger.",
    ),
    "withdrawn": Done(
        "Decision withdrawn",
        "It is in force now: what it allowed is no longer shown, and is being removed from the "
        "shared profile.",
    ),
    "objected": Done(
        "Objection recorded",
        "It is in force now: what is objected to is no longer shown, and is being removed from "
        "the shared profile. The decision that it objects to stays on record.",
    ),
    "ended": Done(
        "Decision ended",
        "It says nothing more from now on. What else was decided about the family counts.",
    ),
    "invalidated": Done(
        "Decision marked as invalid",
        "It never counted. What it replaced stands again; what it allowed is being removed from "
        "the shared profile, and what it refused may be shared again.",
    ),
}


def outcome_in_words(outcome: str) -> Done:
    """Say what became of a decision; raises KeyError for an outcome that there is not."""
    return _DONE[outcome]
