"""What whoever runs the service is told, from a real database, and whether a part can work."""

import json
import re
import shutil
import socket
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from http.client import HTTPConnection
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, text

from services.audit.integrity.seen import metrics
from services.audit.integrity.seen.postgres_usable import Lacking, what_lacks
from services.audit.integrity.seen.showing import shown
from services.platform.database.engine import open_engine
from services.platform.keys.files import FileKeyVault
from services.platform.keys.vault import KeyVault
from services.platform.logging import LogEvent, configure_logging
from services.platform.settings import Settings
from tests.support.audit.office_world import AuditOffice, an_audit_office
from tests.support.seen import known_series, metrics_tell
from tests.support.waiting import GENEROUS

pytestmark = [pytest.mark.postgres, pytest.mark.enable_socket]
_AWAY = "postgresql+psycopg://nobody@127.0.0.1:1/x"
_ROLES = ("tell_once_app", "tell_once_relay", "tell_once_aggregation", "tell_once_connectors")
_LINE = re.compile(r"(?m)^([a-z_]+)(\{[^}]*\})? ([0-9.e+-]+)$")


@pytest.fixture
def office(engine: Engine, vault: KeyVault, tmp_path: Path) -> Iterator[AuditOffice]:
    """Give a world whose backups leave word of themselves."""
    backups = tmp_path / "backup.json"
    with an_audit_office(engine, vault, tmp_path, backup_state=backups) as world:
        made = world.clock.now().astimezone(UTC).isoformat()
        backups.write_text(json.dumps({"made_at": made, "restored_at": None}))
        yield world


def _told(office: AuditOffice, folder: Path) -> dict[str, float]:
    written = metrics_tell(office.running.relay, folder, office.watched)
    return {name + (labels or ""): float(n) for name, labels, n in _LINE.findall(written)}


def test_the_relay_tells_what_waits_and_how_everything_stands(office: AuditOffice, tmp_path: Path):
    """With its own rights: every name and label is one of the list; what is away says only that."""
    with office.running.outside.engine.begin() as connection:
        connection.execute(
            text("""
                INSERT INTO parked (parked_id, source, ref, position, field, reason, sealed, at)
                VALUES ('p1', 'schools', '\\x01', 0, 'upn', 'not-valid', '\\x00', now())
            """)
        )
        connection.execute(
            text("INSERT INTO source_status VALUES ('schools', :heard, :heard)"),
            {"heard": datetime(2000, 1, 1, tzinfo=UTC)},
        )
        _make_late(connection)
    office.count()

    told = _told(office, tmp_path)
    gone = open_engine(_AWAY)
    away = metrics_tell(replace(office.running.relay, engine=gone), tmp_path, office.watched)

    assert told["tell_once_measured"] == 1
    assert told['tell_once_parked_messages{source="schools"}'] == 1
    assert told['tell_once_parked_messages{source="health-visiting"}'] == 0
    assert told['tell_once_source_silent_seconds{source="schools"}'] > 1e8
    assert told["tell_once_backup_age_seconds"] == 0
    assert told['tell_once_integrity{part="backup",stands="whole"}'] == 1
    assert told['tell_once_integrity{part="alarm",stands="unknown"}'] == 1
    assert told["tell_once_withdrawals_let_through"] == 0
    assert told["tell_once_ledger_waiting_entries"] == 0
    assert told["tell_once_follow_up_late_seconds"] > 1e8
    assert told["tell_once_service_requests_undelivered"] == 1
    assert told["tell_once_partner_mail_waiting_seconds"] > 1e8
    assert told["tell_once_partner_mail_untold_seconds"] > 1e8
    assert told["tell_once_partners_overdue"] == 1
    assert told["tell_once_feed_age_seconds"] > 1e8
    assert {name.partition("{")[0] for name in told} <= known_series()
    assert [line for line in away.splitlines() if not line.startswith("#")] == [
        "tell_once_measured 0.0"
    ]


