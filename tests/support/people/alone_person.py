"""One person in one history, by every account that is theirs: who they are, and how they act."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from connectors.ports import Received
from connectors.publishing.publish import PublishIfPermitted, publish_if_permitted
from consent.errors import ConsentError
from schemas.envelope import event_from_message
from schemas.identifiers import DecisionId, PractitionerId
from schemas.records.message import Record, SourceMessage
from schemas.records.payloads import Occurrence, OccurrenceKind
from schemas.topics import RECORD_TOPICS
from schemas.vocabulary import Category, Source
from services.decisions import at_the_desk
from services.intake.feeds.model import CameBy
from services.people.practitioners.people import SignedInPractitioner
from services.profile.model import ProfileRefused
from services.work import UnitOfWork, unit_of_work
from services.workers.aggregation import aggregate
from tests.support.messages.source_messages import a_message
from tests.support.people.alone_world import AloneWorld
from tests.support.people.seen import OWN_WORDS
from tests.support.rolled_back import RolledBack

_A_MINUTE = timedelta(minutes=1)


@dataclass(slots=True)
class OnePerson:
    """One person in one history. `accounts` are all of theirs, their own first.

    `made` are the decisions there, those from before first; `excluded` whom they have named.
    """

    world: AloneWorld
    acting: RolledBack
    accounts: Sequence[PractitionerId]
    who: SignedInPractitioner = field(init=False)
    made: list[DecisionId] = field(init=False)
    excluded: set[PractitionerId] = field(default_factory=set)
    last_emergency: datetime | None = None
    _presence: str = "f" * 32

    def __post_init__(self) -> None:
        """Begin with what is on record."""
        self.who = self._signed_in(self.accounts[0])
        self.made = list(self.world.decisions)

    # How.

    def _decide(self, act: Callable[[at_the_desk.Desk], object]) -> None:
        """Try it; what makes no sense is refused with an error, and its transaction is over."""
        self.world.clock.pass_by(_A_MINUTE)
        try:
            with self._portal() as work:
                done = act(work.desk())
        except ConsentError:
            return
        recorded = getattr(done, "decision", None)
        if recorded is not None and not isinstance(done, ProfileRefused):
            self.made.append(recorded.id)

    def _tell(self, came_by: CameBy, source: Source, *records: Record) -> None:
        now = self.world.clock.now().astimezone(UTC)
        about = Occurrence(OccurrenceKind.REVIEW, OWN_WORDS)
        own = Record("eve's", Category.CHILD_HEALTH, ("child",), about)
        message: SourceMessage = a_message(
            f"eve's {now.isoformat()}",
            own,
            *records,
            at=f"{now:%Y-%m-%dT%H:%M:%SZ}",
            subjects=self.world.subjects,
            source=source,
        )
        found = [Received(0, message, raw=lambda: b"")]
        with unit_of_work(self.acting.connectors) as work:
            publishing = work.publishing(source, None, came_by)
            publish_if_permitted(PublishIfPermitted(source, found), publishing=publishing)
        self._store_what_was_told()

    def _store_what_was_told(self) -> None:
        """As the aggregation does. What was decided purges nothing meanwhile: more stays to see."""
        with unit_of_work(self.acting.owner) as work:
            messages = work.outbox.take(500)
        events = [
            event_from_message(one.topic, one.key, one.headers, one.value)
            for one in messages
            if one.topic in RECORD_TOPICS
        ]
        if events:
            with unit_of_work(self.acting.aggregation) as work:
                aggregate(events, work)

    def _ids(self, table: str, column: str) -> Sequence[str]:
        """The ids of all that lie there, as somebody who had them would use them."""
        with self._portal() as work:
            statement = f"SELECT DISTINCT {column} FROM {table} ORDER BY 1"  # noqa: S608 - ours
            return [str(row[0]) for row in work.connection.exec_driver_sql(statement)]

    def _requests(self, work: UnitOfWork) -> Sequence[str]:
        """The ids of all requests, as somebody who had them would use them."""
        rows = work.connection.exec_driver_sql(
            "SELECT DISTINCT request_id FROM relationship_request"
        )
        return [row.request_id for row in rows]

    def _signed_in(self, account: PractitionerId) -> SignedInPractitioner:
        with self._portal() as work:
            found = work.directory.practitioner(account)
        assert found is not None
        return found

    @contextmanager
    def _portal(self) -> Iterator[UnitOfWork]:
        self.world.clock.pass_by(timedelta(seconds=1))
        with unit_of_work(self.acting.portal) as work:
            yield work
