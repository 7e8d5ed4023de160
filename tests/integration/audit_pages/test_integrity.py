"""Integrity: whole only where all is known; red and told once where anything is off; proofs."""

import base64
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text

from consent.ledger.events import LedgerEvent
from consent.transparency.checkpoint import TlogProof
from consent.transparency.signed_note import parse_note
from services.__main__ import main
from services.audit.integrity.alarms import watch_integrity
from services.audit.integrity.postgres_facts import keep_refusal
from services.audit.integrity.postgres_looking import AlarmTo, Integrity, Watched, look_at_integrity
from services.audit.integrity.postgres_passes import LedgerPass, keep_pass
from services.audit.integrity.standing import Stands, WatchedPart
from services.ledger.postgres_access import SignedCopy
from services.ledger.witness.postgres import WitnessAddress
from services.platform.keys.vault import KeyVault
from services.platform.messages.ports import Message, MessageChannel
from services.work import unit_of_work
from services.workers.relaying import send_due
from tests.support.audit.office_world import AuditOffice, an_audit_office, looks
from tests.support.ledger.ledger_builders import SIGNER
from tests.support.ledger.witness_builders import COSIGNER
from tests.support.portal.pages import PageClient

pytestmark = pytest.mark.postgres
NUMBER, HOOK = "+447700900123", "https://listens.example/alarms"


@pytest.fixture
def backup(tmp_path: Path) -> Path:
    """Give the file in which backups say that they were made."""
    return tmp_path / "backup.json"


@pytest.fixture
def world(engine: Engine, vault: KeyVault, tmp_path: Path, backup: Path) -> Iterator[AuditOffice]:
    """An office of which everything is known and whole."""
    alarms = (AlarmTo(MessageChannel.SMS, NUMBER), AlarmTo(MessageChannel.WEBHOOK, HOOK))
    named = {"witnesses": (_WITNESS,), "backup_state": backup, "alarms": alarms}
    with an_audit_office(engine, vault, tmp_path, **named) as found:
        found.append(*looks(3, by=found.visitor, at=found.clock.now()))
        _back_up(backup, found)
        _pass(found, faults=())
        _cosign(found)
        watch_integrity(found.running.relay, found.watched)
        yield found


_WITNESS = WitnessAddress(COSIGNER.verifier_key, "https://witness.example")


def _back_up(file: Path, world: AuditOffice, *, hours: float = 7) -> None:
    made = world.clock.now() - timedelta(hours=hours)
    document = {"made_at": made.isoformat(), "restored_at": made.isoformat()}
    file.write_text(json.dumps(document))


def _pass(world: AuditOffice, *, faults: tuple[str, ...]) -> None:
    now = world.clock.now()
    found = LedgerPass(now, now, 40, 2, 0, len(faults), faults, "operator:tester")
    with world.running.outside.engine.begin() as connection:
        keep_pass(connection, found)


def _cosign(world: AuditOffice) -> None:
    with world.access.snapshot() as reader:
        stored = reader.signed_checkpoint()
    assert stored is not None
    line = COSIGNER.cosign(parse_note(stored.note).text, at=world.clock.now())
    world.access.keep_cosignature(stored.size, COSIGNER.verifier_key, line)


def _look(world: AuditOffice, watched: Watched | None = None) -> Integrity:
    outside = world.running.portal
    with unit_of_work(outside) as work:
        found = watched or world.watched
        return look_at_integrity(work.connection, found, outside.vault, work.now)


def _off(found: Integrity) -> list[WatchedPart]:
    return [one.part for one in found.findings if one.stands is Stands.OFF]


class _Carrier:
    """Takes messages, or says that it is away."""

    def __init__(self) -> None:
        self.taken: list[Message] = []

    @property
    def channels(self) -> frozenset[MessageChannel]:
        return frozenset(MessageChannel)

    def send(self, message: Message, *, reference: str) -> None:  # noqa: ARG002 of the port
        self.taken.append(message)


class _Silent:
    def __getattr__(self, _: str) -> Any:
        return lambda *_, **__: None


def test_whole_is_said_only_where_everything_is_known_and_none_is_off(
    world: AuditOffice, tmp_path: Path
) -> None:
    """Each thing that is not known takes the green away, and is no alarm."""
    page = world.office.browser(world.office.governance).get("/audit/integrity")
    unknown = {
        WatchedPart.BEGINNING: replace(world.watched, copy=SignedCopy(tmp_path / "none")),
        WatchedPart.WITNESSES: replace(world.watched, witnesses=()),
        WatchedPart.BACKUP: replace(world.watched, backup_state=None),
        WatchedPart.ALARM: replace(world.watched, alarms=()),
    }

    assert _look(world).stands is Stands.WHOLE
    assert "Whole" in page.text
    assert "Nothing is off" in page.text
    for part, watched in unknown.items():
        found = _look(world, watched)
        assert (found.stands, found.of(part).stands) == (Stands.UNKNOWN, Stands.UNKNOWN)
        assert _off(found) == []


