"""The connector is killed with a mailbox's messages in its hands: none is lost, none is doubled.

The NHS's own server and client, a real PostgreSQL, the real process, kill -9.
"""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import text

from consent.ledger.events import LedgerEvent
from deploy.bench.invented.health_visiting import GeneratedMessage, generate_messages
from services.bootstrap import Application, DatabaseRole, opened
from services.platform.database.engine import Engine
from services.platform.settings import Settings
from tests.support.checkout import ROOT
from tests.support.fakes.in_process import InProcess, by_number
from tests.support.ledger.holding_proxy import HoldingProxy, a_proxy
from tests.support.mesh_sandbox import OURS, PASSWORD, SHARED_KEY, MeshSandbox
from tests.support.waiting import GENEROUS, eventually

pytestmark = [
    pytest.mark.mesh,
    pytest.mark.postgres,
    pytest.mark.enable_socket,
    pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning"),
]

_MESSAGES = 24
_CHILDREN = _MESSAGES // 4
_ALL = _MESSAGES + 1
_EVERYTHING = {
    "message_outcome": "source, ref, disposition, reason, withheld",
    "outbox": "aggregatetype, aggregateid, type",
    "parked": "parked_id, field, reason",
    "holding_health_visiting.held_message": "ref, record_keys",
    "ledger_entry": "body",
}


@pytest.fixture
def settings(tmp_path: Path, database: str) -> Settings:
    """Give the settings of an installation on a real database."""
    return Settings(data=tmp_path / "data", database=SecretStr(database))


@pytest.fixture
def application(settings: Settings) -> Iterator[Application]:
    """Give the same installation, to look on."""
    with opened(settings) as found:
        yield found


@pytest.fixture
def sent(mesh_sandbox: MeshSandbox) -> list[GeneratedMessage]:
    """Send messages about six children, and one that nobody can read."""
    messages = list(generate_messages(_MESSAGES, seed=11))
    for number, message in enumerate(messages):
        mesh_sandbox.send(message.xml, compress=bool(number % 2), chunk_bytes=2500)
    mesh_sandbox.send(b"<Bundle/>")
    return messages


@pytest.mark.parametrize(
    ("held", "is_in"),
    [
        pytest.param(lambda _, path: path.endswith("/acknowledged"), True, id="after the commit"),
        pytest.param(lambda _, path: path.count("/") == 5, False, id="while fetching"),
    ],
)
def test_killed_with_messages_in_its_hands(
    application: Application,
    mesh_sandbox: MeshSandbox,
    sent: list[GeneratedMessage],
    held: Callable[[str, str], bool],
    *,
    is_in: bool,
):
    """What was durable stays as it is, what was not comes in once; all of it leaves the mailbox."""
    with InProcess.running(application.outside(DatabaseRole.OWNER)) as running:
        for message in sent[:: 2 * (_MESSAGES // _CHILDREN)]:
            running.decide(by_number(message.nhs_number, message.date_of_birth))
        running.settle()
        engine = running.outside.engine

        with a_proxy(mesh_sandbox.url) as proxy:
            proxy.holds = held
            with connector(application.settings, proxy) as process:
                assert proxy.is_held.wait(GENEROUS)
                killed = everything_in(engine)
                process.kill()
                process.wait()
            assert len(waiting_in(mesh_sandbox)) == _ALL
            assert len(killed["message_outcome"]) == (_ALL if is_in else 0)
            proxy.let_go()

            with connector(application.settings, proxy) as process:
                assert eventually(lambda: not waiting_in(mesh_sandbox))
                process.terminate()
                assert process.wait(GENEROUS) == 0

        found = everything_in(engine)
        assert len(found["message_outcome"]) == _ALL
        assert found == killed or not is_in
        events = (LedgerEvent.PUBLICATION_PERMITTED, LedgerEvent.PUBLICATION_WITHHELD)
        assert len(running.ledger(*events)) == _MESSAGES
        assert len(running.ledger(LedgerEvent.MESSAGE_PARKED)) == 1
        running.settle()
        assert records_of(running, sent)


@contextmanager
def connector(settings: Settings, proxy: HoldingProxy) -> Iterator["subprocess.Popen[bytes]"]:
    """The process that reads the mailbox, as `serve` starts it."""
    assert settings.database is not None
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "services", "connect", "health-visiting", "--mailbox"),
            *("--data", str(settings.data)),
        ],
        cwd=ROOT,
        env={
            **os.environ,
            "TELL_ONCE_DATABASE": settings.database.get_secret_value(),
            "TELL_ONCE_MESH_URL": proxy.url,
            "TELL_ONCE_MESH_MAILBOX": OURS,
            "TELL_ONCE_MESH_PASSWORD": PASSWORD,
            "TELL_ONCE_MESH_SHARED_KEY": SHARED_KEY,
            "TELL_ONCE_MESH_POLL_SECONDS": "0.1",
        },
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def waiting_in(sandbox: MeshSandbox) -> list[str]:
    """What our mailbox still has."""
    mailbox = sandbox.mailbox()
    try:
        return list(mailbox.list(500))
    finally:
        mailbox.close()


def everything_in(engine: Engine) -> dict[str, list[str]]:
    """What a batch writes, without times."""
    with engine.connect() as connection:
        return {
            table: sorted(
                repr(tuple(row))
                for row in connection.execute(text(f"SELECT {columns} FROM {table}"))  # noqa: S608
            )
            for table, columns in _EVERYTHING.items()
        }


def records_of(running: InProcess, sent: list[GeneratedMessage]) -> bool:
    """Whether the shared profile has all of the children who are permitted, and of nobody else."""
    per_child = _MESSAGES // _CHILDREN
    for number, message in enumerate(sent[::per_child]):
        person = running.person(by_number(message.nhs_number, message.date_of_birth))
        kinds = {type(r.payload).__name__ for r in running.stored(person)} if person else set()
        wanted = {"PersonDetails", "ContactDetails", "Involvement", "Occurrence"}
        if kinds != (set() if number % 2 else wanted):
            return False
    return True
