"""A ledger that somebody changed is found out, and not signed again."""

import pytest
from sqlalchemy import Engine, text

from consent.errors import LedgerBrokenError, LedgerUnavailableError
from consent.transparency.checkpoint import LedgerSigner
from services.ledger.postgres_access import LedgerAccess
from services.ledger.postgres_tree import STRIDE
from services.ledger.verification import VerificationReport, verify_ledger
from tests.support.ledger.ledger_builders import SIGNER, an_entry

pytestmark = pytest.mark.postgres

SUCCESSOR = LedgerSigner(SIGNER.name, bytes(32))


@pytest.fixture
def access(ledger_engine: Engine) -> LedgerAccess:
    """Give an empty ledger."""
    return LedgerAccess(ledger_engine, signer=SIGNER)


def _append(access: LedgerAccess, *numbers: int) -> None:
    access.append([an_entry(number=number) for number in numbers])


def _verify(access: LedgerAccess) -> VerificationReport:
    with access.snapshot() as reader:
        return verify_ledger(reader.log(with_nodes=True), keys=access.keys, node_stride=STRIDE)


def _tamper(engine: Engine, statement: str) -> None:
    """Change what nobody may change, as the owner of the database could."""
    with engine.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(text(statement))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_leaf SET leaf_hash = decode(repeat('00', 32), 'hex') WHERE idx = 20",
        "DELETE FROM ledger_leaf WHERE idx = 20",
        "DELETE FROM ledger_leaf WHERE idx = 16",
        "UPDATE ledger_node SET hash = decode(repeat('00', 32), 'hex')",
        "DELETE FROM ledger_node",
        "DELETE FROM ledger_checkpoint",
        "UPDATE ledger_checkpoint SET note = replace(note, chr(10) || '21', chr(10) || '20')",
    ],
    ids=["leaf", "last", "middle", "node", "no nodes", "no checkpoint", "note"],
)
def test_a_tree_that_was_changed_is_not_signed(
    ledger_engine: Engine, access: LedgerAccess, statement: str
):
    """What was signed before must be the beginning of what is signed next."""
    _append(access, *range(21))
    access.integrate()
    _tamper(ledger_engine, statement)
    _append(access, 21)

    with pytest.raises(LedgerBrokenError):
        access.integrate()
    assert not _verify(access).valid


def test_an_entry_that_was_changed_is_found(ledger_engine: Engine, access: LedgerAccess):
    """By verifying; the integrator looks at the tree only."""
    _append(access, *range(5))
    access.integrate()
    _tamper(
        ledger_engine,
        "UPDATE ledger_entry SET body = set_byte(body, 20, get_byte(body, 20) # 1) WHERE seq = 3",
    )

    report = _verify(access)

    assert {error.index for error in report.errors if error.index is not None} == {2}


def test_an_entry_that_was_removed_is_found(ledger_engine: Engine, access: LedgerAccess):
    """Its leaf is still there."""
    _append(access, *range(5))
    access.integrate()
    _tamper(ledger_engine, "DELETE FROM ledger_entry WHERE seq = 3")

    assert [(each.index, each.what) for each in _verify(access).errors] == [
        (2, "the entry is missing")
    ]


def test_another_key_takes_over(ledger_engine: Engine, access: LedgerAccess):
    """It signs on only when it knows the key that signed before."""
    _append(access, 0)
    access.integrate()
    usurper = LedgerAccess(ledger_engine, signer=SUCCESSOR)
    successor = LedgerAccess(ledger_engine, signer=SUCCESSOR, former_keys=[SIGNER.verifier_key])
    _append(access, 1)

    with pytest.raises(LedgerBrokenError, match="not ours"):
        usurper.integrate()

    assert successor.integrate().size == 2
    assert _verify(successor).valid
    assert not _verify(access).valid


def test_a_ledger_that_cannot_be_reached_says_so(ledger_engine: Engine, access: LedgerAccess):
    """Reading and integrating alike."""
    with ledger_engine.begin() as connection:
        connection.execute(text("DROP TABLE ledger_leaf"))

    with pytest.raises(LedgerUnavailableError):
        access.integrate()
    with access.snapshot() as reader, pytest.raises(LedgerUnavailableError):
        reader.size()
