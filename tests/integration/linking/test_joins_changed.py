"""Whoever can write to the database alone joins nobody; what they change is found and named."""

from collections.abc import Iterator

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from consent.model import Response
from schemas.identifiers import PersonId
from services.ledger.postgres_bound_verifying import compare_bound_rows
from services.people.linking.ports import Join
from services.platform.keys.vault import SecretName
from services.profile.model import Profile, ProfileRefused
from services.work import Outside, unit_of_work
from tests.support.builders import DAY
from tests.support.clock import StandingClock
from tests.support.fakes.in_process import InProcess
from tests.support.fixtures.fixtures_database import template_filled_by
from tests.support.fixtures.fixtures_ledger import acting_as
from tests.support.messages.source_messages import the_child
from tests.support.people.joined import BY_UPN, by_la_id, join, joined, two_children

pytestmark = pytest.mark.postgres

_FORGED = """
    INSERT INTO person_join (join_id, state, kept, joined, made_by, made_at, because, standing,
                             warrant, warranted_at, said_by, said_at, salt, bound_by, seal)
    SELECT {id}, {state}, kept, joined, made_by, made_at, because, 'warranted', 'second-steward',
           made_at, 'practitioner:x', made_at, salt, NULL, seal
    FROM person_join WHERE state = (SELECT max(state) FROM person_join)
"""
_CHANGED = {
    "join_id": "'other'",
    "state": "7",
    "kept": "(SELECT min(person_id) FROM person WHERE person_id NOT IN (kept, joined))",
    "standing": "'parting'",
    "warrant": "'verified-identity'",
    "warranted_at": "now()",
    "said_by": "'practitioner:x'",
    "said_at": "now()",
    "made_by": "'practitioner:x'",
    "made_at": "now()",
    "because": "'{x}'",
    "score": "99",
    "salt": "'\\\\x00'",
    "seal": "NULL",
}


def _fill(outside: Outside) -> None:
    """Make the database to copy, in which both are known, beside somebody else."""
    with InProcess.running(outside) as running:
        running.decide(by_la_id("999/9"))
        two_children(running)


migrated_template = template_filled_by(_fill)


@pytest.fixture
def running(outside: Outside, clock: StandingClock) -> Iterator[InProcess]:
    """Give the main job on it, at the time that it was then."""
    clock.pass_by(DAY)
    with InProcess.going_on(outside) as found:
        yield found


@pytest.fixture
def both(running: InProcess) -> tuple[PersonId, PersonId]:
    """Give the two, of whom the visitor works with the first."""
    visited, taught = map(running.person, (the_child(), BY_UPN))
    assert visited is not None
    assert taught is not None
    return visited, taught


def _as_owner(running: InProcess, statement: str) -> None:
    """With triggers off, as whoever owns the server can."""
    with running.outside.engine.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        assert connection.execute(text(statement)).rowcount


def _faults(running: InProcess) -> set[tuple[str, str]]:
    key = running.outside.vault.secret(SecretName.BOUND_ROWS)
    with running.outside.engine.connect() as connection:
        return {(f.table, f.what) for f in compare_bound_rows(connection, key=key)}


@pytest.mark.parametrize("role", ["tell_once_app", "tell_once_connectors"])
@pytest.mark.parametrize(
    ("identity", "state"), [("'forged'", "1"), ("join_id", "state + 1")], ids=["new", "next"]
)
def test_a_row_that_a_role_wrote_opens_nothing_and_is_named(
    running: InProcess, both: tuple[PersonId, PersonId], role: str, identity: str, state: str
):
    """Neither a join of its own nor another state of one that waits."""
    assert isinstance(join(running, *both), Join)
    with acting_as(running.outside.engine, role) as connection:
        connection.execute(text(_FORGED.format(id=identity, state=state)))
        connection.commit()

    assert isinstance(running.read(both[1]), ProfileRefused)
    assert isinstance(running.read(both[0]), Profile)
    assert ("person-join", "has no entry in the ledger") in _faults(running)


@pytest.mark.parametrize("role", ["app", "connectors", "aggregation"])
@pytest.mark.parametrize("order", ["UPDATE person_join SET state = 9", "DELETE FROM person_join"])
def test_no_role_changes_or_deletes_a_join(
    running: InProcess, both: tuple[PersonId, PersonId], role: str, order: str
):
    """Each state is written once."""
    joined(running, *both)

    with (
        acting_as(running.outside.engine, f"tell_once_{role}") as connection,
        pytest.raises(ProgrammingError, match="denied"),
    ):
        connection.execute(text(order))


@pytest.mark.parametrize("column", _CHANGED)
def test_a_row_that_its_owner_changed_opens_nothing_still_denies_and_is_named(
    running: InProcess, both: tuple[PersonId, PersonId], column: str
):
    """Whatever was changed in it: a warranted join, and one that was never warranted."""
    joined(running, *both)
    assert isinstance(running.read(both[1]), Profile)
    assert _faults(running) == set()

    _as_owner(
        running,
        f"UPDATE person_join SET {column} = {_CHANGED[column]} WHERE state = 2",  # noqa: S608
    )

    assert isinstance(running.read(both[1]), ProfileRefused)
    assert isinstance(running.read(both[0]), Profile)
    running.decide(both[1], response=Response.REFUSED)
    running.settle()
    assert isinstance(running.read(both[0]), ProfileRefused)
    told = "was never bound" if column == "seal" else "is not as it was written"
    assert ("person-join", told) in _faults(running)


def test_a_join_by_one_hand_is_not_made_one_by_two(
    running: InProcess, both: tuple[PersonId, PersonId]
):
    """By whoever owns the server."""
    assert isinstance(join(running, *both), Join)

    _as_owner(running, "UPDATE person_join SET standing = 'warranted', warranted_at = made_at")

    assert isinstance(running.read(both[1]), ProfileRefused)
    assert ("person-join", "is not as it was written") in _faults(running)


@pytest.mark.parametrize("which", [1, 2])
def test_a_state_that_its_owner_deleted_is_named(
    running: InProcess, both: tuple[PersonId, PersonId], which: int
):
    """Its entry stays."""
    joined(running, *both)

    _as_owner(running, f"DELETE FROM person_join WHERE state = {which}")  # noqa: S608

    assert ("person-join", "is not there") in _faults(running)
    assert isinstance(running.read(both[1]), Profile) is (which == 1)


def test_who_is_one_is_said_nowhere_else(running: InProcess, both: tuple[PersonId, PersonId]):
    """No column of a person's says so, which anybody might change."""
    columns = text("""
        SELECT column_name FROM information_schema.columns WHERE table_name = 'person'
    """)
    with running.outside.engine.connect() as connection:
        assert "joined_into" not in set(connection.execute(columns).scalars())
    with unit_of_work(running.outside) as work:
        assert work.clusters.canonical(both) == {person: person for person in both}
