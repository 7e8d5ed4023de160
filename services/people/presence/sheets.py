"""A sheet to write on while nobody has confirmed who is there: it shows nothing that is held.

What is written is joined to nobody until the presence is confirmed. A no alone counts at once, and
whoever writes is told the same whether or not anybody is known.
"""

from collections.abc import Sequence

import orjson

from consent.errors import DecisionInvalidError
from consent.ledger import FieldValue, new_entry_id
from consent.ledger.events import LedgerEvent
from schemas.identifiers import DecisionId
from schemas.vocabulary import Category
from services.people.governance.queue import ItemKind, raise_item
from services.people.practitioners.people import SignedInPractitioner
from services.people.presence.beginning import own_presence, still_open
from services.people.presence.model import PresenceBegun, Sheet
from services.people.presence.ports import Presences
from services.platform.keys.sealing import open_at_rest, seal_at_rest


def write_sheet(
    presence_id: str, sheet: Sheet, who: SignedInPractitioner, *, presences: Presences
) -> bool:
    """Keep a sheet, sealed, and let governance know; whether the visit is the practitioner's."""
    presence = own_presence(presence_id, who, presences=presences)
    if presence is None:
        return False
    sheet_id = str(new_entry_id(presences.at))
    sealed = seal_at_rest(presences.sheet_key, _document(sheet), bound_to=_bound_to(sheet_id))
    presences.rows.write(sheet_id, presence.id, sealed, at=presences.at)
    decision = _refuse_at_once(presence, sheet, who, presences)
    fields: dict[str, FieldValue] = {
        "presence": presence.id,
        "sheet": sheet_id,
        "refused": sheet.refused,
        "decision": [] if decision is None else [decision],
    }
    presences.enter(LedgerEvent.PRESENCE_SHEET_WRITTEN, fields, by=who.actor)
    if presences.rows.confirmed(presence.id) is None:
        raise_item(
            ItemKind.UNCONFIRMED_PRESENCE,
            presence.id,
            by=who.actor,
            person=presence.person,
            queue=presences.queue,
            ledger=presences.ledger,
            at=presences.at,
        )
    return True


def sheets_of(
    presence_id: str, who: SignedInPractitioner, *, presences: Presences
) -> Sequence[Sheet]:
    """What was written in a presence that is confirmed and open, for who wrote it."""
    presence = own_presence(presence_id, who, presences=presences)
    if presence is None or still_open(presence, presences=presences) is None:
        return []
    return sheets_written(presence_id, presences=presences)


def sheets_written(presence_id: str, *, presences: Presences) -> Sequence[Sheet]:
    """The same, opened whoever asks: for somebody's own report of what is held, and only there."""
    return [
        _sheet(open_at_rest(presences.sheet_key, sealed, bound_to=_bound_to(sheet_id)))
        for sheet_id, sealed in presences.rows.sheets(presence_id)
    ]


def _refuse_at_once(
    presence: PresenceBegun, sheet: Sheet, who: SignedInPractitioner, presences: Presences
) -> DecisionId | None:
    if not sheet.refused or presence.person is None:
        return None
    try:
        return presences.refuse(presence.person, presence.with_whom, sheet.refused, who.actor)
    except DecisionInvalidError:
        return None  # it stays on the sheet, and governance reads that it was no decision


def _document(sheet: Sheet) -> bytes:
    return orjson.dumps(
        {
            "name": sheet.name,
            "born": sheet.date_of_birth,
            "story": sheet.story,
            "needs": sheet.needs,
            "proposed": sheet.proposed,
            "refused": sorted(sheet.refused),
        }
    )


def _sheet(document: bytes) -> Sheet:
    stated = orjson.loads(document)
    return Sheet(
        stated["name"],
        stated["born"],
        stated["story"],
        stated["needs"],
        stated["proposed"],
        frozenset(map(Category, stated["refused"])),
    )


def _bound_to(sheet_id: str) -> str:
    return f"presence-sheet:{sheet_id}"
