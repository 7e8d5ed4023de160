"""Relationships put down for a test, as if both hands had been there."""

from datetime import datetime

from consent.ledger import entry_id_for
from consent.model import RelationshipGround
from schemas.identifiers import PersonId, PractitionerId
from services.people.relationships.model import HeldRelationship, Warrant, WarrantKind
from services.work import UnitOfWork


def relate(
    work: UnitOfWork,
    practitioner: PractitionerId,
    person: PersonId,
    ground: RelationshipGround = RelationshipGround.CASE_LOAD,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
) -> HeldRelationship:
    """Put one down from now on, for a practitioner of the directory; gives it as it stands."""
    who = work.directory.practitioner(practitioner)
    assert who is not None, "whoever has a relationship is in the directory"
    relationship = HeldRelationship(
        id=str(entry_id_for("relationship for a test", practitioner, person, ground)),
        person=person,
        agency=who.agency_code,
        practitioner=practitioner,
        ground=ground,
        since=since or work.now,
        until=until,
        warrant=Warrant(WarrantKind.DEMONSTRATION, "job:test"),
        asked_by="job:test",
    )
    work.relationships.add([relationship])
    return relationship
