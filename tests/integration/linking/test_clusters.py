"""Who is one, as every process reads it: in one query, and once a transaction."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, event

from schemas.identifiers import PersonId
from services.bootstrap import DatabaseRole
from services.ledger.postgres import PostgresLedger
from services.ledger.postgres_bound import BoundRows
from services.people.persons.postgres_clusters import PostgresClusters
from services.platform.keys.vault import SecretName
from services.work import Outside, unit_of_work
from tests.support.builders import DAY, SIBLING
from tests.support.fakes.in_process import InProcess
from tests.support.fixtures.fixtures_ledger import acting_as
from tests.support.people.joined import by_la_id, joined

pytestmark = pytest.mark.postgres

READERS = (DatabaseRole.PORTAL, DatabaseRole.CONNECTORS, DatabaseRole.AGGREGATION)


@pytest.fixture
def running(outside: Outside) -> Iterator[InProcess]:
    """Give the main job on an empty database."""
    with InProcess.running(outside) as found:
        yield found


@pytest.fixture
def persons(running: InProcess) -> list[PersonId]:
    """Give four persons, of whom all but the last are one; the last who was joined is eldest."""
    subjects = [by_la_id(f"999/{n}") for n in range(4)]
    found = []
    for subject in subjects:
        found += running.decide(subject).decision.subjects
        running.outside.clock.pass_by(DAY)  # type: ignore[attr-defined] # the standing clock
    joined(running, found[1], found[2])
    joined(running, found[2], found[0])
    return found


def _bound(running: InProcess, connection: Connection) -> BoundRows:
    outside = running.outside
    key = outside.vault.secret(SecretName.BOUND_ROWS)
    return BoundRows(connection, PostgresLedger(connection), key=key, at=outside.clock.now())


@pytest.mark.parametrize("role", READERS)
def test_every_process_reads_the_same(
    running: InProcess, persons: list[PersonId], role: DatabaseRole
):
    """The eldest first, by whose id they are known outside; a stranger is alone."""
    eldest, *others, alone = persons

    with acting_as(running.outside.engine, role.value) as connection:
        clusters = PostgresClusters(connection, _bound(running, connection))
        members = clusters.members([*persons, SIBLING])

        assert set(members.values()) == {(eldest, *sorted(others)), (alone,), (SIBLING,)}
        assert set(clusters.canonical(persons).values()) == {eldest, alone}
        assert sorted(clusters.all_of([others[0]])) == sorted([eldest, *others])


def test_what_was_read_is_not_read_again(running: InProcess, persons: list[PersonId]):
    """One query for any number of persons, none for those who are known to be one with them."""
    statements: list[str] = []

    with unit_of_work(running.outside) as work:
        clusters = work.clusters
        event.listen(
            work.connection,
            "before_cursor_execute",
            lambda *asked: statements.append(asked[2]),
        )
        clusters.members(persons[1:])
        clusters.members(persons)
        clusters.canonical(persons)

    assert len(statements) == 1
