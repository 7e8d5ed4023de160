"""What a case says of decisions and versions: all from its entries, and so checked. Pure.

States of decisions stand in rows that no case holds. The ledger holds a salted hash of each
(`row:bound`); a case says it, with the entry that does, and with the entries that tell what became
of the decision. A decision's own document, which may hold who decided, is in no case.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from consent.deciding.record import POLICY_VERSION
from consent.ledger import LedgerEntry
from consent.ledger.events import LedgerEvent
from services.ledger.binding import hash_of_key

_DECISION = "sharing-decision:"
_TABLE = "sharing_decision"
_CODE = "sharing-decision"


@dataclass(frozen=True, slots=True)
class ToldByEntry:
    """What an entry says that a case's documents say again."""

    index: int
    decisions: tuple[str, ...] = ()
    decided_from: tuple[str, ...] = ()
    policy_version: str | None = None
    adoption: Mapping[str, str] | None = None
    bound: tuple[str, int, str] | None = None


def told_of(index: int, entry: LedgerEntry) -> ToldByEntry:
    """Take from an entry what is said again."""
    fields = entry.fields
    is_of_decision = entry.event.startswith(_DECISION) or entry.event is LedgerEvent.RECEIPT_ISSUED
    version = fields.get("policy_version")
    adoption = None
    if entry.event is LedgerEvent.AGREEMENT_ADOPTED:
        adoption = {name: str(fields[name]) for name in ("adoption", "version", "sha256")}
    bound = None
    if entry.event is LedgerEvent.ROW_BOUND and fields["table"] == _CODE:
        bound = (str(fields["row"]), _number(fields["state"]), str(fields["held"]))
    return ToldByEntry(
        index,
        _texts(fields.get("decision")) if is_of_decision else (),
        _texts(fields.get("decided_from")),
        str(version) if isinstance(version, str) else None,
        adoption,
        bound,
    )


def named_decisions(told: Iterable[ToldByEntry]) -> list[str]:
    """Which decisions entries were decided from, or are about."""
    return sorted({one for each in told for one in (*each.decisions, *each.decided_from)})


def decisions_told(told: Sequence[ToldByEntry]) -> dict[str, Any]:
    """What entries say of every decision of which one of them tells what became of it."""
    about: dict[str, list[int]] = {}
    for each in told:
        for one in each.decisions:
            about.setdefault(one, []).append(each.index)
    rows: dict[str, list[tuple[int, str, int]]] = {}
    for each in told:
        if each.bound is not None:
            row, state, held = each.bound
            rows.setdefault(row, []).append((state, held, each.index))
    return {
        "decisions": [
            {
                "decision": one,
                "entries": about.get(one, []),
                "states": [
                    {"state": state, "held": held, "entry": index}
                    for state, held, index in sorted(rows.get(_row_of(one), []))
                ],
            }
            for one in sorted(about)
        ]
    }


def versions_told(
    told: Sequence[ToldByEntry], chosen: set[int], like: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """By which rules and agreements the chosen entries were decided, and when those were adopted.

    `like` is a document whose version of the program's own rules is taken.
    """
    rules = POLICY_VERSION if like is None else like.get("rules_of_this_program")
    return {
        "rules_of_this_program": rules,
        "policy_versions": sorted(
            {each.policy_version for each in told if each.policy_version and each.index in chosen}
        ),
        "agreements": [
            {**each.adoption, "entry": each.index} for each in told if each.adoption is not None
        ],
    }


def _row_of(decision: str) -> str:
    return hash_of_key(_TABLE, [decision])


def _texts(value: object) -> tuple[str, ...]:
    match value:
        case str():
            return (value,)
        case tuple() | list():
            return tuple(map(str, value))
        case _:
            return ()


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0
