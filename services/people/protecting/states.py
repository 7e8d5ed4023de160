"""From the states of restrictions and exclusions to what protects, and from when until when.

A restriction's allow-list changes by two hands; each list is a restriction of its own time, under
the same id, so that the past is told as it was. Of what is not as it was written nobody can say
whom it let in or kept out, or that it had ended: it protects from everybody.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from consent.model import Exclusion, Restriction, RestrictionScope
from schemas.identifiers import PersonId, PractitionerId
from services.ledger.binding import BoundTable
from services.ledger.bound_tables import EXCLUSIONS, RESTRICTIONS

Told = Mapping[str, Any]
"""One row, by its columns."""
Holds = Callable[[BoundTable, Told], bool]
"""Whether a row is as it was written."""

_ALWAYS = datetime(1970, 1, 1, tzinfo=UTC)
_TIMES = frozenset({"placed_at", "lifted_at", "since", "until", "known_at"})
_BYTES = frozenset({"salt", "seal", "named"})


def restrictions_from(rows: Iterable[Told], holds: Holds) -> Sequence[Restriction]:
    """The restrictions that these rows, with all states of each, tell of."""
    found: list[Restriction] = []
    states: dict[str, dict[datetime, Restriction]] = {}
    for row in sorted(rows, key=lambda row: int(row["state"])):
        if holds(RESTRICTIONS, row):
            states.setdefault(row["restriction_id"], {})[row["placed_at"]] = _restriction(row)
        else:
            found.append(_from_everybody(row))
    for of_one in states.values():
        ordered = [of_one[placed] for placed in sorted(of_one)]
        ends = [later.placed_at for later in ordered[1:]]
        found += [
            one if one.lifted_at is not None else replace(one, lifted_at=end)
            for one, end in zip(ordered, [*ends, None], strict=True)
        ]
    return found


def exclusions_from(rows: Iterable[Told], holds: Holds) -> Sequence[Exclusion]:
    """The exclusions of which these rows, with all states of each, tell.

    One that named nobody who works here keeps out nobody.
    """
    found: list[Exclusion] = []
    newest: dict[str, Exclusion] = {}
    for row in sorted(rows, key=lambda row: int(row["state"])):
        person = PersonId(row["person_id"])
        if not holds(EXCLUSIONS, row):
            found.append(Exclusion(row["exclusion_id"], person, None, _ALWAYS))
        elif row["practitioner_id"] is not None:
            newest[row["exclusion_id"]] = Exclusion(
                row["exclusion_id"],
                person,
                PractitionerId(row["practitioner_id"]),
                row["since"],
                row["until"],
                frozenset(map(PractitionerId, row.get("also") or ())),
            )
    return [*newest.values(), *found]


def row_told(told: Told) -> Told:
    """A row that came as JSON, with the types that the driver would have given it."""
    return {name: _typed(name, value) for name, value in told.items()}


def _typed(name: str, value: Any) -> Any:
    if value is None:
        return None
    if name in _BYTES:
        return bytes.fromhex(value.removeprefix("\\x"))
    if name in _TIMES and value[:1].isdigit():  # else it is one that nobody here has written
        return datetime.fromisoformat(value)
    return UUID(value) if name == "bound_by" else value


def _restriction(row: Told) -> Restriction:
    return Restriction(
        row["restriction_id"],
        PersonId(row["person_id"]),
        RestrictionScope(row["scope"]),
        frozenset(PractitionerId(one) for one in row["allowed"]),
        row["placed_at"],
        row["lifted_at"],
        row["is_provisional"],
    )


def _from_everybody(row: Told) -> Restriction:
    person, scope = PersonId(row["person_id"]), RestrictionScope.PERSON
    return Restriction(row["restriction_id"], person, scope, frozenset(), _ALWAYS)
