"""Agencies with feeds of their own: who of them has whom as their own, and on a case-load."""

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO

from sqlalchemy import text

from connectors.ports import Received
from connectors.publishing.publish import (
    IndexedDisposition,
    PublishIfPermitted,
    publish_if_permitted,
)
from connectors.registry import read_messages
from consent.model import RelationshipGround
from schemas.identifiers import PersonId, PractitionerId
from schemas.records.message import SourceMessage
from schemas.vocabulary import Purpose, Role, Source
from services.intake.feeds.model import CameBy, FeedChannel, FeedClass
from services.people.practitioners.people import SignedInPractitioner
from services.people.practitioners.postgres_directory import Agency, PractitionerEntry
from services.work import unit_of_work
from tests.support.fakes.in_process import InProcess
from tests.support.people.feeding import put_on_the_list, register_feed

OWN, CASE_LOAD = RelationshipGround.OWN, RelationshipGround.CASE_LOAD
Held = set[RelationshipGround]


@dataclass(frozen=True)
class FeedingAgency:
    """An agency with one feed: `lead` is on its list, `worker` is whom it calls `w-1`."""

    running: InProcess
    code: str
    source: Source
    came_by: CameBy
    lead: PractitionerId
    worker: PractitionerId

    def receive(self, *messages: SourceMessage) -> list[IndexedDisposition]:
        """Take messages in by its feed."""
        return self._take(
            [Received(n, message, raw=lambda: b"") for n, message in enumerate(messages)]
        )

    def receive_raw(self, content: bytes) -> list[IndexedDisposition]:
        """Take in a file as its source writes it, by its feed."""
        now = self.running.outside.clock.now()
        return self._take(list(read_messages(self.source, BytesIO(content), received_at=now)))

    def _take(self, found: list[Received]) -> list[IndexedDisposition]:
        with unit_of_work(self.running.connectors) as work:
            publishing = work.publishing(self.source, None, self.came_by)
            return publish_if_permitted(
                PublishIfPermitted(self.source, found), publishing=publishing
            )

    def held(self, person: PersonId, *, by: PractitionerId | None = None) -> Held:
        """On which grounds its lead, or somebody else, has the person now."""
        with unit_of_work(self.running.portal) as work:
            found = work.relationships.relationships(by or self.lead, [person])
        return {relationship.ground for relationship in found}

    def signed_in(self, who: PractitionerId | None = None) -> SignedInPractitioner:
        """One of its practitioners: by default its lead."""
        with unit_of_work(self.running.portal) as work:
            found = work.directory.practitioner(who or self.lead)
        assert found is not None
        return found


def a_feeding_agency(
    running: InProcess,
    code: str,
    source: Source = Source.HEALTH_VISITING,
    feed_class: FeedClass = FeedClass.KEPT,
) -> FeedingAgency:
    """Enter an agency, a lead and a worker, and register a feed to it."""
    came_by = CameBy(FeedChannel.CLIENT, f"feed-of-{code.lower()}")
    lead, worker = (PractitionerId(f"{code.encode().hex():0<30}{n:02}") for n in (1, 2))
    with unit_of_work(running.portal) as work:
        work.directory.save_agency(Agency(code, f"Agency {code}", source, None))
        for person, ref in ((lead, None), (worker, "w-1")):
            entry = PractitionerEntry(
                person,
                "A worker",
                Role.PRACTITIONER,
                "Worker",
                code,
                None,
                ref,
                Purpose.DIRECT_CARE,
            )
            work.directory.save_practitioner(entry)
        put_on_the_list(work, code, lead)
    with unit_of_work(running.outside) as work:
        register_feed(work, source, came_by, agency=code, feed_class=feed_class)
    return FeedingAgency(running, code, source, came_by, lead, worker)


def states_of(running: InProcess) -> Sequence[tuple[object, ...]]:
    """Every state of every relationship, without when it was known."""
    with running.outside.engine.connect() as connection:
        rows = connection.execute(
            text("""
                SELECT agency_code, practitioner_id, person_id, ground, since, until, state
                FROM relationship ORDER BY 1, 2, 3, 4, 7
            """)
        )
        return [tuple(row) for row in rows]
