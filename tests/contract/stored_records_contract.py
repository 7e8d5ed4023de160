"""What every store of the shared profile's records keeps to: services.profile.ports."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pytest

from schemas.identifiers import PersonId, RecordKey
from schemas.records.payloads import Occurrence, OccurrenceKind, Period
from schemas.records.published import ALL_RECORDS, PublishedRecord
from schemas.vocabulary import Action, Source
from services.profile.ports import StoredRecords
from services.profile.storing import is_clearing
from tests.support.scopes import cleared, said


@dataclass(frozen=True, slots=True)
class StoredWorld:
    """A store of which nothing is known yet, and one person in it."""

    records: StoredRecords
    person: PersonId

    def store(self, *records: PublishedRecord) -> None:
        """Take in one batch as aggregation does: what is taken back first."""
        mine = [replace(record, persons=(self.person,)) for record in records]
        self.records.clear([record for record in mine if is_clearing(record)])
        self.records.upsert([record for record in mine if not is_clearing(record)])

    def there(self) -> set[tuple[RecordKey, str]]:
        """Keys and versions of what can be seen."""
        return {(record.key, record.version) for record in self.records.about([self.person])}


def _keys(records: Sequence[PublishedRecord]) -> set[tuple[RecordKey, str]]:
    return {(record.key, record.version) for record in records}


class StoredRecordsContract:
    """To be run by the real thing and by the fake, each with its own `world`."""

    def test_the_latest_version_is_there_whatever_comes_when(self, world: StoredWorld):
        """An older one that comes late changes nothing."""
        early, late = said("plan", day=1), said("plan", day=2)

        world.store(late)
        world.store(early, early)

        assert world.there() == _keys([late])

    def test_only_what_changed_something_is_given_back(self, world: StoredWorld):
        """The same version a second time did not."""
        record = replace(said("plan", day=1), persons=(world.person,))

        first, second = world.records.upsert([record]), world.records.upsert([record])

        assert (list(first), list(second)) == ([record], [])

    def test_a_removal_is_a_version_too(self, world: StoredWorld):
        """What is older than it does not come back; what is newer does."""
        gone = replace(said("plan", day=2), payload=None, action=Action.REMOVE)

        world.store(gone)
        world.store(said("plan", day=1))
        assert world.there() == set()

        world.store(said("plan", day=3))
        assert world.there() == _keys([said("plan", day=3)])

    @pytest.mark.parametrize("is_early", [True, False])
    def test_a_clearing_takes_what_is_older_and_leaves_what_it_keeps(
        self, world: StoredWorld, *, is_early: bool
    ):
        """Whether it comes before or after what lies in its scope."""
        inside = [said("worker-1", day=1), said("worker-2", day=1), said("plan", day=1)]
        clearing = cleared("workers", 2, "two")

        for batch in ([clearing], inside) if is_early else (inside, [clearing]):
            world.store(*batch)

        assert world.there() == _keys([said("worker-2", day=1), said("plan", day=1)])

    def test_everything_may_be_taken_back_at_once(self, world: StoredWorld):
        """What comes after it is there again; another source is not touched."""
        everything = replace(
            said("plan", day=2), key=ALL_RECORDS, scopes=(), payload=None, action=Action.REMOVE
        )
        other = replace(said("unscoped", day=1), source=Source.SCHOOLS)

        world.store(said("plan", day=1), said("unscoped", day=1), other)
        world.store(everything)
        world.store(said("details", day=1), said("details", day=3))

        assert world.there() == _keys([other, said("details", day=3)])

    def test_what_is_opened_is_completed_by_its_parts(self, world: StoredWorld):
        """A plan and its end are one record."""
        plan = replace(said("plan", day=1), payload=_plan(Period("2026-01-01")))
        end = replace(
            said("worker-1-end", day=2),
            payload=_plan(Period(end="2026-02-01")),
            part_of=RecordKey("plan"),
        )

        world.store(plan, end)
        (opened,) = world.records.open(world.records.about([world.person]))

        assert (opened.key, opened.payload) == ("plan", _plan(Period("2026-01-01", "2026-02-01")))

    def test_what_was_purged_is_gone_and_may_come_again(self, world: StoredWorld):
        """Permitted again, its source sends the same version again."""
        world.store(said("plan", day=1))

        world.records.purge(world.records.about([world.person]))
        assert world.there() == set()

        world.store(said("plan", day=1))
        assert world.there() == _keys([said("plan", day=1)])

    def test_who_was_never_joined_is_known_as_themselves(self, world: StoredWorld):
        """And stored under their own id."""
        world.store(said("plan", day=1))

        assert world.records.known_as(world.person) == world.person
        assert [r.stored_under for r in world.records.about([world.person])] == [world.person]


def _plan(period: Period) -> Occurrence:
    return Occurrence(OccurrenceKind.SUPPORT, "Support", period)
