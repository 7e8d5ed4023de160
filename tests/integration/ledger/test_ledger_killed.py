"""An integrator that is killed leaves no gap, no fork and no doubled index."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from random import Random

import pytest
from sqlalchemy import Engine

from services.ledger.postgres_access import LedgerAccess
from services.ledger.postgres_tree import STRIDE
from services.ledger.verification import verify_ledger
from tests.support.checkout import ROOT
from tests.support.ledger.ledger_builders import SIGNER, an_entry
from tests.support.waiting import GENEROUS

pytestmark = pytest.mark.postgres

_KILLS = 5
_PROGRAM = """
import sys
from sqlalchemy import create_engine
from consent.transparency.checkpoint import LedgerSigner
from services.ledger.postgres_access import LedgerAccess
engine = create_engine(sys.argv[1])
access = LedgerAccess(engine, signer=LedgerSigner(sys.argv[2], bytes.fromhex(sys.argv[3])))
print("ready", flush=True)
while True:
    access.integrate()
"""


@contextmanager
def _integrator(url: str) -> Iterator[None]:
    """Run an integrator in a process of its own, and kill it at the end."""
    arguments = [url, SIGNER.name, SIGNER.private_key.hex()]
    process = subprocess.Popen(
        [sys.executable, "-c", _PROGRAM, *arguments], cwd=ROOT, stdout=subprocess.PIPE
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        yield
    finally:
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


def test_killing_the_integrator_leaves_the_ledger_whole(ledger_engine: Engine):
    """Whenever it dies, the next one goes on where the last commit was."""
    random = Random(11)
    access = LedgerAccess(ledger_engine, signer=SIGNER)
    url = ledger_engine.url.render_as_string(hide_password=False)
    written = 0

    for _ in range(_KILLS):
        with _integrator(url):
            before, began = _size(access), time.monotonic()
            deadline = began + random.uniform(0.05, 0.4)
            # it is killed at its work: on a busy machine it has none of it done by then
            while time.monotonic() < deadline or _size(access) == before:
                assert time.monotonic() < began + GENEROUS, "nothing is integrated"
                count = random.randrange(1, 60)
                access.append([an_entry(number=written + n) for n in range(count)])
                written += count
    done = access.integrate()

    assert done.size == written
    with access.snapshot() as reader:
        report = verify_ledger(reader.log(with_nodes=True), keys=access.keys, node_stride=STRIDE)
        assert reader.pending() == 0
    assert report.errors == ()
    assert report.entries == written
    assert report.checkpoints > _KILLS


def _size(access: LedgerAccess) -> int:
    with access.snapshot() as reader:
        return reader.size()
