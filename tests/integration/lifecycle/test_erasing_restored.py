"""A backup from before an erasure, restored after it, stays unreadable: bus, records, parked."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from schemas.identifiers import PersonId
from schemas.records.payloads import Occurrence, OccurrenceKind, Period
from schemas.topics import PARKED
from schemas.vocabulary import Category
from services.lifecycle.erasure.erasing import Erasure
from services.platform.keys.files import FileKeyVault
from services.platform.keys.sealing import JweSealer
from services.work import Outside, unit_of_work
from services.workers.keys import retire_keys, rotate_keys, verify_keys
from tests.support.erasing import back_up, erased, restored
from tests.support.fakes.in_process import InProcess
from tests.support.messages.source_messages import a_message, a_record, the_child, the_family
from tests.support.traces.traces import Traces

pytestmark = pytest.mark.postgres

OF_CHILD, OF_MOTHER = "Quillfeather said so", "Wherewithal said so"


@pytest.fixture
def outside(outside: Outside, tmp_path: Path) -> Outside:
    """Give keys of this test's own: they are rotated, restored and destroyed."""
    return replace(outside, vault=FileKeyVault.open(tmp_path / "keys" / "root.key"))


@pytest.fixture
def running(outside: Outside) -> Iterator[InProcess]:
    """Give the main job on an empty database."""
    with InProcess.running(outside) as found:
        yield found


@pytest.fixture
def family(running: InProcess) -> tuple[PersonId, PersonId]:
    """Give a child and her mother, with something stored, on the bus and parked of each."""
    mother = the_family()[1]
    (child_id,) = running.decide(the_child()).decision.subjects
    (mother_id,) = running.decide(mother).decision.subjects
    running.receive(
        a_message("m1", a_record("r1", _said(OF_CHILD))),
        a_message(
            "m2",
            a_record("r2", _said(OF_MOTHER), Category.CHILD_HEALTH, "mother"),
            subjects=(mother,),
        ),
    )
    _park(running, child_id, OF_CHILD)
    _park(running, mother_id, OF_MOTHER)
    running.settle()
    return child_id, mother_id


@pytest.fixture
def backup(running: InProcess, family: tuple[PersonId, PersonId], tmp_path: Path) -> Path:
    """Give a dump of the database from before anybody was erased."""
    assert family
    return back_up(running.outside, tmp_path / "backup.dump")


def test_it_stays_unreadable_and_others_can_be_read(
    running: InProcess, family: tuple[PersonId, PersonId], backup: Path
):
    """Whoever has the restored database and every key that is left reads only the mother's."""
    with restored(backup, running.outside) as before:
        everywhere = Traces(before).of([OF_CHILD, OF_MOTHER])
    assert {OF_CHILD, OF_MOTHER} in everywhere.values()

    erased(family[0], running.outside)

    with restored(backup, running.outside) as after:
        left = Traces(after).of([OF_CHILD, OF_MOTHER])
        assert left == {place: {OF_MOTHER} for place in everywhere}
        assert {"public.record", "topic records.health-visiting", "topic records.parked"} <= set(
            left
        )


def test_in_a_restored_database_they_are_nobody_until_they_are_erased_again(
    running: InProcess, family: tuple[PersonId, PersonId], backup: Path
):
    """From the first moment: nothing links to them. `keys verify` then takes the rows away."""
    child, mother = family
    erased(child, running.outside)

    with restored(backup, running.outside) as after:
        with unit_of_work(after) as work:
            assert not work.persons.exists(child)
            assert work.persons.resolve([the_child()])[0].person is None
        report = verify_keys(after)

        assert report.is_well
        assert report.erased_again == [child]
        assert report.opened == 1
        assert _persons_with_records(after) == [mother]
        assert verify_keys(after).erased_again == []


def test_restored_keys_are_destroyed_again(
    running: InProcess, family: tuple[PersonId, PersonId], tmp_path: Path
):
    """The database remembers by what, though it has nothing any more that they would open."""
    keys = (tmp_path / "keys" / "erasable-secrets").read_bytes()
    before = running.outside.vault.counts()[1]  # keys of earlier tests, which are copied
    erased(family[0], running.outside)
    (tmp_path / "keys" / "erasable-secrets").write_bytes(keys)
    old = replace(running.outside, vault=FileKeyVault.open(tmp_path / "keys" / "root.key"))

    assert verify_keys(old).destroyed_again == 1
    assert verify_keys(old).destroyed_again == 0
    assert old.vault.counts()[1] == before + 1


def test_where_both_are_restored_only_a_ledger_kept_elsewhere_knows(
    running: InProcess, family: tuple[PersonId, PersonId], backup: Path, tmp_path: Path
):
    """It names whose keys were destroyed, and they are erased again."""
    child = family[0]
    keys = (tmp_path / "keys" / "erasable-secrets").read_bytes()
    erased(child, running.outside)
    (tmp_path / "keys" / "erasable-secrets").write_bytes(keys)

    with restored(backup, running.outside) as both:
        assert OF_CHILD in str(Traces(both).of([OF_CHILD]))
        report = verify_keys(both, destroyed_elsewhere=[child])

        assert report.erased_again == [child]
        assert Traces(both).of([OF_CHILD]) == {}


def test_a_backup_from_before_a_rotation_stays_unreadable_too(
    running: InProcess, family: tuple[PersonId, PersonId], backup: Path
):
    """The key is in it under the older version, and of the same secret."""
    rotate_keys(running.outside)

    erased(family[0], running.outside)

    with restored(backup, running.outside) as after:
        assert OF_MOTHER in str(Traces(after).of([OF_CHILD, OF_MOTHER]))
        assert Traces(after).of([OF_CHILD]) == {}


def test_a_backup_under_a_wrapping_key_that_was_destroyed_is_nobodys(
    running: InProcess, family: tuple[PersonId, PersonId], backup: Path
):
    """That is what retiring means; `keys verify` names everybody whose key does not open."""
    rotate_keys(running.outside)
    retire_keys(running.outside)

    with restored(backup, running.outside) as after:
        assert Traces(after).of([OF_CHILD, OF_MOTHER]) == {}
        assert set(verify_keys(after).unusable) == set(family)
    assert OF_MOTHER in str(Traces(running.outside).of([OF_MOTHER]))


def test_a_second_erasure_of_the_cluster_needs_nothing_more(
    running: InProcess, family: tuple[PersonId, PersonId]
):
    """Both members of a family can be erased one after the other."""
    done = [erased(person, running.outside) for person in family]

    assert all(isinstance(each, Erasure) for each in done)
    assert Traces(running.outside).of([OF_CHILD, OF_MOTHER]) == {}


def _said(text_: str) -> Occurrence:
    return Occurrence(OccurrenceKind.REVIEW, text_, Period("2026-01-01"))


def _park(running: InProcess, person: PersonId, said: str) -> None:
    """Put an event that could not be read on the parking topic, as aggregation does."""
    with unit_of_work(running.outside) as work:
        sealed = JweSealer(work.keys.data_key).seal(person, said.encode())
        work.connection.execute(
            text(
                "INSERT INTO outbox (aggregatetype, aggregateid, type, headers, payload) "
                "VALUES (:t, :k, 'unknown', '[]', :p)"
            ),
            {"t": PARKED, "k": person, "p": sealed},
        )


def _persons_with_records(outside: Outside) -> list[str]:
    with outside.engine.connect() as connection:
        return list(connection.execute(text("SELECT DISTINCT person_id FROM record")).scalars())
