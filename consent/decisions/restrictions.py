"""Protecting a person or their whereabouts: provisionally by one hand, lastingly by two.

What is asked here is what makes sense, whoever asks; whose hands they are is asked before
(services.decisions.protection).
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum

from consent.decisions.keeping import Deciding, news_of
from consent.errors import DecisionInvalidError
from consent.ledger import FieldValue, LedgerEntry, ledger_entry, new_entry_id
from consent.ledger.events import LedgerEvent
from consent.model import Restriction, RestrictionScope
from schemas.identifiers import PersonId, PractitionerId

LEAST_PEOPLE, LEAST_AGENCIES = 3, 2
"""So many may see a protected person at least: nobody is left dark to every service but one."""
ANSWERED_WITHIN = timedelta(hours=72)
"""After so long governance is told that nobody has answered; the restriction stays."""


class NoChange(StrEnum):
    """Why a restriction may not become what is asked for."""

    TOO_FEW = "fewer-than-three-people"
    ONE_AGENCY = "people-of-one-agency"
    NOT_ASKED_SAFELY = "the-protected-person-was-not-asked-safely"
    NOTHING = "changes-nothing"


@dataclass(frozen=True, slots=True)
class Change:
    """What a restriction is to become: lasting, for just these; or lifted, without `allowed`.

    `was_asked_safely` says that the protected person was asked where nobody could listen or press.
    """

    allowed: frozenset[PractitionerId] | None
    scope: RestrictionScope
    was_asked_safely: bool = False


def place_restriction(
    person: PersonId,
    scope: RestrictionScope,
    allowed: Collection[PractitionerId],
    *,
    actor: str,
    deciding: Deciding,
    is_provisional: bool = False,
    known_as: str | None = None,
) -> Restriction:
    """Protect a person or their whereabouts: from now on only the allow-list may know.

    `known_as` is the id of one that may be placed and lifted again. Raises DecisionInvalidError for
    a person whom nobody knows.
    """
    if not deciding.persons.exists(person):
        raise DecisionInvalidError("subject", "is-not-known")
    now = deciding.clock.now()
    restriction = Restriction(
        known_as or str(new_entry_id(now)),
        person,
        scope,
        frozenset(allowed),
        now,
        None,
        is_provisional,
    )
    deciding.decisions.place(restriction, actor=actor)
    deciding.places.protect_stored(person)
    fields: dict[str, FieldValue] = {"scope": scope}
    _tell(restriction, LedgerEvent.RESTRICTION_PLACED, fields, actor, deciding)
    return restriction


def why_no_change(
    current: Restriction, change: Change, agencies: Mapping[PractitionerId, str]
) -> NoChange | None:
    """Why it may not become this, if it may not; `agencies` says where each of them works.

    Who is not in it works nowhere, or opens no records, and counts for nobody.
    """
    opens = change.allowed is None or bool(change.allowed - current.allowed)
    opens |= change.scope is not current.scope and change.scope is RestrictionScope.LOCATION
    if change.allowed is not None:
        known = {one: agencies[one] for one in change.allowed if one in agencies}
        if len(known) < LEAST_PEOPLE or len(known) < len(change.allowed):
            return NoChange.TOO_FEW
        if len(set(known.values())) < LEAST_AGENCIES:
            return NoChange.ONE_AGENCY
        stays = (change.allowed, change.scope) == (current.allowed, current.scope)
        if stays and not current.is_provisional:
            return NoChange.NOTHING
    return NoChange.NOT_ASKED_SAFELY if opens and not change.was_asked_safely else None


def change_restriction(
    current: Restriction, change: Change, *, actor: str, warranted_by: str, deciding: Deciding
) -> Restriction:
    """Let it be what two hands have asked for: from now on; what it was before stays on record."""
    now = deciding.clock.now()
    if change.allowed is None:
        return lift_restriction(
            current.id, actor=actor, warranted_by=warranted_by, deciding=deciding
        )
    changed = replace(
        current,
        scope=change.scope,
        allowed=change.allowed,
        placed_at=now,
        is_provisional=False,
    )
    deciding.decisions.place(changed, actor=actor, warranted_by=warranted_by)
    deciding.places.protect_stored(current.subject)
    fields: dict[str, FieldValue] = {
        "scope": change.scope,
        "added": len(change.allowed - current.allowed),
        "removed": len(current.allowed - change.allowed),
    }
    _tell(changed, LedgerEvent.RESTRICTION_CHANGED, fields, actor, deciding)
    return changed


def lift_restriction(
    restriction_id: str, *, actor: str, deciding: Deciding, warranted_by: str | None = None
) -> Restriction:
    """End a restriction: from now on what else is on record decides again.

    Raises DecisionInvalidError where none of that id is in force.
    """
    now = deciding.clock.now()
    restriction = deciding.decisions.find_restriction(restriction_id)
    if restriction is None or not restriction.is_in_force(now):
        raise DecisionInvalidError("restriction", "is-not-in-force")
    lifted = replace(restriction, lifted_at=now)
    deciding.decisions.place(lifted, actor=actor, warranted_by=warranted_by)
    _tell(lifted, LedgerEvent.RESTRICTION_LIFTED, {}, actor, deciding)
    return lifted


def _tell(
    restriction: Restriction,
    event: LedgerEvent,
    more: Mapping[str, FieldValue],
    actor: str,
    deciding: Deciding,
) -> None:
    now, subject = deciding.clock.now(), restriction.subject
    deciding.outbox.add([news_of(subject, restriction.id, now)])
    fields: dict[str, FieldValue] = {"restriction": restriction.id, "subject": subject, **more}
    entry: LedgerEntry = ledger_entry(event, fields, at=now, actor=actor)
    deciding.ledger.append([entry])
