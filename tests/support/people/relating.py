"""Relationships put down for a test, as if both hands had been there."""

import secrets
from datetime import datetime, timedelta

from consent.ledger import entry_id_for
from consent.model import RelationshipGround
from schemas.identifiers import PersonId, PractitionerId
from schemas.vocabulary import Purpose, Role
from services.people.practitioners.memberships import next_membership
from services.people.practitioners.postgres_directory import PractitionerEntry
from services.people.protecting.postgres import RecordedExclusion
from services.people.relationships.leads import SafeguardingLead
from services.people.relationships.model import Cover, HeldRelationship, Warrant, WarrantKind
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


def a_colleague(
    work: UnitOfWork, agency: str, *, role: Role = Role.PRACTITIONER, name: str = "A colleague"
) -> PractitionerId:
    """Enter one more practitioner of an agency."""
    practitioner = PractitionerId(secrets.token_hex(16))
    work.directory.save_practitioner(
        PractitionerEntry(
            practitioner, name, role, "Worker", agency, None, None, Purpose.DIRECT_CARE
        )
    )
    return practitioner


def works_as(
    work: UnitOfWork,
    practitioner: PractitionerId,
    *,
    role: Role | None = None,
    worker_ref: str | None = None,
    agency: str | None = None,
) -> None:
    """Let somebody be something else from now on, or elsewhere, as if both hands had been there."""
    before = work.memberships.newest(practitioner)
    assert before is not None, "whoever is moved is in the directory"
    following = next_membership(
        before,
        agency or before.agency,
        practitioner,
        role or before.role,
        worker_ref or before.worker_ref,
        asked_by="job:test",
        warranted_by="job:test",
        at=work.now,
    )
    work.memberships.add(following)


def leads(work: UnitOfWork, practitioner: PractitionerId) -> None:
    """Put a practitioner on their agency's list of safeguarding leads, from now on."""
    who = work.directory.practitioner(practitioner)
    assert who is not None, "whoever leads is in the directory"
    lead = SafeguardingLead(who.agency_code, practitioner, work.now, "job:test", "job:test")
    work.leads.add(lead)


def on_rota(
    work: UnitOfWork,
    *,
    covered: PractitionerId,
    covering: PractitionerId,
    is_student: bool = False,
) -> Cover:
    """Let one stand in for another for a day from now on."""
    who = work.directory.practitioner(covering)
    assert who is not None, "whoever covers is in the directory"
    cover = Cover(
        str(entry_id_for("cover for a test", covered, covering)),
        who.agency_code,
        covered,
        covering,
        work.now,
        work.now + timedelta(days=1),
        "job:test",
        is_student,
    )
    work.requests.add_cover(cover, at=work.now)
    return cover


def exclude(
    work: UnitOfWork, person: PersonId, *practitioners: PractitionerId | None
) -> list[RecordedExclusion]:
    """Let a family name these workers, from now on; None is a name that nobody here has."""
    made = [
        RecordedExclusion(
            id=str(entry_id_for("exclusion for a test", person, one or "nobody")),
            person=person,
            practitioner=one,
            since=work.now,
            named=b"sealed",
            claim=secrets.token_hex(16),
            asked_by="job:test",
        )
        for one in practitioners
    ]
    work.protection.write_exclusions(made, actor="job:test")
    return made
