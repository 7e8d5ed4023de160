"""What is kept of an answer, and from what an answer follows. Pure."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from consent import Decision
from consent.model import LegitimateRelationship
from schemas.identifiers import PersonId
from services.profile.parts.kept.sealed import AnswerPlace, Keeping
from services.profile.ports import StoredRecord
from services.profile.source_status import ShownOfSources
from services.profile.viewing import Viewing


class FinishedAnswer(msgspec.Struct, array_like=True):
    """An answer in its form, with whose records it shows and what statuses are told from."""

    family: frozenset[PersonId]
    of_sources: ShownOfSources
    content: bytes

    def written(self) -> bytes:
        """As bytes, to be sealed."""
        return _WRITER.encode(self)


_WRITER = msgspec.msgpack.Encoder()
_READER: msgspec.msgpack.Decoder[FinishedAnswer] = msgspec.msgpack.Decoder(FinishedAnswer)


def kept_in(slot: AnswerPlace | None) -> FinishedAnswer | None:
    """What is kept there, if this reading may open it."""
    plain = None if slot is None else slot.opened()
    return None if plain is None else _READER.decode(plain)


def slot_for(
    form: str,
    viewing: Viewing,
    decided: Sequence[tuple[StoredRecord, Decision]],
    keeping: Keeping | None,
) -> AnswerPlace | None:
    """Where the answer lies that follows from all this, if answers are kept.

    It follows from (1) whom, who asks in which role, and what it is read for; (2) all that was
    read; (3) why they may ask; (4) what began or ended last, of which all answers of `decide` are;
    (5) the day; (6) what may be opened, and who lives where somebody protected does. Of these (2)
    is for `Keeping` to tell. It is sealed under the keys of all whom (6) is about.
    """
    if keeping is None:
        return None
    order = viewing.command
    # (1); through which partner somebody asks is entered, and shows nothing.
    place = (form, order.person, order.practitioner, order.role, order.agency, order.purpose)
    made_of = (
        place,
        _told(viewing.practitioner.relationships),  # (3)
        viewing.answered_as_of,  # (4)
        viewing.today,  # (5)
        [(r.key, r.stored_under, r.persons, d.is_permitted) for r, d in decided],  # (6)
        sorted(viewing.protected_homes),
    )
    about = {order.person}
    for record, decision in decided:
        if decision.is_permitted:
            about.add(record.stored_under)
            about.update(record.persons)
    return keeping.slot(place, made_of, about)


def _told(
    relationships: Sequence[LegitimateRelationship],
) -> Sequence[tuple[str, str, datetime, datetime | None]]:
    return [(one.subject, one.ground, one.since, one.until) for one in relationships]
