"""A sheet to write on while nobody has confirmed who is there."""

import pytest
from sqlalchemy import text

from consent.circumstances import Present
from consent.ledger.events import LedgerEvent
from consent.model import Response
from schemas.identifiers import PersonId
from schemas.vocabulary import Category
from services.people.presence.model import PresenceBegun, Sheet
from services.people.presence.sheets import sheets_of, write_sheet
from services.work import unit_of_work
from tests.support.builders import TEACHER, VISITOR
from tests.support.people.presence_world import PresenceWorld

pytestmark = pytest.mark.postgres
SHEET = Sheet(
    name="Eva Novak",
    story="Mornings are best.",
    needs="Somebody to talk to in Czech",
    proposed="The school may know.",
    refused=frozenset({Category.SOCIAL_CARE}),
)
BEFORE_A_PARTNER = frozenset({Present.PARTNER})


def write(world: PresenceWorld, presence: PresenceBegun, by: str = VISITOR) -> bool:
    """Write the sheet in a visit."""
    with unit_of_work(world.running.portal) as work:
        who = work.directory.practitioner(by)  # type: ignore[arg-type] # an id of the builders
        assert who is not None
        return write_sheet(presence.id, SHEET, who, presences=work.presences())


def read(world: PresenceWorld, presence: PresenceBegun) -> list[Sheet]:
    """Read what was written, as who wrote it."""
    with unit_of_work(world.running.portal) as work:
        return list(sheets_of(presence.id, world.who(), presences=work.presences()))


def test_sheet_is_sealed_opens_nothing_and_governance_has_to_look(world: PresenceWorld):
    """Until somebody else confirms who was there nobody reads it."""
    presence = world.begin(in_the_room=BEFORE_A_PARTNER)

    assert write(world, presence)

    assert read(world, presence) == []
    assert not world.opened()
    with world.running.outside.engine.connect() as connection:
        sealed = connection.execute(text("SELECT sealed FROM presence_sheet")).scalars().all()
    assert all(b"Mornings" not in bytes(one) for one in sealed)
    raised = world.entries(LedgerEvent.GOVERNANCE_ITEM_RAISED)
    assert [entry.fields["kind"] for entry in raised] == ["unconfirmed-presence"]


def test_no_counts_at_once_and_the_rest_waits(world: PresenceWorld):
    """A refusal is recorded though nothing was confirmed."""
    write(world, world.begin(in_the_room=BEFORE_A_PARTNER))

    with unit_of_work(world.running.portal) as work:
        found = work.decisions.on_record([world.mother])[world.mother].decisions
    refused = [d for d in found if d.response is Response.REFUSED]
    assert [d.categories for d in refused] == [frozenset({Category.SOCIAL_CARE})]
    assert len([d for d in found if d.response is Response.GIVEN]) == 1


def test_who_writes_learns_nothing_of_whether_anybody_is_known(world: PresenceWorld):
    """The same answer and the same rows; just no decision, which the ledger tells."""
    nobody = world.begin(PersonId("0" * 32))

    assert write(world, nobody) is write(world, world.begin()) is True

    entries = world.entries(LedgerEvent.PRESENCE_SHEET_WRITTEN)
    assert [len(entry.fields["decision"]) for entry in entries] == [0, 1]  # type: ignore[arg-type]


def test_sheet_is_read_by_who_wrote_it_once_it_is_confirmed(world: PresenceWorld):
    """Word for word, to be told again to nobody."""
    presence = world.begin()
    write(world, presence)

    world.type_in(presence, world.code_for(presence))

    assert read(world, presence) == [SHEET]


def test_nobody_writes_in_somebody_else_s_visit(world: PresenceWorld):
    """Nor is anything kept of it."""
    before = world.running.count("presence_sheet")

    assert not write(world, world.begin(), TEACHER)

    assert world.running.count("presence_sheet") == before
