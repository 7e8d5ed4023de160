"""A process that dies between commit and answer: the partner sends again, and nothing changes."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx2
import pytest
from sqlalchemy import Engine, text

from schemas.vocabulary import Source
from services.platform.clock import SystemClock
from services.platform.keys.files import FileKeyVault
from services.platform.keys.hashing import KeyedHasher
from services.platform.keys.vault import SecretName
from services.work import Outside
from tests.support.checkout import ROOT
from tests.support.clock import StandingClock
from tests.support.fakes.in_process import InProcess
from tests.support.messages.cloud_events import an_event
from tests.support.messages.csc import a_child, csc
from tests.support.messages.nems_messages import professional_contact
from tests.support.partners import NORTHFIELD
from tests.support.partners_database import (
    PartnersOnDatabase,
    dispositions_of,
    partners_on,
    the_patient,
)

pytestmark = [pytest.mark.postgres, pytest.mark.enable_socket]

_PROGRAM = """
import os, socket, sys
from pathlib import Path
import uvicorn
from services.bootstrap import opened
from services.interfaces.servers import machines_alone
from services.platform.settings import Settings

def dying(app):
    async def serve(scope, receive, send):
        async def send_or_die(message):
            if message["type"] == "http.response.start" and scope["path"] == "/partners/v1/events":
                os._exit(9)
            await send(message)
        await app(scope, receive, send_or_die)
    return serve

with socket.socket() as listening, opened(
    Settings(data=Path(sys.argv[1]), database=sys.argv[2])
) as application:
    listening.bind(("127.0.0.1", 0))
    listening.listen()  # before the address is told, so that nobody who hears it is refused
    print(listening.getsockname()[1], flush=True)
    config = uvicorn.Config(dying(machines_alone(application)), log_level="error")
    uvicorn.Server(config).run(sockets=[listening])
"""
# Every table that a push writes, without what a clock or an order puts in it.
_WRITTEN = {
    "message_outcome": "source, ref, disposition, reason, withheld",
    "withheld_token": "token, source, ref",
    "published_subject": "source, person_id",
    "person_token": "token, person_id, kind",
    "outbox": "aggregatetype, aggregateid, type, headers, payload",
    "ledger_entry": "entry_id, body",
    "partner_event": "event, first_at",
    "partner_withheld": "source, ref, receipt, asked_at",
    "parked": "source, ref, field, reason",
}
EVENTS = [
    an_event(professional_contact()),
    an_event(csc(a_child()), Source.SOCIAL_CARE),
    an_event(b"<Bundle/>"),
]


@pytest.fixture
def partners(engine: Engine, tmp_path: Path) -> Iterator[PartnersOnDatabase]:
    """Give the interfaces in this process, with the keys and the time of the other."""
    clock = StandingClock(SystemClock().now())
    vault = FileKeyVault.open(tmp_path / "keys" / "root.key")
    outside = Outside(engine, vault, KeyedHasher(vault.secret(SecretName.LINKING)), clock)
    with ExitStack() as stack:
        running = stack.enter_context(InProcess.running(outside))
        yield stack.enter_context(partners_on(running))


@pytest.fixture
def dying(database: str, tmp_path: Path) -> Iterator[str]:
    """Give the address of a process that dies when it is about to tell what became of a push."""
    with subprocess.Popen(
        [sys.executable, "-c", _PROGRAM, str(tmp_path), database],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
        process.kill()


def test_what_was_committed_unanswered_is_a_duplicate_when_it_comes_again(
    partners: PartnersOnDatabase, dying: str
):
    """Published, withheld and parked alike: the same answer but for that, and the same tables."""
    partners.running.decide(the_patient())
    secret = partners.onboard()
    told = httpx2.post(
        f"{dying}/oauth/token",
        data={
            "grant_type": "client_credentials",
            "client_id": NORTHFIELD,
            "client_secret": secret,
        },
    )
    headers = {
        "Authorization": f"Bearer {told.json()['access_token']}",
        "Content-Type": "application/cloudevents-batch+json",
    }

    with pytest.raises(httpx2.TransportError):
        httpx2.post(f"{dying}/partners/v1/events", json=EVENTS, headers=headers)
    before = written(partners)
    again = partners.push(*EVENTS)

    assert dispositions_of(again) == ["duplicate", "withheld", "parked"]
    assert written(partners) == before
    kept = partners.get("dispositions")["dispositions"]
    receipts = [one["receipt"] for one in again.json()["dispositions"]]
    assert sorted(one["receipt"] for one in kept) == sorted(receipts * 2)


def written(partners: PartnersOnDatabase) -> dict[str, list[str]]:
    """What is in every table that a push writes, but for sign-ins."""
    found: dict[str, list[str]] = {}
    with partners.running.outside.engine.connect() as connection:
        for table, columns in _WRITTEN.items():
            rows = connection.execute(text(f"SELECT {columns} FROM {table}"))  # noqa: S608 - ours
            plain = [repr(tuple(row)) for row in rows]
            found[table] = sorted(row for row in plain if "partner:authenticated" not in row)
    return found
