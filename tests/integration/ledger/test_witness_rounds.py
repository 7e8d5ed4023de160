"""Our ledger asks its witnesses; none of them can hold it up."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from threading import Event
from typing import Any

import pytest
from sqlalchemy import Engine

from consent.ledger.log import StoredCheckpoint
from consent.transparency.checkpoint import open_checkpoint
from services.ledger.postgres_access import LedgerAccess
from services.platform.logging import LogEvent
from services.workers.witnesses import WitnessRounds
from tests.support.fakes.fake_witness import FakeWitness
from tests.support.ledger.ledger_builders import SIGNER, an_entry
from tests.support.ledger.witness_builders import OTHER_COSIGNER, AWitness, GrowingLog
from tests.support.waiting import GENEROUS, eventually

pytestmark = pytest.mark.postgres


@dataclass(slots=True)
class _Log:
    told: list[dict[str, Any]] = field(default_factory=list)

    def warning(self, event: LogEvent, **facts: Any) -> None:
        self.told.append({"event": event} | facts)


@dataclass(slots=True)
class _World:
    access: LedgerAccess
    one: FakeWitness
    other: FakeWitness
    log: _Log
    rounds: WitnessRounds
    written: int = 0

    def grow(self, count: int) -> int:
        """Append and sign; gives the size."""
        numbers = range(self.written, self.written + count)
        self.access.append([an_entry(number=number) for number in numbers])
        self.written += count
        return self.access.integrate().size

    def ask(self) -> int:
        return self.rounds.ask(seconds=GENEROUS)

    def published(self) -> StoredCheckpoint:
        with self.access.snapshot() as reader:
            found = reader.published_checkpoint()
        assert found is not None
        return found

    def signers(self) -> list[str]:
        """Who signed what is published, in the order of the lines."""
        keys = [SIGNER.verifier_key, self.one.key, self.other.key]
        return [
            key.name for key in open_checkpoint(self.published().note, keys).signatures.signed_by
        ]


@pytest.fixture
def world(ledger_engine: Engine) -> Iterator[_World]:
    """Give an empty ledger with two witnesses."""
    access = LedgerAccess(ledger_engine, signer=SIGNER)
    one, other, log = FakeWitness(), FakeWitness(AWitness(cosigner=OTHER_COSIGNER)), _Log()
    rounds = WitnessRounds(access, [one, other], log=log)
    with closing(rounds):
        yield _World(access, one, other, log, rounds)


def test_what_witnesses_cosign_is_published(world: _World):
    """Below the log's own signature; nothing more is asked until the ledger grows."""
    world.grow(3)

    assert world.ask() == 2
    assert world.ask() == 0
    assert world.signers() == [SIGNER.name, world.one.key.name, world.other.key.name]
    assert len(world.one.asked) == 1


def test_a_grown_ledger_is_proved_from_what_was_cosigned_last(world: _World):
    """Each time from there, not from nothing."""
    for count in (3, 1, 20):
        world.grow(count)
        assert world.ask() == 2

    assert [request.old_size for request in world.one.asked] == [0, 3, 4]
    assert world.published().size == 24
    assert world.log.told == []


def test_an_empty_ledger_is_shown_to_nobody(world: _World):
    """There is nothing to see."""
    world.access.integrate()

    assert world.ask() == 0
    assert world.one.asked == []


def test_a_witness_that_knows_more_than_we_noted_is_caught_up_with(world: _World):
    """Its answer got lost once: it says what it saw, and we prove from there."""
    size = world.grow(5)
    with world.access.snapshot() as reader:
        signed = reader.signed_checkpoint()
    assert signed is not None
    world.one.behind.answer(f"old 0\n\n{signed.note}".encode())
    world.grow(4)

    assert world.ask() == 2
    assert [request.old_size for request in world.one.asked] == [0, size]


def test_a_witness_that_is_away_changes_nothing_for_the_others(world: _World):
    """It is told of once, left alone for a while, and the ledger goes on."""
    world.one.is_away = True
    world.grow(3)

    assert world.ask() == 1
    world.grow(2)
    assert world.ask() == 1

    assert len(world.one.asked) == 1
    assert world.signers() == [SIGNER.name, world.other.key.name]
    assert [each["error"] for each in world.log.told] == ["WitnessUnavailableError"]


def test_a_slow_witness_is_left_behind(world: _World):
    """The round ends without it; what it answers later is kept."""
    world.one.lets_wait = Event()
    first = world.grow(3)

    assert eventually(lambda: world.rounds.ask(seconds=0.2) == 1)
    world.grow(2)
    assert eventually(lambda: world.rounds.ask(seconds=0.2) == 1)
    world.one.lets_wait.set()
    assert world.ask() == 1

    with world.access.snapshot() as reader:
        assert reader.last_cosigned(world.one.key) == first


def test_a_witness_that_saw_another_history_is_told_of(world: _World):
    """A person has to look: with its status, not with its words."""
    fork = GrowingLog()
    world.one.behind.answer(fork.request(0, 2))
    world.grow(3)

    assert world.ask() == 1
    (told,) = world.log.told
    assert told["witness"] == world.one.key.name
    assert (told["error"], told["status"]) == ("WitnessRefusedError", 422)


@pytest.mark.parametrize("seen", [3, 9], ids=["as large", "larger"])
def test_a_witness_that_saw_another_or_a_larger_tree_is_told_of(world: _World, seen: int):
    """A database that was rolled back shows itself here."""
    world.one.behind.answer(GrowingLog().request(0, seen))
    world.grow(3)

    assert world.ask() == 1
    assert [(each["error"], each["status"]) for each in world.log.told] == [
        ("WitnessRefusedError", 409)
    ]


def test_a_checkpoint_far_newer_than_any_cosigned_one_is_published_bare(
    world: _World, ledger_engine: Engine
):
    """Witnesses that are away for long must not make the ledger look old."""
    world.grow(3)
    world.ask()
    world.grow(2)
    assert world.published().size == 3

    with ledger_engine.begin() as connection:
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        connection.exec_driver_sql(
            "UPDATE ledger_checkpoint SET signed_at = signed_at - interval '1 hour' WHERE size < 5"
        )

    assert world.published().size == 5
    assert world.signers() == [SIGNER.name]