_LATE = """
INSERT INTO person (person_id, created_at) VALUES ('late', :then);
INSERT INTO connection (connection_id, reference, service_id, partner_code, person_id, asked_by,
        agency_code, status, version, categories, agreed_until, changed_at, respond_by, undelivered)
    VALUES ('c', 'r', gen_random_uuid(), 'p', 'late', 'w', 'a', 'sent', 1, '{}', :then, :then,
        :then, 'bounced');
INSERT INTO answering_mail (message_id, connection_id, partner_code, person_ref, kind, queued_at,
        failed_at)
    VALUES ('m1', 'c', 'p', 'x', 'request', :then, NULL), ('m2', 'c', 'p', 'y', 'request', :then,
        :then);
INSERT INTO directory_partner VALUES ('p', 'P', 'Charity', NULL, NULL, false, 'w', :then);
INSERT INTO community_partner
    VALUES ('p', 1, '', false, 'w', 'v', 'o', :then, NULL, NULL, NULL);
INSERT INTO directory_feed (feed_id, name, url, version, added_by, added_at)
    VALUES ('f', 'F', 'https://f.example', '3.0', 'w', :then)
"""


def _make_late(connection: Connection) -> None:
    """A request, two mails, a partner and a feed of long ago."""
    for statement in _LATE.split(";"):
        connection.execute(text(statement), {"then": datetime(2000, 1, 1, tzinfo=UTC)})


def test_a_part_is_ready_only_while_it_can_enter_and_has_its_keys(
    database: str, keys_folder: Path, tmp_path: Path
):
    """A database that is away, one that only reads, and keys that are not there any more."""
    own = tmp_path / "own"
    shutil.copytree(keys_folder, own)
    vault = FileKeyVault.open_known(own / "root.key")

    usable = [_lacking(open_engine(database, role=role), vault) for role in _ROLES]
    reading = open_engine(database, options="-c default_transaction_read_only=on")
    only_reads = _lacking(reading, vault)
    away = _lacking(open_engine(_AWAY), vault)
    (own / "wrapping-keys").rename(own / "gone")
    without_keys = _lacking(open_engine(database), vault)

    assert usable == [(), (), (), ()]
    assert only_reads == (Lacking.LEDGER,)
    assert away == (Lacking.DATABASE,)
    assert without_keys == (Lacking.KEYS,)


def _lacking(engine: Engine, vault: KeyVault) -> Sequence[Lacking]:
    try:
        return what_lacks(engine, vault)
    finally:
        engine.dispose()


def test_a_process_without_pages_answers_on_a_port_of_its_own(office: AuditOffice):
    """Alive though the database is away, and not ready; a line in the log is counted."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = Settings(metrics_port=port)
    gone = open_engine(_AWAY)
    outside = replace(office.running.relay, engine=gone)
    log = configure_logging("relay")

    with shown(settings, outside, log, of=metrics.OF_CONSUMERS) as showing:
        log.warning(LogEvent.STEP_FAILED, error="X")
        assert showing.turning(lambda: 7)() == 7
        live, ready, told, head, other = (
            _asked(port, method, path)
            for method, path in (
                ("GET", "/health/live"),
                ("GET", "/health/ready"),
                ("GET", "/metrics"),
                ("HEAD", "/metrics"),
                ("GET", "/metrics?x=1"),
            )
        )
        showing._turned_at -= 3600
        hangs = _asked(port, "GET", "/health/live")
        with shown(settings, outside, log):
            taken = "goes on"

    assert live == (200, '{"ok": true, "lacking": []}')
    assert ready == (503, '{"ok": false, "lacking": ["database"]}')
    assert 'tell_once_log_events_total{event="step_failed"} 1.0' in told[1]
    assert (head, other) == ((200, ""), (404, "{}"))
    assert hangs == (503, '{"ok": false, "lacking": ["turning"]}')
    assert taken


def _asked(port: int, method: str, path: str) -> tuple[int, str]:
    connection = HTTPConnection("127.0.0.1", port, timeout=GENEROUS)
    try:
        connection.request(method, path)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()
