"""Each time a partner used a practitioner's name, for that practitioner; and "this was not me".

Which families were asked for stands on each family's own page: here are only how many.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from consent.ledger import FieldValue, ledger_entry
from consent.ledger.events import LedgerEvent
from consent.ports import Ledger
from schemas.vocabulary import LabelledCode
from services.people.governance.queue import ItemKind, Queue, raise_item
from services.people.practitioners.people import SignedInPractitioner
from services.people.practitioners.permissions import Permission, entry_of_refusal
from services.people.staffing.postgres_names_used import PostgresNamesUsed

SHOWN_FOR: Final = timedelta(days=90)
"""How long back uses are told, and kept; the ledger has them for good."""


class UseKind(LabelledCode):
    """What a partner did in somebody's name."""

    FAMILIES = "families", "Showed families on its own screens"
    QUESTION = "question", "Asked whether something may be seen"


@dataclass(frozen=True, slots=True)
class NameUse:
    """One use: a token that their own was exchanged for, or the questions of an hour.

    `shown` and `refused` are how many families; `asked` how many questions. `disowned_at` is when
    they said that it was not them.
    """

    id: str
    kind: UseKind
    partner: str
    purpose: str
    at: datetime
    asked: int
    shown: int
    refused: int
    disowned_at: datetime | None


@dataclass(frozen=True, slots=True)
class NamesUsed:
    """What uses are kept with; every port joins one transaction."""

    uses: PostgresNamesUsed
    queue: Queue
    ledger: Ledger
    at: datetime


def uses_of(
    who: SignedInPractitioner, *, before: str | None, most: int, names: NamesUsed
) -> Sequence[NameUse]:
    """Uses of their own name, newest first; `before` is the id of the last that was told."""
    rows = names.uses.of(who.id, since=names.at - SHOWN_FOR, before=before, most=most)
    return [
        NameUse(
            row.id,
            UseKind(row.kind),
            row.partner_id,
            row.purpose,
            row.at,
            row.asked,
            row.shown,
            row.refused,
            row.disowned_at,
        )
        for row in rows
    ]


def disown(who: SignedInPractitioner, use: str, *, names: NamesUsed) -> bool:
    """Let governance know that it was not them, and end what the partner holds in their name.

    False, which is entered, where it is no use of their name; again changes nothing.
    """
    partner = names.uses.disown(use, who.id, at=names.at)
    if partner is None:
        names.ledger.append([entry_of_refusal(Permission.SIGNED_IN, who, at=names.at)])
        return False
    if partner.is_first:
        fields: dict[str, FieldValue] = {"use": use, "partner": partner.id}
        event = LedgerEvent.PRACTITIONER_USE_DISOWNED
        names.ledger.append([ledger_entry(event, fields, at=names.at, actor=who.actor)])
        raise_item(
            ItemKind.NAME_USED,
            f"partner:{partner.id}",
            by=who.actor,
            queue=names.queue,
            ledger=names.ledger,
            at=names.at,
        )
    return True