def test_each_thing_that_is_off_is_red_with_what_to_do(world: AuditOffice, backup: Path) -> None:
    """A row, a witness, a backup: each by itself, and the page names the runbook."""
    browser = world.office.browser(world.office.governance)
    _pass(world, faults=("row sharing-decision 7d state 2: is not as it was written",))
    assert _off(_look(world)) == [WatchedPart.ROWS]
    page = browser.get("/audit/integrity")
    _pass(world, faults=())
    _back_up(backup, world, hours=30)
    late = _off(_look(world))
    backup.unlink()
    gone = _off(_look(world))
    _back_up(backup, world)
    with world.running.relay.engine.begin() as connection:
        at = world.clock.now() + timedelta(days=4000)  # after the database's own clock
        keep_refusal(connection, COSIGNER.verifier_key, 409, at)
    refused = _off(_look(world))

    assert "Not whole: 1 thing is off" in page.text
    assert "Runbook 004" in page.text
    assert "is not as it was written" in page.whole_text
    assert page.title.startswith("Integrity: not whole")
    assert (late, gone, refused) == (
        [WatchedPart.BACKUP],
        [WatchedPart.BACKUP],
        [WatchedPart.WITNESSES],
    )


def test_a_restored_database_and_one_that_nobody_watches_are_off(world: AuditOffice) -> None:
    """The copy beside the key knows of more; and the relay has not looked for an hour."""
    whole = Path(str(world.watched.copy._path)).read_text()
    more = SIGNER.sign_checkpoint(size=10_000, root=bytes(32))
    world.watched.copy._path.write_text(more)
    restored = _off(_look(world))
    world.watched.copy._path.write_text(whole)
    world.access.integrate()
    world.clock.pass_by(timedelta(hours=1))
    forgotten = _off(_look(world))

    assert restored == [WatchedPart.BEGINNING]
    assert forgotten == [WatchedPart.WATCH]


def test_an_alarm_goes_out_once_a_change_and_is_entered(world: AuditOffice) -> None:
    """To the number and the webhook, naming parts and nobody; not again while nothing changes."""
    carrier, relay = _Carrier(), world.running.relay
    assert send_due(relay, carrier, _Silent()) == 0
    _pass(world, faults=("row decision 7d state 2: is not as it was written",))

    for _ in range(3):
        watch_integrity(relay, world.watched)
    assert send_due(relay, carrier, _Silent()) == 2
    _pass(world, faults=())
    watch_integrity(relay, world.watched)
    better = send_due(relay, carrier, _Silent())
    _pass(world, faults=("another",))
    watch_integrity(relay, world.watched)
    again = send_due(relay, carrier, _Silent())

    assert [message.to for message in carrier.taken[:2]] == [NUMBER, HOOK]
    assert "Off: rows against ledger" in carrier.taken[0].text
    assert "7d" not in carrier.taken[0].text
    assert (better, again) == (0, 2)
    changed = world.running.ledger(LedgerEvent.INTEGRITY_CHANGED)
    assert [(e.fields["standing"], list(e.fields["parts"])) for e in changed[-3:]] == [  # type: ignore[arg-type]
        ("off", ["rows"]),
        ("whole", []),
        ("off", ["rows"]),
    ]
    assert len(world.running.ledger(LedgerEvent.OUTGOING_MESSAGE_SENT)) == 4


def _prove(browser: PageClient, named: str) -> bytes:
    answer = browser.http.get(f"/audit/integrity/proof/{named}/file")
    assert answer.status_code == 200
    assert "attachment" in answer.headers["content-disposition"]
    return answer.content


def test_a_proof_of_any_entry_or_row_verifies_without_us(
    world: AuditOffice, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """By its number, its id, or the id of a row; one byte changed and it does not hold."""
    browser = world.office.browser(world.office.governance)
    look = world.running.ledger(LedgerEvent.PROFILE_READ)[0]
    with world.running.outside.engine.connect() as connection:
        row = connection.execute(text("SELECT practitioner_id FROM membership LIMIT 1"))
        worker = str(row.scalar_one())
    page = browser.get(f"/audit/integrity/proof/{look.entry_id}")
    by_form = browser.http.get("/audit/integrity/proof", params={"of": str(look.entry_id)})
    files = {named: _prove(browser, named) for named in ("0", str(look.entry_id), worker)}
    key = str(SIGNER.verifier_key)

    assert by_form.headers["location"] == f"/audit/integrity/proof/{look.entry_id}"
    assert "It is in the signed ledger" in page.text
    assert "profile:read" in page.text
    for content in files.values():
        file = tmp_path / "proof"
        file.write_bytes(content)
        assert main(["ledger", "check-proof", str(file), "--key", key]) == 0
    proof = TlogProof.parse(files[str(look.entry_id)])
    assert json.loads(proof.extra or b"")["entry_id"] == str(look.entry_id)
    body = base64.b64encode((proof.extra or b"").replace(b"profile:read", b"profile:rode"))
    original = base64.b64encode(proof.extra or b"")
    (tmp_path / "wrong").write_bytes(files[str(look.entry_id)].replace(original, body))
    assert main(["ledger", "check-proof", str(tmp_path / "wrong"), "--key", key]) == 1
    capsys.readouterr()
    assert (
        "No entry and no row has this number" in browser.get("/audit/integrity/proof/999999").text
    )
    assert browser.get("/audit/integrity/proof?of=not%20there", 422).errors
    asked = world.running.ledger(LedgerEvent.AUDIT_ASKED)
    assert {entry.fields["question"] for entry in asked} == {"integrity"}


def test_others_see_nothing_of_it(world: AuditOffice) -> None:
    """A refusal page, and an entry."""
    for who in (world.visitor, world.manager, world.office.administrator):
        for address in ("/audit/integrity", "/audit/integrity/proof/0/file"):
            page = world.office.browser(who).get(address, 403)
            assert page.heading == "Your role does not open this page"
    assert len(world.running.ledger(LedgerEvent.PAGE_REFUSED)) == 6
